"""Money at the studio, and the ledger (docs/decisions/0086)."""

import bookwhen.db
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0049_money"),
        ("memberships", "0019_money"),
        ("offers", "0007_offer_name_validated"),
        ("payments", "0010_event_of_state"),
        ("tickets", "0042_waiting_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('happened_at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('tickets_paid', 'Tickets'), ('tickets_refunded', 'Tickets refunded'), ('membership_paid', 'Membership'), ('membership_refunded', 'Membership refunded'), ('disputed', 'Dispute'), ('studio_taken', 'Paid at the studio'), ('studio_given_back', 'Given back at the studio')], max_length=20)),
                ('method', models.CharField(choices=[('stripe', 'Online (Stripe)'), ('cash', 'Cash'), ('card_machine', 'Card machine'), ('transfer', 'Bank transfer')], max_length=20)),
                ('amount', models.IntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='StudioPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(editable=False, unique=True)),
                ('amount', models.IntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('method', models.CharField(choices=[('cash', 'Cash'), ('card_machine', 'Card machine'), ('transfer', 'Bank transfer')], max_length=20)),
                ('taken_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='StudioPaymentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.IntegerField()),
                ('forgiven', models.IntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='dispute',
            name='moved_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='withdrawn_of_invoice',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='invoicerefund',
            name='moved_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='payment',
            name='purchase',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='memberships.subscription'),
        ),
        migrations.AddField(
            model_name='refund',
            name='moved_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='seat',
            name='collected',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('entry', 'The spaces taken at an entry don’t match its bookings'), ('ticket', 'The spaces taken by a ticket don’t match its bookings'), ('party', 'The number of people booked with a customer’s offers doesn’t match their bookings'), ('waiting', 'The number of people waiting doesn’t match the waiting list'), ('wait_offer', 'A space offered to someone waiting isn’t held for them'), ('cancelled', 'A cancelled entry still has spaces booked'), ('period', 'The uses counted don’t match the spaces they were used for'), ('extra', 'The extra uses counted don’t match what was given'), ('seat', 'A booked space has no use charged to its offer'), ('marked', 'Someone is marked as present or absent at a space that was cancelled'), ('absent', 'The use returned for an absence doesn’t match the attendance'), ('use', 'A use is charged for a space that isn’t booked'), ('day', 'A use is charged for the wrong date'), ('filed', 'A use is counted in the wrong usage period'), ('carried', 'A use of a replaced offer isn’t counted under the new one'), ('not_in_group', 'A customer with an active membership isn’t in its group'), ('still_in_group', 'A membership keeps a customer in a group when it shouldn’t'), ('presence', 'A customer is listed in a group for longer or shorter than they’re in it'), ('release', 'Spaces weren’t released when a membership ended'), ('discount', 'A space is discounted, but no use is charged for the discount'), ('expired_basket', 'An expired basket is still holding spaces'), ('released_basket', 'A released basket is still taking up spaces'), ('paying', 'A basket is waiting for payment, but no checkout is open'), ('checkout', 'A checkout is open for a basket that isn’t waiting for payment'), ('purchase', 'A membership bought with a booking never started'), ('adds_up', 'A payment doesn’t equal the total of the spaces it paid for'), ('unbooked', 'A payment has no booking and no refund'), ('too_late', 'A space that was gone before payment arrived hasn’t been refunded'), ('unpaid', 'A booked space with a price hasn’t been paid for'), ('refunded', 'The amount refunded on a payment doesn’t match its refunds'), ('disputed', 'The amount withdrawn from a payment doesn’t match its disputes'), ('gone_twice', 'More was refunded and lost to disputes than was paid'), ('too_much', 'More has been refunded for a space than it cost'), ('lines', 'A refund is less than the total for its spaces'), ('collected', 'The amount collected at the studio for a space doesn’t match the payments recorded'), ('ledger', 'The ledger doesn’t match what was paid'), ('waits', 'A refund hasn’t reached Stripe for more than an hour'), ('failed', 'A refund failed and nobody has dealt with it'), ('unchecked', 'This check couldn’t be run')], max_length=20),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='customer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.customer'),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='dispute',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_lines', to='tickets.dispute'),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='invoice',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='ledger_lines', to='memberships.invoice'),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='invoice_refund',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='ledger_lines', to='tickets.invoicerefund'),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='payment',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_lines', to='tickets.payment'),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='refund',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_lines', to='tickets.refund'),
        ),
        migrations.AddField(
            model_name='studiopayment',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='studiopayment',
            name='corrects',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='tickets.studiopayment'),
        ),
        migrations.AddField(
            model_name='studiopayment',
            name='customer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='studio_payments', to='accounts.customer'),
        ),
        migrations.AddField(
            model_name='studiopayment',
            name='taken_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ledgerline',
            name='studio_payment',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_lines', to='tickets.studiopayment'),
        ),
        migrations.AddField(
            model_name='studiopaymentline',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='studiopaymentline',
            name='payment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='tickets.studiopayment'),
        ),
        migrations.AddField(
            model_name='studiopaymentline',
            name='seat',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='studio_lines', to='tickets.seat'),
        ),
        migrations.AddIndex(
            model_name='studiopayment',
            index=models.Index(fields=['account', '-taken_at', '-id'], name='studio_payment_newest'),
        ),
        migrations.AddIndex(
            model_name='studiopayment',
            index=models.Index(fields=['customer', '-taken_at', '-id'], name='studio_payment_customer'),
        ),
        migrations.AddIndex(
            model_name='studiopayment',
            index=models.Index(fields=['taken_by', '-id'], name='studio_payment_taken_by'),
        ),
        migrations.AddConstraint(
            model_name='studiopayment',
            constraint=bookwhen.db.TextCheck(longest={}, name='studio_payment_text', one_line=('note',)),
        ),
        migrations.AddConstraint(
            model_name='studiopayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='studio_payment_of_something'),
        ),
        migrations.AddConstraint(
            model_name='studiopayment',
            constraint=models.CheckConstraint(condition=models.Q(('method__in', ['cash', 'card_machine', 'transfer'])), name='studio_payment_method_known'),
        ),
        migrations.AddIndex(
            model_name='ledgerline',
            index=models.Index(fields=['account', 'happened_at', 'id'], include=('kind', 'method', 'currency', 'amount'), name='ledger_by_time'),
        ),
        migrations.AddIndex(
            model_name='ledgerline',
            index=models.Index(fields=['account', 'method', 'happened_at', 'id'], include=('kind', 'currency', 'amount'), name='ledger_by_method'),
        ),
        migrations.AddIndex(
            model_name='ledgerline',
            index=models.Index(fields=['customer', 'happened_at', 'id'], name='ledger_of_customer'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='ledger_of_something'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dispute__isnull', True), ('invoice__isnull', True), ('invoice_refund__isnull', True), ('kind__in', ['tickets_paid']), ('payment__isnull', False), ('refund__isnull', True), ('studio_payment__isnull', True)), models.Q(('dispute__isnull', True), ('invoice__isnull', True), ('invoice_refund__isnull', True), ('kind__in', ['tickets_refunded']), ('payment__isnull', True), ('refund__isnull', False), ('studio_payment__isnull', True)), models.Q(('dispute__isnull', True), ('invoice__isnull', False), ('invoice_refund__isnull', True), ('kind__in', ['membership_paid']), ('payment__isnull', True), ('refund__isnull', True), ('studio_payment__isnull', True)), models.Q(('dispute__isnull', True), ('invoice__isnull', True), ('invoice_refund__isnull', False), ('kind__in', ['membership_refunded']), ('payment__isnull', True), ('refund__isnull', True), ('studio_payment__isnull', True)), models.Q(('dispute__isnull', False), ('invoice__isnull', True), ('invoice_refund__isnull', True), ('kind__in', ['disputed']), ('payment__isnull', True), ('refund__isnull', True), ('studio_payment__isnull', True)), models.Q(('dispute__isnull', True), ('invoice__isnull', True), ('invoice_refund__isnull', True), ('kind__in', ['studio_taken', 'studio_given_back']), ('payment__isnull', True), ('refund__isnull', True), ('studio_payment__isnull', False)), _connector='OR'), name='ledger_one_source'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('method', 'stripe'), ('studio_payment__isnull', True)), models.Q(('method__in', ['cash', 'card_machine', 'transfer']), ('studio_payment__isnull', False)), _connector='OR'), name='ledger_method_known'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.UniqueConstraint(condition=models.Q(('payment__isnull', False)), fields=('payment', 'number'), name='ledger_payment_once'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.UniqueConstraint(condition=models.Q(('refund__isnull', False)), fields=('refund', 'number'), name='ledger_refund_once'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.UniqueConstraint(condition=models.Q(('invoice__isnull', False)), fields=('invoice', 'number'), name='ledger_invoice_once'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.UniqueConstraint(condition=models.Q(('invoice_refund__isnull', False)), fields=('invoice_refund', 'number'), name='ledger_invoice_refund_once'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.UniqueConstraint(condition=models.Q(('dispute__isnull', False)), fields=('dispute', 'number'), name='ledger_dispute_once'),
        ),
        migrations.AddConstraint(
            model_name='ledgerline',
            constraint=models.UniqueConstraint(condition=models.Q(('studio_payment__isnull', False)), fields=('studio_payment', 'number'), name='ledger_studio_payment_once'),
        ),
        migrations.AddConstraint(
            model_name='studiopaymentline',
            constraint=models.UniqueConstraint(fields=('payment', 'seat'), name='studio_line_once'),
        ),
        migrations.AddConstraint(
            model_name='studiopaymentline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='studio_line_of_something'),
        ),
        migrations.AddConstraint(
            model_name='studiopaymentline',
            constraint=models.CheckConstraint(condition=models.Q(('forgiven', 0), models.Q(('forgiven__gt', 0), ('forgiven__lte', django.db.models.expressions.CombinedExpression(models.F('amount'), '*', models.Value(-1)))), models.Q(('forgiven__gte', django.db.models.expressions.CombinedExpression(models.F('amount'), '*', models.Value(-1))), ('forgiven__lt', 0)), _connector='OR'), name='studio_line_forgiven_fits'),
        ),
    ]
