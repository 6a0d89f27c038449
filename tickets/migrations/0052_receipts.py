"""Receipts and their numbers, and what PostgreSQL holds of them (docs/decisions/0087)."""

import bookwhen.db
import django.db.models.deletion
from django.db import migrations, models

# The line of the ledger and the row that asks for its receipt are one: no service can forget it.
WANT = """
CREATE FUNCTION tickets_receipt_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_receiptdue (account_id, line_id)
    SELECT NEW.account_id, NEW.id FROM tickets_receiptsettings AS settings
        WHERE settings.account_id = NEW.account_id AND settings.is_on;
    RETURN NULL;
END $$;
CREATE TRIGGER receipt_wanted AFTER INSERT ON tickets_ledgerline
    FOR EACH ROW WHEN (NEW.kind IN ('tickets_paid', 'tickets_refunded', 'studio_taken', 'studio_given_back'))
    EXECUTE FUNCTION tickets_receipt_wanted();
"""
WANT_NO_MORE = """
DROP TRIGGER receipt_wanted ON tickets_ledgerline;
DROP FUNCTION tickets_receipt_wanted();
"""
# The counter moves with the receipt, and only to the next number: there is no gap, whoever writes.
NUMBER = """
CREATE FUNCTION tickets_receipt_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_receiptcounter SET last = NEW.number WHERE account_id = NEW.account_id AND last = NEW.number - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the next receipt has the next number'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_number_next', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipt_numbered BEFORE INSERT ON tickets_receipt
    FOR EACH ROW EXECUTE FUNCTION tickets_receipt_numbered();
"""
NUMBER_NO_MORE = """
DROP TRIGGER receipt_numbered ON tickets_receipt;
DROP FUNCTION tickets_receipt_numbered();
"""
KEEP = """
CREATE TRIGGER receipt_kept BEFORE UPDATE OR DELETE ON tickets_receipt
    FOR EACH ROW EXECUTE FUNCTION tickets_keep_money('customer_id');
CREATE TRIGGER receipt_line_kept BEFORE UPDATE OR DELETE ON tickets_receiptline
    FOR EACH ROW EXECUTE FUNCTION tickets_keep_money();
"""
KEEP_NO_MORE = """
DROP TRIGGER receipt_line_kept ON tickets_receiptline;
DROP TRIGGER receipt_kept ON tickets_receipt;
"""


class Migration(migrations.Migration):
    """The tables, and the triggers."""

    dependencies = [
        ("accounts", "0050_money_validated"),
        ("tickets", "0051_vat_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('entry', 'The spaces taken at an entry don’t match its bookings'), ('ticket', 'The spaces taken by a ticket don’t match its bookings'), ('party', 'The number of people booked with a customer’s offers doesn’t match their bookings'), ('waiting', 'The number of people waiting doesn’t match the waiting list'), ('wait_offer', 'A space offered to someone waiting isn’t held for them'), ('cancelled', 'A cancelled entry still has spaces booked'), ('period', 'The uses counted don’t match the spaces they were used for'), ('extra', 'The extra uses counted don’t match what was given'), ('seat', 'A booked space has no use charged to its offer'), ('marked', 'Someone is marked as present or absent at a space that was cancelled'), ('absent', 'The use returned for an absence doesn’t match the attendance'), ('use', 'A use is charged for a space that isn’t booked'), ('day', 'A use is charged for the wrong date'), ('filed', 'A use is counted in the wrong usage period'), ('carried', 'A use of a replaced offer isn’t counted under the new one'), ('not_in_group', 'A customer with an active membership isn’t in its group'), ('still_in_group', 'A membership keeps a customer in a group when it shouldn’t'), ('presence', 'A customer is listed in a group for longer or shorter than they’re in it'), ('release', 'Spaces weren’t released when a membership ended'), ('discount', 'A space is discounted, but no use is charged for the discount'), ('code', 'The uses counted for a discount code don’t match its bookings'), ('code_customer', 'A customer’s uses of a code don’t match their bookings'), ('code_seat', 'A space is cheaper by a discount code that its booking doesn’t use'), ('expired_basket', 'An expired basket is still holding spaces'), ('released_basket', 'A released basket is still taking up spaces'), ('paying', 'A basket is waiting for payment, but no checkout is open'), ('checkout', 'A checkout is open for a basket that isn’t waiting for payment'), ('purchase', 'A membership bought with a booking never started'), ('adds_up', 'A payment doesn’t equal the total of the spaces it paid for'), ('unbooked', 'A payment has no booking and no refund'), ('too_late', 'A space that was gone before payment arrived hasn’t been refunded'), ('unpaid', 'A booked space with a price hasn’t been paid for'), ('refunded', 'The amount refunded on a payment doesn’t match its refunds'), ('disputed', 'The amount withdrawn from a payment doesn’t match its disputes'), ('gone_twice', 'More was refunded and lost to disputes than was paid'), ('too_much', 'More has been refunded for a space than it cost'), ('lines', 'A refund is less than the total for its spaces'), ('receipt_gap', 'The receipts’ numbers have a gap'), ('receipt_sum', 'A receipt doesn’t equal what was paid'), ('receipt_vat', 'The VAT on receipts for a space isn’t that of what was paid for it'), ('receipt_due', 'A payment has waited for its receipt for more than an hour'), ('collected', 'The amount collected at the studio for a space doesn’t match the payments recorded'), ('ledger', 'The ledger doesn’t match what was paid'), ('waits', 'A refund hasn’t reached Stripe for more than an hour'), ('failed', 'A refund failed and nobody has dealt with it'), ('unchecked', 'This check couldn’t be run')], max_length=20),
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('prefix', models.CharField(blank=True, default='', max_length=12)),
                ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('credit_note', 'Credit note')], max_length=20)),
                ('paid_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField()),
                ('name', models.CharField(blank=True, max_length=200)),
                ('reference', models.CharField(blank=True, max_length=20)),
                ('business_name', models.CharField(max_length=200)),
                ('business_address', models.TextField(max_length=500)),
                ('vat_number', models.CharField(blank=True, max_length=30)),
                ('currency', models.CharField(max_length=3)),
                ('total', models.IntegerField()),
                ('vat', models.IntegerField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('credits', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credited_by', to='tickets.receipt')),
                ('customer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.customer')),
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='receipt', to='tickets.ledgerline')),
                ('payment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='tickets.payment')),
            ],
        ),
        migrations.CreateModel(
            name='ReceiptDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='receipt_due', to='tickets.ledgerline')),
            ],
            options={
                'verbose_name_plural': 'receipts due',
            },
        ),
        migrations.CreateModel(
            name='ReceiptLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=300)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('vat_name', models.CharField(blank=True, max_length=60)),
                ('basis_points', models.PositiveSmallIntegerField(null=True)),
                ('amount', models.IntegerField()),
                ('vat', models.IntegerField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('receipt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='tickets.receipt')),
                ('seat', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipt_lines', to='tickets.seat')),
            ],
        ),
        migrations.AddIndex(
            model_name='receipt',
            index=models.Index(fields=['account', '-paid_at', '-id'], name='receipt_listed'),
        ),
        migrations.AddIndex(
            model_name='receipt',
            index=models.Index(fields=['customer', '-paid_at', '-id'], name='receipt_of_customer'),
        ),
        migrations.AddIndex(
            model_name='receipt',
            index=models.Index(condition=models.Q(('payment__isnull', False)), fields=['payment'], name='receipt_of_payment'),
        ),
        migrations.AddIndex(
            model_name='receipt',
            index=models.Index(condition=models.Q(('credits__isnull', False)), fields=['credits'], name='receipt_credits'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=bookwhen.db.TextCheck(longest={'business_address': 500}, name='receipt_text', one_line=('name', 'business_name', 'vat_number', 'prefix')),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(fields=('account', 'number'), name='receipt_number_once'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='receipt_number_positive'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'receipt'), ('total__gt', 0)), models.Q(('kind', 'credit_note'), ('total__lt', 0)), _connector='OR'), name='receipt_kind_fits'),
        ),
        migrations.AddIndex(
            model_name='receiptdue',
            index=models.Index(fields=['account', 'id'], name='receipt_due'),
        ),
        migrations.AddIndex(
            model_name='receiptline',
            index=models.Index(condition=models.Q(('seat__isnull', False)), fields=['seat', 'receipt'], name='receipt_line_seat'),
        ),
        migrations.AddConstraint(
            model_name='receiptline',
            constraint=bookwhen.db.TextCheck(longest={}, name='receipt_line_text', one_line=('text', 'detail', 'vat_name')),
        ),
        migrations.AddConstraint(
            model_name='receiptline',
            constraint=models.UniqueConstraint(fields=('receipt', 'position'), name='receipt_line_once'),
        ),
        migrations.AddConstraint(
            model_name='receiptline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='receipt_line_of_something'),
        ),
        migrations.AddConstraint(
            model_name='receiptline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis_points__isnull', True), ('vat__isnull', True)), models.Q(('basis_points__lte', 5000), ('vat__isnull', False)), _connector='OR'), name='receipt_line_vat_whole'),
        ),
        migrations.RunSQL(WANT, WANT_NO_MORE),
        migrations.RunSQL(NUMBER, NUMBER_NO_MORE),
        migrations.RunSQL(KEEP, KEEP_NO_MORE),
    ]
