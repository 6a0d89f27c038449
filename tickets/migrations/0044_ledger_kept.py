"""PostgreSQL keeps the ledger, and what seats owe and had collected (docs/decisions/0086)."""

from django.db import migrations

# Each function says what one source is worth now, and adds what its lines lack. That is right whenever it is called and
# however often: by triggers, for what was there before, and to mend. Who changes a source holds its row, so that no two
# write the same number; `ledger_…_once` refuses it where somebody does not.
WRITE = """
CREATE FUNCTION tickets_ledger_write(
    source text, source_id bigint, account bigint, kind text, method text, worth bigint, currency text, customer bigint,
    happened timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told bigint;
    lines integer;
BEGIN
    EXECUTE format('SELECT coalesce(sum(amount), 0), count(*) FROM tickets_ledgerline WHERE %I = $1', source || '_id')
        INTO told, lines USING source_id;
    IF worth <> told THEN
        EXECUTE format(
            'INSERT INTO tickets_ledgerline (account_id, happened_at, kind, method, amount, currency, customer_id,'
            ' number, created_at, %I) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp(), $9)', source || '_id'
        ) USING account, happened, kind, method, worth - told, currency, customer, lines + 1, source_id;
    END IF;
END $$;
CREATE FUNCTION tickets_ledger_payment(pk bigint) RETURNS void LANGUAGE sql AS $$
    SELECT tickets_ledger_write(
        'payment', payment.id, payment.account_id, 'tickets_paid', 'stripe',
        CASE WHEN payment.state = 'paid' THEN payment.amount ELSE 0 END,
        payment.currency, booking.customer_id, coalesce(payment.paid_at, clock_timestamp())
    )
    FROM tickets_payment AS payment JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE payment.id = pk
$$;
CREATE FUNCTION tickets_ledger_refund(pk bigint) RETURNS void LANGUAGE sql AS $$
    SELECT tickets_ledger_write(
        'refund', refund.id, refund.account_id, 'tickets_refunded', 'stripe',
        CASE WHEN refund.state IN ('pending', 'done') THEN -refund.amount ELSE 0 END,
        payment.currency, booking.customer_id, coalesce(refund.moved_at, refund.done_at, refund.created_at)
    )
    FROM tickets_refund AS refund
    JOIN tickets_payment AS payment ON payment.id = refund.payment_id
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE refund.id = pk
$$;
CREATE FUNCTION tickets_ledger_invoice(pk bigint) RETURNS void LANGUAGE sql AS $$
    SELECT tickets_ledger_write(
        'invoice', invoice.id, invoice.account_id, 'membership_paid', 'stripe',
        CASE WHEN invoice.status = 'paid' AND invoice.settlement IN ('', 'money')
            THEN greatest(invoice.amount_paid - coalesce(tickets.amount, 0), 0) ELSE 0 END,
        invoice.currency, subscription.customer_id, coalesce(invoice.paid_at, invoice.created_at)
    )
    FROM memberships_invoice AS invoice
    JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
    -- The first bill of a membership that was bought with tickets bears these too: they have lines of their own.
    LEFT JOIN LATERAL (
        SELECT sum(payment.amount) AS amount FROM tickets_payment AS payment
        WHERE payment.purchase_id = invoice.subscription_id AND payment.state <> 'abandoned' AND NOT EXISTS (
            SELECT FROM memberships_invoice AS earlier
            WHERE earlier.subscription_id = invoice.subscription_id
                AND (earlier.created_at, earlier.id) < (invoice.created_at, invoice.id)
        )
    ) AS tickets ON true
    WHERE invoice.id = pk
$$;
CREATE FUNCTION tickets_ledger_invoice_refund(pk bigint) RETURNS void LANGUAGE sql AS $$
    SELECT tickets_ledger_write(
        'invoice_refund', refund.id, refund.account_id, 'membership_refunded', 'stripe',
        CASE WHEN refund.state IN ('pending', 'done') THEN -refund.amount ELSE 0 END,
        invoice.currency, subscription.customer_id, coalesce(refund.moved_at, refund.created_at)
    )
    FROM tickets_invoicerefund AS refund
    JOIN memberships_invoice AS invoice ON invoice.id = refund.invoice_id
    JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
    WHERE refund.id = pk
$$;
CREATE FUNCTION tickets_ledger_dispute(pk bigint) RETURNS void LANGUAGE sql AS $$
    SELECT tickets_ledger_write(
        'dispute', dispute.id, dispute.account_id, 'disputed', 'stripe',
        -(dispute.withdrawn::bigint + dispute.withdrawn_of_invoice),
        coalesce(payment.currency, dispute.currency), coalesce(booking.customer_id, subscription.customer_id),
        coalesce(dispute.moved_at, dispute.closed_at, dispute.opened_at)
    )
    FROM tickets_dispute AS dispute
    LEFT JOIN tickets_payment AS payment ON payment.id = dispute.payment_id
    LEFT JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    LEFT JOIN memberships_invoice AS invoice ON invoice.id = dispute.invoice_id
    LEFT JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
    WHERE dispute.id = pk
$$;
CREATE FUNCTION tickets_ledger_studio_payment(pk bigint) RETURNS void LANGUAGE sql AS $$
    SELECT tickets_ledger_write(
        'studio_payment', taken.id, taken.account_id,
        CASE WHEN taken.amount > 0 THEN 'studio_taken' ELSE 'studio_given_back' END, taken.method, taken.amount,
        taken.currency, taken.customer_id, taken.taken_at
    )
    FROM tickets_studiopayment AS taken WHERE taken.id = pk
$$;
"""
WRITE_NO_MORE = """
DROP FUNCTION tickets_ledger_studio_payment(bigint);
DROP FUNCTION tickets_ledger_dispute(bigint);
DROP FUNCTION tickets_ledger_invoice_refund(bigint);
DROP FUNCTION tickets_ledger_invoice(bigint);
DROP FUNCTION tickets_ledger_refund(bigint);
DROP FUNCTION tickets_ledger_payment(bigint);
DROP FUNCTION tickets_ledger_write(text, bigint, bigint, text, text, bigint, text, bigint, timestamptz);
"""
# Which function a trigger calls is its argument.
FOLLOW = """
CREATE FUNCTION tickets_ledger_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT %I($1)', 'tickets_ledger_' || TG_ARGV[0]) USING NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_of_new AFTER INSERT ON tickets_payment
    FOR EACH ROW WHEN (NEW.state = 'paid') EXECUTE FUNCTION tickets_ledger_follows('payment');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF state, amount ON tickets_payment
    FOR EACH ROW WHEN ((OLD.state = 'paid' OR NEW.state = 'paid') AND
        (OLD.state, OLD.amount) IS DISTINCT FROM (NEW.state, NEW.amount))
    EXECUTE FUNCTION tickets_ledger_follows('payment');
CREATE TRIGGER ledger_of_new AFTER INSERT ON tickets_refund
    FOR EACH ROW WHEN (NEW.state IN ('pending', 'done')) EXECUTE FUNCTION tickets_ledger_follows('refund');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF state, amount ON tickets_refund
    FOR EACH ROW WHEN ((OLD.state, OLD.amount) IS DISTINCT FROM (NEW.state, NEW.amount))
    EXECUTE FUNCTION tickets_ledger_follows('refund');
CREATE TRIGGER ledger_of_new AFTER INSERT ON memberships_invoice
    FOR EACH ROW WHEN (NEW.status = 'paid') EXECUTE FUNCTION tickets_ledger_follows('invoice');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF status, amount_paid, settlement ON memberships_invoice
    FOR EACH ROW WHEN ((OLD.status = 'paid' OR NEW.status = 'paid') AND
        (OLD.status, OLD.amount_paid, OLD.settlement) IS DISTINCT FROM (NEW.status, NEW.amount_paid, NEW.settlement))
    EXECUTE FUNCTION tickets_ledger_follows('invoice');
CREATE TRIGGER ledger_of_new AFTER INSERT ON tickets_invoicerefund
    FOR EACH ROW WHEN (NEW.state IN ('pending', 'done')) EXECUTE FUNCTION tickets_ledger_follows('invoice_refund');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF state, amount ON tickets_invoicerefund
    FOR EACH ROW WHEN ((OLD.state, OLD.amount) IS DISTINCT FROM (NEW.state, NEW.amount))
    EXECUTE FUNCTION tickets_ledger_follows('invoice_refund');
CREATE TRIGGER ledger_of_new AFTER INSERT ON tickets_dispute
    FOR EACH ROW WHEN (NEW.withdrawn + NEW.withdrawn_of_invoice > 0) EXECUTE FUNCTION tickets_ledger_follows('dispute');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF withdrawn, withdrawn_of_invoice ON tickets_dispute
    FOR EACH ROW WHEN (
        (OLD.withdrawn, OLD.withdrawn_of_invoice) IS DISTINCT FROM (NEW.withdrawn, NEW.withdrawn_of_invoice)
    ) EXECUTE FUNCTION tickets_ledger_follows('dispute');
CREATE TRIGGER ledger_of_new AFTER INSERT ON tickets_studiopayment
    FOR EACH ROW EXECUTE FUNCTION tickets_ledger_follows('studio_payment');
"""
FOLLOW_NO_MORE = """
DROP TRIGGER ledger_of_new ON tickets_studiopayment;
DROP TRIGGER ledger_of_changed ON tickets_dispute;
DROP TRIGGER ledger_of_new ON tickets_dispute;
DROP TRIGGER ledger_of_changed ON tickets_invoicerefund;
DROP TRIGGER ledger_of_new ON tickets_invoicerefund;
DROP TRIGGER ledger_of_changed ON memberships_invoice;
DROP TRIGGER ledger_of_new ON memberships_invoice;
DROP TRIGGER ledger_of_changed ON tickets_refund;
DROP TRIGGER ledger_of_new ON tickets_refund;
DROP TRIGGER ledger_of_changed ON tickets_payment;
DROP TRIGGER ledger_of_new ON tickets_payment;
DROP FUNCTION tickets_ledger_follows();
"""
# Whose a row is may change (merging, erasing), and its words (erasing), never what it says of money. Deleting an account
# takes them along: it opens its history for that (accounts.history.forgetting).
KEEP = """
CREATE FUNCTION tickets_keep_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('bookwhen.history', true) = 'open' THEN
            RETURN OLD;
        END IF;
    ELSIF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is known of money is only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_line_kept BEFORE UPDATE OR DELETE ON tickets_ledgerline
    FOR EACH ROW EXECUTE FUNCTION tickets_keep_money('customer_id');
CREATE TRIGGER studio_payment_kept BEFORE UPDATE OR DELETE ON tickets_studiopayment
    FOR EACH ROW EXECUTE FUNCTION tickets_keep_money('customer_id', 'taken_by_id', 'note');
CREATE TRIGGER studio_line_kept BEFORE UPDATE OR DELETE ON tickets_studiopaymentline
    FOR EACH ROW EXECUTE FUNCTION tickets_keep_money();
"""
KEEP_NO_MORE = """
DROP TRIGGER studio_line_kept ON tickets_studiopaymentline;
DROP TRIGGER studio_payment_kept ON tickets_studiopayment;
DROP TRIGGER ledger_line_kept ON tickets_ledgerline;
DROP FUNCTION tickets_keep_money();
"""
# The sums are judged at the end of the transaction, once the lines are there.
ADD_UP = """
CREATE FUNCTION tickets_studio_payment_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pk bigint := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF EXISTS (
        SELECT FROM tickets_studiopayment AS taken WHERE taken.id = pk AND taken.amount <> (
            SELECT coalesce(sum(line.amount), 0) FROM tickets_studiopaymentline AS line WHERE line.payment_id = taken.id
        )
    ) THEN
        RAISE EXCEPTION 'the lines of a payment at the studio do not add up to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'studio_payment_adds_up', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER studio_payment_adds_up AFTER INSERT ON tickets_studiopayment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tickets_studio_payment_adds_up('id');
CREATE CONSTRAINT TRIGGER studio_payment_adds_up AFTER INSERT ON tickets_studiopaymentline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tickets_studio_payment_adds_up('payment_id');
CREATE FUNCTION tickets_studio_payment_corrects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM tickets_studiopayment AS wrong
        WHERE wrong.id = NEW.corrects_id AND wrong.account_id = NEW.account_id AND wrong.customer_id = NEW.customer_id
            AND wrong.currency = NEW.currency AND wrong.method = NEW.method AND wrong.amount = -NEW.amount
            AND wrong.corrects_id IS NULL
    ) THEN
        RAISE EXCEPTION 'a payment at the studio is cancelled by its opposite'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'studio_payment_corrects', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER studio_payment_corrects BEFORE INSERT ON tickets_studiopayment
    FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION tickets_studio_payment_corrects();
CREATE FUNCTION tickets_collect_of_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_seat SET owed = owed - NEW.amount, collected = collected + NEW.amount
        WHERE id = NEW.seat_id AND account_id = NEW.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'money is taken for a space of the same account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'studio_line_of_account', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER seat_collected AFTER INSERT ON tickets_studiopaymentline
    FOR EACH ROW EXECUTE FUNCTION tickets_collect_of_seat();
"""
ADD_UP_NO_MORE = """
DROP TRIGGER seat_collected ON tickets_studiopaymentline;
DROP FUNCTION tickets_collect_of_seat();
DROP TRIGGER studio_payment_corrects ON tickets_studiopayment;
DROP FUNCTION tickets_studio_payment_corrects();
DROP TRIGGER studio_payment_adds_up ON tickets_studiopaymentline;
DROP TRIGGER studio_payment_adds_up ON tickets_studiopayment;
DROP FUNCTION tickets_studio_payment_adds_up();
"""
# Who cancels a seat, in whatever way, leaves nothing owed for it, and what was collected as a credit. Who cancels too
# late has it noted again afterwards (tickets.booking.owed).
CANCEL = """
CREATE FUNCTION tickets_owed_of_cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.owed := -NEW.collected;
    RETURN NEW;
END $$;
CREATE TRIGGER seat_owed_of_cancelled BEFORE UPDATE OF cancelled_at ON tickets_seat
    FOR EACH ROW WHEN (
        NEW.cancelled_at IS NOT NULL AND OLD.cancelled_at IS NULL AND (NEW.owed <> 0 OR NEW.collected <> 0)
    ) EXECUTE FUNCTION tickets_owed_of_cancelled();
"""
CANCEL_NO_MORE = """
DROP TRIGGER seat_owed_of_cancelled ON tickets_seat;
DROP FUNCTION tickets_owed_of_cancelled();
"""


class Migration(migrations.Migration):
    """The triggers of the ledger and of what is owed."""

    dependencies = [("tickets", "0043_money")]

    operations = [
        migrations.RunSQL(WRITE, WRITE_NO_MORE),
        migrations.RunSQL(FOLLOW, FOLLOW_NO_MORE),
        migrations.RunSQL(KEEP, KEEP_NO_MORE),
        migrations.RunSQL(ADD_UP, ADD_UP_NO_MORE),
        migrations.RunSQL(CANCEL, CANCEL_NO_MORE),
    ]
