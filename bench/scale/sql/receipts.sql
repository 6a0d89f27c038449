-- A receipt for every payment and a credit note for every refund, as if they had been numbered all along. The counter is
-- set at the end: moved by each receipt, its row would be written as often as there are receipts.
INSERT INTO tickets_vatrate (account_id, name, basis_points, created_at)
SELECT account_id, 'Standard', 2000, now_at FROM studio;

INSERT INTO tickets_receiptsettings (account_id, is_on, business_name, business_address, vat_number, default_rate_id)
SELECT account_id, true, 'Measured Ltd', '1 Mill Lane', 'GB 123 4567 89', rate.id
FROM studio JOIN tickets_vatrate AS rate USING (account_id);

SET CONSTRAINTS ALL IMMEDIATE;

ALTER TABLE tickets_receipt DISABLE TRIGGER receipt_numbered;

INSERT INTO tickets_receipt (account_id, number, prefix, kind, line_id, payment_id, customer_id, paid_at, issued_at, name,
    reference, business_name, business_address, vat_number, currency, total, vat)
SELECT line.account_id, row_number() OVER (PARTITION BY line.account_id ORDER BY line.happened_at, line.id), '',
    CASE WHEN line.amount > 0 THEN 'receipt' ELSE 'credit_note' END, line.id, payment.id, line.customer_id,
    line.happened_at, line.happened_at, customer.name, upper(left(booking.uuid::text, 8)), 'Measured Ltd', '1 Mill Lane',
    'GB 123 4567 89', line.currency, line.amount, CASE WHEN line.amount > 0 THEN 200 ELSE -67 END
FROM studio JOIN tickets_ledgerline AS line USING (account_id)
LEFT JOIN tickets_refund AS refund ON refund.id = line.refund_id
JOIN tickets_payment AS payment ON payment.id = coalesce(line.payment_id, refund.payment_id)
JOIN tickets_booking AS booking ON booking.id = payment.booking_id
JOIN accounts_customer AS customer ON customer.id = booking.customer_id
WHERE line.kind IN ('tickets_paid', 'tickets_refunded');

SET CONSTRAINTS ALL IMMEDIATE;

ALTER TABLE tickets_receipt ENABLE TRIGGER receipt_numbered;

INSERT INTO tickets_receiptline (account_id, receipt_id, position, seat_id, text, detail, vat_name, basis_points, amount,
    vat)
SELECT receipt.account_id, receipt.id, 0, seat.id, 'Weekly class, 1 March 2030, 18:00', 'Drop-in', 'Standard', 2000,
    receipt.total, receipt.vat
FROM studio JOIN tickets_receipt AS receipt USING (account_id)
JOIN tickets_seat AS seat ON seat.payment_id = receipt.payment_id;

INSERT INTO tickets_receiptcounter (account_id, first, last)
SELECT account_id, 1, count(receipt.id)
FROM studio LEFT JOIN tickets_receipt AS receipt USING (account_id) GROUP BY account_id;

-- A payout for each day on which something was paid or refunded, two days later, with all of it.
INSERT INTO tickets_payout (account_id, connection_id, stripe_id, amount, currency, state, failure, arrives_on, created_at,
    is_by_hand, is_listed, revision)
SELECT line.account_id, account.connection_id, 'po_' || line.account_id || '_' || line.happened_at::date,
    sum(line.amount - CASE WHEN line.amount > 0 THEN 38 ELSE 0 END), min(line.currency), 'paid', '',
    line.happened_at::date + 2, line.happened_at::date + interval '1 day', false, true, 1
FROM studio JOIN tickets_ledgerline AS line USING (account_id)
JOIN accounts_account AS account ON account.id = line.account_id
WHERE line.method = 'stripe' AND account.connection_id IS NOT NULL
GROUP BY line.account_id, account.connection_id, line.happened_at::date;

INSERT INTO tickets_payoutline (account_id, payout_id, stripe_id, part, kind, source, intent, amount, fee, currency,
    happened_at, ledger_line_id, is_waiting)
SELECT line.account_id, payout.id, 'txn_' || line.id, 1,
    CASE WHEN line.kind LIKE '%_paid' THEN 'payment' WHEN line.kind = 'disputed' THEN 'dispute' ELSE 'refund' END,
    'ch_' || line.id, '', line.amount, CASE WHEN line.amount > 0 THEN 38 ELSE 0 END, line.currency, line.happened_at,
    line.id, false
FROM studio JOIN tickets_ledgerline AS line USING (account_id)
JOIN tickets_payout AS payout ON payout.account_id = line.account_id AND payout.arrives_on = line.happened_at::date + 2
WHERE line.method = 'stripe';
