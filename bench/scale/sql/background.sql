-- What comes and goes in the background: emails, Stripe events, long jobs, logins. Nothing of it is due.
INSERT INTO accounts_letter (account_id, kind, recipient, reply_to, subject, text, html, calendar, created_at, due_at,
    attempts, sent_at, failed_at, error, fault, fault_since, message_id)
SELECT account_id, 'booked', format('person%s.%s@example.org', 1 + number % customers, studio), '',
    format('You’re booked (%s)', number), repeat('You’re booked. ', 20), repeat('<p>You’re booked.</p>', 20), '',
    made_at, made_at, 1, CASE WHEN number % 100 <> 50 THEN made_at END, CASE WHEN number % 100 = 50 THEN made_at END,
    CASE WHEN number % 100 = 50 THEN 'No such mailbox' ELSE '' END,
    CASE WHEN number % 100 = 50 THEN 'address' ELSE '' END, CASE WHEN number % 100 = 50 THEN made_at END,
    format('<%s.%s@scale>', number, studio)
FROM studio, generate_series(1, letters) AS number,
    LATERAL (SELECT now_at - interval '80 days' * (1 - number::float / letters) AS made_at) AS made
ORDER BY studio, number;

INSERT INTO accounts_emailblock (account_id, email, reason, detail, created_at)
SELECT account_id, format('person%s.%s@example.org', number, studio), 'bounced', '550', now_at - interval '1 day'
FROM studio, generate_series(1, least(customers, 100 + customers / 100)) AS number;

INSERT INTO payments_stripeevent (connection_id, stripe_id, type, subject, api_version, created_at, payload, source,
    state, attempts, due_at, error, received_at, handled_at)
SELECT connection_id, format('evt_scale_%s_%s', studio, number), 'customer.subscription.updated',
    format('sub_scale_%s', subscription0 + 1 + number % subscriptions), '2026-01-28', made_at,
    jsonb_build_object('id', format('evt_scale_%s_%s', studio, number), 'type', 'customer.subscription.updated',
        'data', jsonb_build_object('object', jsonb_build_object('object', 'subscription', 'note', repeat('x', 600)))),
    'webhook', CASE WHEN number <= 10 THEN 'dead' ELSE 'done' END, 1, made_at,
    CASE WHEN number <= 10 THEN 'Stripe did not answer' ELSE '' END, made_at, made_at
FROM studio, generate_series(1, events) AS number,
    LATERAL (SELECT now_at - interval '25 days' * (1 - number::float / events) AS made_at) AS made
ORDER BY studio, number;

INSERT INTO accounts_operation (id, account_id, kind, key, lane, who, state, phase, cursor, done, total, claims, due_at,
    attempts, error, created_at, changed_at, ended_at)
SELECT operation0 + number, account_id,
    CASE operations - number WHEN 1 THEN 'pasted' WHEN 2 THEN 'people' ELSE 'stripe' END,
    md5('operation' || operation0 + number)::uuid, '', '',
    CASE WHEN operations - number IN (0, 2) THEN 'waiting' ELSE 'done' END, 'judge', '{}', 10, 10, 1, made_at, 0, '', made_at,
    made_at, CASE WHEN operations - number NOT IN (0, 2) THEN made_at END
FROM studio, generate_series(1, operations) AS number,
    LATERAL (SELECT now_at - interval '60 days' * (1 - number::float / operations) AS made_at) AS made
ORDER BY operation0, number;

CREATE TEMP TABLE billed AS SELECT jsonb_build_object('price', 'price_1', 'product', 'prod_1', 'nickname', '', 'amount', '4000', 'plain', true,
        'currency', 'GBP', 'interval', 'month', 'count', 1, 'quantity', 1, 'monthly', '4000.0000') AS item;

INSERT INTO accounts_listimport (id, account_id, operation_id, source, found, mapping, made, counts, created_at,
    forgotten_at)
SELECT import0 + number, account_id, operation0 + number, 'stripe',
    jsonb_build_object('products', '{"prod_1": "Silver"}'::jsonb, 'prices',
        jsonb_build_array(item || jsonb_build_object('subscribers', import_rows))), '{"choices": {}}', '{}', '{}',
    now_at - interval '60 days' * (1 - number::float / operations),
    CASE WHEN number < operations THEN now_at END
FROM studio, billed, generate_series(1, operations) AS number
WHERE operations - number NOT IN (1, 2);

INSERT INTO accounts_listimport (id, account_id, operation_id, source, found, mapping, made, counts, created_at)
SELECT import0 + operations - 2, account_id, operation0 + operations - 2, 'people',
    jsonb_build_object('columns', '["Name", "Email", "Group"]'::jsonb, 'rows', import_rows, 'samples',
        '[["Person 1"], ["listed1@example.org"], ["Few"]]'::jsonb, 'guessed', '["name", "email", "group"]'::jsonb,
        'day_order', 'dmy', 'days', '[]'::jsonb),
    '{"columns": ["name", "email", "group"], "day_order": "dmy", "groups": {"few": "new"}, "group_names": {"few": "Few"}}',
    '{}', '{}', now_at - interval '1 day'
FROM studio;

INSERT INTO groups_pastedlist (account_id, group_id, operation_id, tell, created_at)
SELECT account_id, everybody, operation0 + operations - 1, false, now_at - interval '1 day'
FROM studio;

INSERT INTO groups_pastedpart (account_id, pasted_list_id, number, text, rows, new, already, repeated, left_over, done_at)
SELECT pasted.account_id, pasted.id, number, '', 1000, 900, 99, 0, '[["ada at home", "No address"]]', now_at
FROM studio JOIN groups_pastedlist AS pasted USING (account_id), generate_series(1, 1 + customers / 1000) AS number;

INSERT INTO groups_memberchange (account_id, group_id, kind, key, anchor, cancels, created_at,
    listed, done, changed, put_back, left_alone)
SELECT account_id, everybody, 'start', gen_random_uuid(), now_at::date, false, now_at, customers, customers, 0, 0, 0
FROM studio;

INSERT INTO groups_invitationlink (account_id, group_id, token, key, needs_approval, most, joined, created_at)
SELECT account_id, few.id, lpad(account_id::text, 43, 't'), gen_random_uuid(), true, NULL, 0, now_at
FROM studio JOIN groups_group AS few USING (account_id) WHERE few.name = 'Few';

INSERT INTO groups_joinrequest (account_id, group_id, link_id, customer_id, state, asked_at, decided_at)
SELECT link.account_id, link.group_id, link.id, customer.id,
    CASE WHEN customer.id % 10 = 0 THEN 'waiting' ELSE 'joined' END, now_at,
    CASE WHEN customer.id % 10 = 0 THEN NULL ELSE now_at END
FROM studio JOIN groups_invitationlink AS link USING (account_id)
JOIN accounts_customer AS customer USING (account_id);

INSERT INTO groups_memberchangerow (account_id, change_id, member_id, done_at)
SELECT change.account_id, change.id, member.id, now_at
FROM studio JOIN groups_memberchange AS change USING (account_id)
JOIN groups_member AS member ON member.account_id = change.account_id AND member.group_id = change.group_id;

INSERT INTO accounts_listimportrow (account_id, list_import_id, number, key, raw, what, person, target, currency,
    decided, verdict, why, state, before, after, error)
SELECT account_id, import0 + operations, number, 'sub_row_' || number,
    jsonb_build_object('customer', 'cus_' || number, 'email', format('person%s.%s@example.org', number, studio),
        'name', 'Person ' || number, 'status', 'active', 'items', jsonb_build_array(item), 'marked', '', 'ends_at', '',
        'paused', false),
    'price_1', format('person%s.%s@example.org', number, studio), '', 'GBP', '{}',
    CASE WHEN number % 10 = 0 THEN 'doubtful' ELSE 'new' END, CASE WHEN number % 10 = 0 THEN 'no_address' ELSE 'ready' END,
    'read', '{}', '{}', ''
FROM studio, billed, generate_series(1, import_rows) AS number
ORDER BY import0, number;

INSERT INTO accounts_listimportrow (account_id, list_import_id, number, key, raw, what, person, target, currency,
    decided, verdict, why, state, before, after, error)
SELECT account_id, import0 + operations - 2, number, number::text AS key,
    jsonb_build_object('line', number + 1, 'cells', jsonb_build_array('Person ' || number, email, 'Few')),
    '', email, 'new:few', '', '{}',
    CASE WHEN number % 10 = 0 THEN 'doubtful' ELSE 'new' END,
    CASE WHEN number % 10 = 0 THEN 'shared_address' ELSE 'new' END, 'read', '{}', '{}', ''
FROM studio, generate_series(1, import_rows) AS number, LATERAL (SELECT format('listed%s@example.org', number)) AS listed (email)
ORDER BY import0, number;

INSERT INTO accounts_loginsession (user_id, session_key, user_agent, started_at, seen_at)
SELECT user0 + number, format('scale-%s-%s', studio, number), 'Mozilla/5.0', now_at - interval '9 days',
    now_at - interval '1 day'
FROM studio, generate_series(1, users) AS number;

INSERT INTO django_session (session_key, session_data, expire_date)
SELECT format('scale-%s-%s', studio, number), repeat('x', 200), now_at + interval '9 days'
FROM studio, generate_series(1, users) AS number;

-- Two messages to many: a draft, and one that went to everybody; one more for every hundred customers.
INSERT INTO accounts_mailing (account_id, key, kind, state, subject, text, audience, asked, audience_name, who, began_at,
    gathered_at, ended_at, said, gets, left_out, created_at, changed_at)
SELECT account_id, md5(format('mailing %s %s', studio, number))::uuid, 'service',
    CASE WHEN number = 0 THEN 'draft' ELSE 'sent' END, format('Message %s', number), 'Hello {first_name}', 'customers',
    '{"q": ""}', 'all your customers', '', sent_at, sent_at, sent_at, '{}', CASE WHEN number = 1 THEN customers ELSE 0 END, 0,
    now_at - interval '3 days', now_at - interval '3 days'
FROM studio, generate_series(0, 1 + customers / 100) AS number,
    LATERAL (SELECT CASE WHEN number > 0 THEN now_at - interval '3 days' END AS sent_at) AS sent;

INSERT INTO accounts_mailingrecipient (account_id, mailing_id, customer_id, email, state, reason, is_known)
SELECT studio.account_id, mailing.id, customer0 + number, format('person%s.%s@example.org', number, studio), 'written', '', true
FROM studio
JOIN accounts_mailing AS mailing ON mailing.account_id = studio.account_id AND mailing.subject = 'Message 1',
    generate_series(1, customers) AS number;
