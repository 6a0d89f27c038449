-- Subscriptions as Stripe has them, with two invoices and three happenings each; one in four has ended.
CREATE TEMP TABLE subscribed AS
SELECT account_id, page_id, connection_id, membership_id, price_id, subscription0 + number AS id, number,
    customer0 + number AS customer_id, member0 + customers + members_few + members_several + number AS member_id,
    md5('subscription' || subscription0 + number)::uuid AS uuid, now_at,
    now_at - interval '300 days' + interval '290 days' * number / subscriptions AS started_at,
    CASE number % 4 WHEN 0 THEN 'canceled' WHEN 1 THEN 'past_due' WHEN 2 THEN 'trialing' ELSE 'active' END AS status
FROM studio, generate_series(1, subscriptions) AS number;

INSERT INTO memberships_subscription (id, account_id, uuid, customer_id, membership_id, price_id, source, status,
    page_id, session, stripe_id, revision, started_at, period_start, period_end, billing_anchor, ended_at,
    cancel_reason, quantity, currency, cost_basis, period_amount, collection_method, next_amount, next_payment_at,
    created_at, synced_at)
SELECT id, account_id, uuid, customer_id, membership_id, price_id, 'checkout', status, page_id, 'cs_sub_' || id,
    'sub_scale_' || id, 1, started_at, now_at - interval '10 days', now_at + interval '20 days', started_at,
    CASE status WHEN 'canceled' THEN now_at - interval '5 days' END,
    CASE status WHEN 'canceled' THEN 'cancellation_requested' ELSE '' END, 1, 'GBP', 'exact', 4000,
    'charge_automatically', 4000, CASE WHEN status <> 'canceled' THEN now_at + interval '20 days' END, started_at,
    now_at - interval '1 hour'
FROM subscribed ORDER BY id;

INSERT INTO groups_standing (account_id, member_id, source, ground, since, until, anchor, anchor_at)
SELECT account_id, member_id, 'membership', uuid, started_at,
    CASE status WHEN 'canceled' THEN now_at - interval '5 days' END, started_at::date, started_at
FROM subscribed ORDER BY id;

INSERT INTO tickets_release (account_id, member_id, ground, ended_at, created_at, done_at)
SELECT account_id, member_id, uuid, now_at - interval '5 days', now_at - interval '5 days', now_at - interval '5 days'
FROM subscribed WHERE status = 'canceled';

INSERT INTO accounts_stripecustomer (account_id, customer_id, connection_id, stripe_id)
SELECT account_id, customer_id, connection_id, 'cus_scale_' || customer_id FROM subscribed;

INSERT INTO memberships_invoice (account_id, subscription_id, stripe_id, number, status, amount_due, amount_paid,
    currency, hosted_url, pdf_url, attempt_count, created_at)
SELECT account_id, id, format('in_scale_%s_%s', id, period), format('S-%s-%s', id, period),
    CASE WHEN status = 'past_due' AND period = 2 THEN 'open' ELSE 'paid' END, 4000,
    CASE WHEN status = 'past_due' AND period = 2 THEN 0 ELSE 4000 END, 'GBP', '', '', 1,
    now_at - interval '70 days' + interval '30 days' * period
FROM subscribed, generate_series(1, 2) AS period ORDER BY id;

INSERT INTO memberships_milestone (account_id, subscription_id, kind, who, at)
SELECT account_id, id, kind, '', started_at + interval '30 days' * (place - 1)
FROM subscribed, unnest(ARRAY['checkout_opened', 'started', 'renewed']) WITH ORDINALITY AS happened (kind, place)
ORDER BY id;

INSERT INTO memberships_difference (account_id, subscription_id, stripe_id, field, ours, stripes, found_at,
    repaired_at)
SELECT account_id, id, 'sub_scale_' || id, 'status', 'active', 'past_due', now_at - interval '1 day' * (number % 300),
    now_at - interval '1 day' * (number % 300)
FROM subscribed WHERE number % 2 = 0;
