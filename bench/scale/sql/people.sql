-- Customers with their logins, and who is in which group since when. Half are called Smith; one name is rare.
INSERT INTO accounts_user (id, password, is_superuser, email, name, is_active, date_joined)
SELECT user0 + number, '', false, format('person%s.%s@example.org', number, studio), format('Person %s', number), true,
    now_at - interval '400 days'
FROM studio, generate_series(1, users) AS number
ORDER BY user0, number;

INSERT INTO account_emailaddress (email, verified, "primary", user_id)
SELECT format('person%s.%s@example.org', number, studio), true, true, user0 + number
FROM studio, generate_series(1, users) AS number;

INSERT INTO accounts_customer (id, account_id, email, name, name_confirmed, user_id, seen_at, created_at)
SELECT customer0 + number, account_id, format('person%s.%s@example.org', number, studio),
    CASE WHEN number = 7 THEN 'Zephyrine Quill' ELSE
        (ARRAY['Ada', 'Bea', 'Cleo', 'Dora', 'Eve', 'Fay', 'Gwen', 'Hope', 'Iris', 'June', 'Kay', 'Lena', 'Mira'])
            [1 + number % 13] || ' ' ||
        (ARRAY['Smith', 'Jones', 'Smith', 'Evans', 'Smith', 'Wright', 'Smith', 'Hall', 'Smith', 'Clarke'])
            [1 + number % 10] END,
    true, CASE WHEN number <= users THEN user0 + number END, CASE WHEN number <= users THEN now_at END,
    now_at - interval '400 days' + interval '300 days' * number / customers
FROM studio, generate_series(1, customers) AS number
ORDER BY customer0, number;

CREATE TEMP TABLE joining AS
SELECT account_id, member0 + number AS id, everybody AS group_id, customer0 + number AS customer_id, now_at
FROM studio, generate_series(1, customers) AS number
UNION ALL
SELECT account_id, member0 + customers + number, few, customer0 + number, now_at
FROM studio, generate_series(1, members_few) AS number
UNION ALL
SELECT account_id, member0 + customers + members_few + number, several, customer0 + number, now_at
FROM studio, generate_series(1, members_several) AS number
UNION ALL
SELECT account_id, member0 + customers + members_few + members_several + number, gold, customer0 + number, now_at
FROM studio, generate_series(1, subscriptions) AS number;

INSERT INTO groups_member (id, account_id, group_id, customer_id, created_at)
SELECT id, account_id, group_id, customer_id, now_at - interval '400 days' FROM joining ORDER BY id;

INSERT INTO groups_standing (account_id, member_id, source, ground, since, anchor)
SELECT account_id, id, 'manual', '00000000-0000-0000-0000-000000000000', now_at - interval '400 days',
    date_trunc('month', now_at - interval '400 days')::date
FROM joining WHERE group_id NOT IN (SELECT gold FROM studio) ORDER BY id;
