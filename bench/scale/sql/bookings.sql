-- Blocks of six bookings with ten seats: one paid, four by a member's offer, one of five free seats. Counters are
-- counted from what was inserted; so is how much of an offer was used.
CREATE TEMP TABLE booked AS
SELECT account_id, page_id, connection_id, now_at, booking0 + 6 * block + part AS id, block, part,
    use0 + turn + 1 AS use_id, payment0 + block + 1 AS payment_id, seat0 + 10 * block AS seat0,
    CASE WHEN block < 2 THEN entries
        ELSE 1 + (turn * 37 + turn / (customers - 2) * 11) % (entries - 1) END AS entry,
    CASE WHEN part = 6 AND block BETWEEN 2 AND busy + 1 THEN 1 ELSE 2 + turn % (customers - 2) END AS customer,
    entry0, customer0, ticket0, member0, offer_everybody, series0,
    block % 2 = 1 AND (block < 100 OR block % 50 = 1) AS withdrawn,
    block % 2 = 0 AND (block < 100 OR block % 26 = 0) AS refunded,
    now_at - interval '390 days' + interval '390 days' * (6 * block + part) / (6 * blocks + 7) AS made_at
FROM studio, generate_series(0, blocks - 1) AS block, generate_series(1, 6) AS part,
    LATERAL (SELECT 4 * block::bigint + part - 2 AS turn WHERE part BETWEEN 2 AND 5
        UNION ALL SELECT 4 * block::bigint + part WHERE part IN (1, 6)) AS turns;

ALTER TABLE booked ADD ticket bigint;
UPDATE booked SET ticket = booked.ticket0 + 3 * (entry.series_id - booked.series0)
    + CASE part WHEN 1 THEN 2 WHEN 6 THEN 1 ELSE 0 END
FROM tickets_entry AS entry WHERE entry.id = booked.entry0 + booked.entry;
ANALYZE booked;

INSERT INTO tickets_booking (id, account_id, page_id, customer_id, uuid, key, channel, state, created_at)
SELECT id, account_id, page_id, customer0 + customer, md5('booking' || id)::uuid, md5('key' || id)::uuid, 'customer',
    'booked', made_at
FROM booked ORDER BY id;

INSERT INTO tickets_payment (id, account_id, booking_id, connection_id, uuid, session, intent, amount, currency, state,
    refunded, withdrawn, opened_at, paid_at)
SELECT payment_id, account_id, id, connection_id, md5('payment' || payment_id)::uuid, 'cs_scale_' || payment_id,
    'pi_scale_' || payment_id, 1200, 'GBP', 'paid', CASE WHEN refunded THEN 400 ELSE 0 END,
    CASE WHEN withdrawn THEN 1200 ELSE 0 END, made_at, made_at
FROM booked WHERE part = 1 ORDER BY payment_id;

CREATE TEMP TABLE used AS
SELECT booked.*, (entry.starts_at AT TIME ZONE 'UTC')::date AS event_on,
    date_trunc('month', entry.starts_at AT TIME ZONE 'UTC')::date AS starts_on, 0::bigint AS period_id
FROM booked JOIN tickets_entry AS entry ON entry.id = booked.entry0 + booked.entry
WHERE part BETWEEN 2 AND 5;

INSERT INTO offers_usageperiod (account_id, offer_id, member_id, starts_on, ends_on, ceiling, used, closed_at,
    left_unused)
SELECT account_id, offer_everybody, member0 + customer, starts_on, ends_on, 1000, count(*),
    CASE WHEN ends_on <= now_at::date THEN ends_on::timestamptz END,
    CASE WHEN ends_on <= now_at::date THEN 1000 - count(*) END
FROM used, LATERAL (SELECT (starts_on + interval '1 month')::date AS ends_on) AS until
GROUP BY account_id, offer_everybody, member0 + customer, starts_on, ends_on, now_at;
ANALYZE offers_usageperiod;

INSERT INTO offers_offeruse (id, account_id, period_id, seat, kind, event_on, created_at, why)
SELECT use_id, used.account_id, period.id, md5('seat' || used.seat0 + part)::uuid, 'exclusive', event_on, made_at, ''
FROM used JOIN offers_usageperiod AS period ON period.offer_id = offer_everybody
    AND period.member_id = member0 + customer AND period.starts_on = used.starts_on
ORDER BY use_id;

INSERT INTO tickets_seat (id, account_id, booking_id, entry_id, ticket_id, customer_id, uuid, attendee_name,
    attendee_email, self_attendee_id, is_for_booker, use_id, price, amount, payment_id, created_at, cancelled_at,
    cancelled_by)
SELECT seat_id, account_id, id, entry_id, ticket, customer_id, md5('seat' || seat_id)::uuid, name, '',
    CASE WHEN part BETWEEN 2 AND 5 THEN customer_id END, part BETWEEN 2 AND 5,
    CASE WHEN part BETWEEN 2 AND 5 THEN use_id END, price, price, CASE WHEN part = 1 THEN payment_id END, made_at,
    CASE WHEN is_cancelled THEN made_at + interval '1 hour' END, CASE WHEN is_cancelled THEN 'customer' ELSE '' END
FROM (
    SELECT booked.*, seat0 + part + more AS seat_id, entry0 + entry AS entry_id,
        customer0 + customer AS customer_id, CASE WHEN part = 1 THEN 1200 ELSE 0 END AS price,
        more = 4 AND block % 10 = 9 AS is_cancelled,
        CASE WHEN more > 0 THEN 'Guest ' || more ELSE 'Attendee ' || customer END AS name
    FROM booked, LATERAL generate_series(0, CASE WHEN part = 6 THEN 4 ELSE 0 END) AS more
) AS seat
ORDER BY seat_id;
ANALYZE tickets_seat;

INSERT INTO tickets_entryplaces (entry_id, account_id, capacity, taken, revision)
SELECT entry.id, entry.account_id,
    CASE WHEN entry.series_id = series0 + singles + 1 THEN greatest(coalesce(taken, 0), 1)
        ELSE greatest(60, coalesce(taken, 0) + 5) END, coalesce(taken, 0), 0
FROM studio JOIN tickets_entry AS entry USING (account_id)
LEFT JOIN (
    SELECT entry_id, count(*) AS taken FROM tickets_seat WHERE cancelled_at IS NULL GROUP BY entry_id
) AS live ON live.entry_id = entry.id
ORDER BY entry.id;

INSERT INTO tickets_ticketplaces (account_id, entry_id, ticket_id, taken)
SELECT account_id, entry_id, ticket_id, count(*) FROM tickets_seat JOIN studio USING (account_id)
WHERE cancelled_at IS NULL GROUP BY account_id, entry_id, ticket_id ORDER BY entry_id, ticket_id;

INSERT INTO tickets_party (account_id, entry_id, customer_id, seats, allowed)
SELECT account_id, entry_id, customer_id, count(*), count(*) FROM tickets_seat JOIN studio USING (account_id)
WHERE cancelled_at IS NULL AND use_id IS NOT NULL GROUP BY account_id, entry_id, customer_id ORDER BY entry_id;

INSERT INTO tickets_refund (account_id, payment_id, uuid, amount, reason, state, stripe_id, trouble, tries, due_at,
    created_at, done_at)
SELECT account_id, payment_id, md5('refund' || payment_id)::uuid, 400, 'operator', 'done', 're_scale_' || payment_id,
    '', 0, made_at, made_at, made_at
FROM booked WHERE part = 1 AND refunded;

INSERT INTO tickets_refundedseat (account_id, refund_id, seat_id, amount)
SELECT refund.account_id, refund.id, seat.id, refund.amount
FROM studio JOIN tickets_refund AS refund USING (account_id) JOIN tickets_seat AS seat USING (payment_id);

INSERT INTO tickets_dispute (account_id, connection_id, payment_id, stripe_id, intent, status, state, reason, amount,
    currency, withdrawn, answer_by, opened_at, closed_at, revision)
SELECT account_id, connection_id, payment_id, 'du_scale_' || payment_id, 'pi_scale_' || payment_id, status, state,
    'fraudulent', 1200, 'GBP', 1200, CASE WHEN state = 'open' THEN now_at + interval '7 days' END, made_at,
    CASE WHEN state = 'lost' THEN made_at + interval '30 days' END, 0
FROM booked, LATERAL (
    SELECT CASE WHEN block < 20 THEN 'open' ELSE 'lost' END AS state,
        CASE WHEN block < 20 THEN 'needs_response' ELSE 'lost' END AS status
) AS now_is
WHERE part = 1 AND withdrawn;

-- Every hundredth free seat was 12.00 in cash, and 6.00 more are still to pay for it.
CREATE TEMP TABLE taken AS
SELECT account_id, customer0 + customer AS customer_id, seat0 + part AS seat_id, made_at
FROM booked WHERE part = 6 AND block % 100 = 0;
UPDATE tickets_seat AS seat SET owed = 1800 FROM taken WHERE seat.id = taken.seat_id AND seat.cancelled_at IS NULL;

-- In one statement: at its end the lines of a payment have to add up to it.
WITH made AS (
    INSERT INTO tickets_studiopayment
        (account_id, customer_id, uuid, amount, currency, method, taken_at, note, created_at)
    SELECT taken.account_id, taken.customer_id, md5('taken' || seat_id)::uuid, 1200, 'GBP', 'cash', made_at, '', made_at
    FROM taken JOIN tickets_seat AS seat ON seat.id = seat_id AND seat.owed = 1800 ORDER BY seat_id
    RETURNING account_id, id, uuid)
INSERT INTO tickets_studiopaymentline (account_id, payment_id, seat_id, amount, forgiven)
SELECT made.account_id, made.id, seat_id, 1200, 0 FROM taken JOIN made ON made.uuid = md5('taken' || seat_id)::uuid;
DROP TABLE taken;

-- One code of each studio, by which every hundredth paid booking was made.
INSERT INTO tickets_discountcode (account_id, code, folded, note, percent, for_all, enabled, key, created_at)
SELECT account_id, 'SPRING10', 'springio', '', 10, true, true, md5('code' || account_id)::uuid, now_at
FROM studio;

INSERT INTO tickets_coderedemption (account_id, code_id, booking_id, customer_id, created_at)
SELECT booked.account_id, code.id, booked.id, customer0 + customer, made_at
FROM booked JOIN tickets_discountcode AS code USING (account_id)
WHERE part = 1 AND block % 100 = 0 ORDER BY booked.id;

INSERT INTO tickets_codeuses (code_id, account_id, used)
SELECT code.id, code.account_id, count(line.id) FROM tickets_discountcode AS code
LEFT JOIN tickets_coderedemption AS line ON line.code_id = code.id GROUP BY code.id;

INSERT INTO tickets_codecustomer (account_id, code_id, customer_id, used)
SELECT account_id, code_id, customer_id, count(*) FROM tickets_coderedemption GROUP BY account_id, code_id, customer_id;

-- One seat in ten came in by a list of another system's bookings.
INSERT INTO tickets_importedseat (account_id, key, reference, seat_id)
SELECT account_id, md5('imported' || seat.id)::uuid, 'OLD' || seat.id, seat.id
FROM studio JOIN tickets_seat AS seat USING (account_id) WHERE (seat.id - seat0) % 10 = 0
ORDER BY seat.id;
