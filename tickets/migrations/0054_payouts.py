"""Payouts, and which movements of money each holds (docs/decisions/0090)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0054_mailing_indexes"),
        ("payments", "0010_event_of_state"),
        ("tickets", "0053_ledger_by_kind"),
    ]

    operations = [
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('entry', 'The spaces taken at an entry don’t match its bookings'), ('ticket', 'The spaces taken by a ticket don’t match its bookings'), ('party', 'The number of people booked with a customer’s offers doesn’t match their bookings'), ('waiting', 'The number of people waiting doesn’t match the waiting list'), ('wait_offer', 'A space offered to someone waiting isn’t held for them'), ('cancelled', 'A cancelled entry still has spaces booked'), ('period', 'The uses counted don’t match the spaces they were used for'), ('extra', 'The extra uses counted don’t match what was given'), ('seat', 'A booked space has no use charged to its offer'), ('marked', 'Someone is marked as present or absent at a space that was cancelled'), ('absent', 'The use returned for an absence doesn’t match the attendance'), ('use', 'A use is charged for a space that isn’t booked'), ('day', 'A use is charged for the wrong date'), ('filed', 'A use is counted in the wrong usage period'), ('carried', 'A use of a replaced offer isn’t counted under the new one'), ('not_in_group', 'A customer with an active membership isn’t in its group'), ('still_in_group', 'A membership keeps a customer in a group when it shouldn’t'), ('presence', 'A customer is listed in a group for longer or shorter than they’re in it'), ('release', 'Spaces weren’t released when a membership ended'), ('discount', 'A space is discounted, but no use is charged for the discount'), ('code', 'The uses counted for a discount code don’t match its bookings'), ('code_customer', 'A customer’s uses of a code don’t match their bookings'), ('code_seat', 'A space is cheaper by a discount code that its booking doesn’t use'), ('expired_basket', 'An expired basket is still holding spaces'), ('released_basket', 'A released basket is still taking up spaces'), ('paying', 'A basket is waiting for payment, but no checkout is open'), ('checkout', 'A checkout is open for a basket that isn’t waiting for payment'), ('purchase', 'A membership bought with a booking never started'), ('adds_up', 'A payment doesn’t equal the total of the spaces it paid for'), ('unbooked', 'A payment has no booking and no refund'), ('too_late', 'A space that was gone before payment arrived hasn’t been refunded'), ('unpaid', 'A booked space with a price hasn’t been paid for'), ('refunded', 'The amount refunded on a payment doesn’t match its refunds'), ('disputed', 'The amount withdrawn from a payment doesn’t match its disputes'), ('gone_twice', 'More was refunded and lost to disputes than was paid'), ('too_much', 'More has been refunded for a space than it cost'), ('lines', 'A refund is less than the total for its spaces'), ('receipt_gap', 'The receipts’ numbers have a gap'), ('receipt_sum', 'A receipt doesn’t equal what was paid'), ('receipt_vat', 'The VAT on receipts for a space isn’t that of what was paid for it'), ('receipt_due', 'A payment has waited for its receipt for more than an hour'), ('collected', 'The amount collected at the studio for a space doesn’t match the payments recorded'), ('ledger', 'The ledger doesn’t match what was paid'), ('payout', 'A payout doesn’t equal the payments it holds'), ('payout_line', 'A payout and the ledger disagree on an amount'), ('waits', 'A refund hasn’t reached Stripe for more than an hour'), ('failed', 'A refund failed and nobody has dealt with it'), ('unchecked', 'This check couldn’t be run')], max_length=20),
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stripe_id', models.CharField(max_length=255)),
                ('amount', models.IntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('state', models.CharField(choices=[('pending', 'Planned'), ('in_transit', 'On its way'), ('paid', 'Arrived'), ('failed', 'Failed'), ('canceled', 'Cancelled')], max_length=10)),
                ('failure', models.CharField(blank=True, max_length=60)),
                ('arrives_on', models.DateField()),
                ('created_at', models.DateTimeField()),
                ('is_by_hand', models.BooleanField(default=False)),
                ('is_listed', models.BooleanField(default=False)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.connection')),
            ],
        ),
        migrations.CreateModel(
            name='PayoutLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stripe_id', models.CharField(max_length=255)),
                ('part', models.PositiveSmallIntegerField(default=1)),
                ('kind', models.CharField(choices=[('payment', 'Payment'), ('refund', 'Refund'), ('dispute', 'Dispute'), ('fee', 'Stripe’s charge'), ('returned', 'Failed payout'), ('other', 'Adjustment in Stripe')], max_length=10)),
                ('source', models.CharField(blank=True, max_length=255)),
                ('intent', models.CharField(blank=True, max_length=255)),
                ('amount', models.IntegerField()),
                ('fee', models.IntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('happened_at', models.DateTimeField()),
                ('is_waiting', models.BooleanField(default=False)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('ledger_line', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='payout_line', to='tickets.ledgerline')),
                ('payout', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='tickets.payout')),
            ],
        ),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(fields=['account', '-arrives_on', '-id'], name='payout_newest'),
        ),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(fields=['connection'], name='payout_connection'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(fields=('account', 'stripe_id'), name='payout_once'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'in_transit', 'paid', 'failed', 'canceled'])), name='payout_state_known'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('is_by_hand', True), ('is_listed', True), _negated=True), name='payout_by_hand_unlisted'),
        ),
        migrations.AddIndex(
            model_name='payoutline',
            index=models.Index(fields=['payout', 'happened_at', 'id'], name='payout_line_listed'),
        ),
        migrations.AddIndex(
            model_name='payoutline',
            index=models.Index(fields=["account", "happened_at"],
                include=("currency", "fee", "ledger_line"), name='payout_line_fees'),
        ),
        migrations.AddIndex(
            model_name='payoutline',
            index=models.Index(condition=models.Q(('is_waiting', True)), fields=['account', 'happened_at', 'id'], name='payout_line_waiting'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.UniqueConstraint(fields=('payout', 'stripe_id', 'part'), name='payout_line_once'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['payment', 'refund', 'dispute', 'fee', 'returned', 'other'])), name='payout_line_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='payoutline',
            constraint=models.CheckConstraint(condition=models.Q(('is_waiting', True), ('ledger_line__isnull', False), _negated=True), name='payout_line_found'),
        ),
    ]
