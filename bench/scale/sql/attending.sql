-- Who came, as the team marked three in four of them, and who waits for a class that is full, or did.
INSERT INTO tickets_attendance (seat_id, account_id, presence, marked_by_id, marked_at, revision, returned_use)
SELECT seat.id, studio.account_id, CASE WHEN seat.id % 7 = 0 THEN 'absent' ELSE 'present' END, account.opened_by_id, ends_at,
    1, false
FROM studio JOIN accounts_account AS account ON account.id = studio.account_id
    JOIN tickets_seat AS seat USING (account_id) JOIN tickets_entry AS entry ON entry.id = entry_id
WHERE seat.cancelled_at IS NULL AND ends_at < now_at AND seat.id % 4 > 0;

CREATE TEMP TABLE full_class AS
SELECT DISTINCT ON (studio) studio.*, entry.id AS entry_id, starts_at, ticket0 + 3 * (singles + 1) + 1 AS ticket_id
FROM studio JOIN tickets_entry AS entry ON entry.series_id = series0 + singles + 1
WHERE starts_at > now_at + interval '4 days' ORDER BY studio, starts_at;

INSERT INTO tickets_waitlistrequest (account_id, entry_id, ticket_id, customer_id, uuid, names, is_guest, books_at_once,
    state, joined_at, ended_at, ended_because, skipped, look_at)
SELECT account_id, entry_id, ticket_id, customer0 + number, md5(format('waiting%s.%s', number, studio))::uuid,
    ARRAY['Person ' || number], false, false, 'waiting', now_at - interval '1 hour' / number, NULL, '', '', starts_at
FROM full_class, generate_series(1, least(waits, 100)) AS number
UNION ALL
SELECT account_id, CASE WHEN number % 2 = 0 THEN full_class.entry_id ELSE entry.id END,
    CASE WHEN number % 2 = 0 THEN ticket_id ELSE ticket0 + 3 * (entry.series_id - series0) + 1 END,
    customer0 + 1 + number % customers, md5(format('left%s.%s', number, studio))::uuid, ARRAY['Person ' || number],
    false, false, 'left', now_at - interval '2 days', now_at - interval '1 day' - interval '1 minute' * number, '', '', NULL
FROM full_class, generate_series(1, waits) AS number,
    LATERAL (SELECT id, series_id FROM tickets_entry WHERE id = entry0 + 1 + number % entries) AS entry;

UPDATE tickets_entryplaces AS places SET waiting = least(waits, 100)
FROM full_class WHERE places.entry_id = full_class.entry_id;

INSERT INTO tickets_ticketplaces AS places (account_id, entry_id, ticket_id, taken, waiting)
SELECT account_id, entry_id, ticket_id, 0, least(waits, 100) FROM full_class
ON CONFLICT (ticket_id, entry_id) DO UPDATE SET waiting = excluded.waiting;
