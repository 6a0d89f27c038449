"""Discount codes (docs/decisions/0088). The release before goes on: it makes nothing cheaper by one."""

import bookwhen.db
import django.db.models.deletion
import uuid
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0048_retention_indexes"),
        ("memberships", "0018_counted_by_index"),
        ("offers", "0007_offer_name_validated"),
        ("tickets", "0045_ledger_filled"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeCoverage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='CodeCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.BigIntegerField()),
                ('used', models.PositiveIntegerField(default=0)),
                ('allowed', models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='CodeRedemption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='DiscountCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, verbose_name='code')),
                ('folded', models.CharField(editable=False, max_length=30)),
                ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='note')),
                ('percent', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='percent off')),
                ('amount_off', models.PositiveIntegerField(blank=True, null=True, verbose_name='amount off')),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('customer_limit', models.PositiveIntegerField(blank=True, null=True)),
                ('for_all', models.BooleanField(default=True)),
                ('enabled', models.BooleanField(default=True, verbose_name='can be used')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='seat',
            name='seat_discount_whole',
        ),
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('entry', 'The spaces taken at an entry don’t match its bookings'), ('ticket', 'The spaces taken by a ticket don’t match its bookings'), ('party', 'The number of people booked with a customer’s offers doesn’t match their bookings'), ('waiting', 'The number of people waiting doesn’t match the waiting list'), ('wait_offer', 'A space offered to someone waiting isn’t held for them'), ('cancelled', 'A cancelled entry still has spaces booked'), ('period', 'The uses counted don’t match the spaces they were used for'), ('extra', 'The extra uses counted don’t match what was given'), ('seat', 'A booked space has no use charged to its offer'), ('marked', 'Someone is marked as present or absent at a space that was cancelled'), ('absent', 'The use returned for an absence doesn’t match the attendance'), ('use', 'A use is charged for a space that isn’t booked'), ('day', 'A use is charged for the wrong date'), ('filed', 'A use is counted in the wrong usage period'), ('carried', 'A use of a replaced offer isn’t counted under the new one'), ('not_in_group', 'A customer with an active membership isn’t in its group'), ('still_in_group', 'A membership keeps a customer in a group when it shouldn’t'), ('presence', 'A customer is listed in a group for longer or shorter than they’re in it'), ('release', 'Spaces weren’t released when a membership ended'), ('discount', 'A space is discounted, but no use is charged for the discount'), ('code', 'The uses counted for a discount code don’t match its bookings'), ('code_customer', 'A customer’s uses of a code don’t match their bookings'), ('code_seat', 'A space is cheaper by a discount code that its booking doesn’t use'), ('expired_basket', 'An expired basket is still holding spaces'), ('released_basket', 'A released basket is still taking up spaces'), ('paying', 'A basket is waiting for payment, but no checkout is open'), ('checkout', 'A checkout is open for a basket that isn’t waiting for payment'), ('purchase', 'A membership bought with a booking never started'), ('adds_up', 'A payment doesn’t equal the total of the spaces it paid for'), ('unbooked', 'A payment has no booking and no refund'), ('too_late', 'A space that was gone before payment arrived hasn’t been refunded'), ('unpaid', 'A booked space with a price hasn’t been paid for'), ('refunded', 'The amount refunded on a payment doesn’t match its refunds'), ('disputed', 'The amount withdrawn from a payment doesn’t match its disputes'), ('gone_twice', 'More was refunded and lost to disputes than was paid'), ('too_much', 'More has been refunded for a space than it cost'), ('lines', 'A refund is less than the total for its spaces'), ('waits', 'A refund hasn’t reached Stripe for more than an hour'), ('failed', 'A refund failed and nobody has dealt with it'), ('unchecked', 'This check couldn’t be run')], max_length=20),
        ),
        migrations.AddField(
            model_name='codecoverage',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='codecoverage',
            name='page',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.schedulepage'),
        ),
        migrations.AddField(
            model_name='codecoverage',
            name='ticket',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='code_coverage', to='tickets.ticket'),
        ),
        migrations.AddField(
            model_name='codecustomer',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.customer'),
        ),
        migrations.AddField(
            model_name='coderedemption',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='coderedemption',
            name='booking',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='tickets.booking'),
        ),
        migrations.AddField(
            model_name='coderedemption',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.customer'),
        ),
        migrations.CreateModel(
            name='CodeUses',
            fields=[
                ('code', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='uses', serialize=False, to='tickets.discountcode')),
                ('account_id', models.BigIntegerField()),
                ('used', models.PositiveIntegerField(default=0)),
                ('limit', models.PositiveIntegerField(null=True)),
            ],
            options={
                'verbose_name_plural': 'code uses',
            },
        ),
        migrations.AddField(
            model_name='discountcode',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='coderedemption',
            name='code',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='tickets.discountcode'),
        ),
        migrations.AddField(
            model_name='codecustomer',
            name='code',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.discountcode'),
        ),
        migrations.AddField(
            model_name='codecoverage',
            name='code',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='coverage', to='tickets.discountcode'),
        ),
        migrations.AddField(
            model_name='booking',
            name='discount_code',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.discountcode'),
        ),
        migrations.AddField(
            model_name='seat',
            name='discount_code',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.discountcode'),
        ),
        AddConstraintNotValid(
            model_name='seat',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__lte', models.F('price')), ('discount__isnull', False), ('discount_use__isnull', False), ('discount_code__isnull', True), ('discount_index__isnull', False)), models.Q(('discount__isnull', True), ('discount_index__isnull', True), ('discount_use__isnull', True), models.Q(('amount', models.F('price')), models.Q(('amount__lte', models.F('price')), ('discount_code__isnull', False)), _connector='OR')), _connector='OR'), name='seat_discount_whole'),
        ),
        migrations.AddConstraint(
            model_name='codeuses',
            constraint=models.CheckConstraint(condition=models.Q(('used__gte', 0), models.Q(('limit__isnull', True), ('limit__gte', models.F('used')), _connector='OR')), name='code_uses_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=bookwhen.db.TextCheck(longest={}, name='discount_code_text', one_line=('code', 'note')),
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=models.CheckConstraint(condition=models.Q(('folded', ''), _negated=True), name='discount_code_named'),
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=models.UniqueConstraint(fields=('account', 'folded'), name='discount_code_once'),
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=models.UniqueConstraint(fields=('account', 'key'), name='discount_code_key_once'),
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_off__isnull', True), ('percent__range', (1, 100))), models.Q(('amount_off__gte', 1), ('percent__isnull', True)), _connector='OR'), name='discount_code_percent_or_amount'),
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='discount_code_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=models.CheckConstraint(condition=models.Q(('customer_limit__isnull', True), ('customer_limit__gte', 1), _connector='OR'), name='discount_code_customer_limit'),
        ),
        migrations.AddIndex(
            model_name='discountcode',
            index=models.Index(fields=['account', '-id'], name='discount_code_newest'),
        ),
        migrations.AddIndex(
            model_name='coderedemption',
            index=models.Index(fields=['code', '-created_at', '-id'], name='code_redemption_newest'),
        ),
        migrations.AddIndex(
            model_name='coderedemption',
            index=models.Index(fields=['account', 'id'], name='code_redemption_of_account'),
        ),
        migrations.AddConstraint(
            model_name='coderedemption',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('booking',), name='code_redemption_once_a_booking'),
        ),
        migrations.AddConstraint(
            model_name='codecustomer',
            constraint=models.UniqueConstraint(fields=('code', 'customer'), name='code_customer_once'),
        ),
        migrations.AddConstraint(
            model_name='codecustomer',
            constraint=models.CheckConstraint(condition=models.Q(('used__gte', 0), models.Q(('allowed__isnull', True), ('allowed__gte', models.F('used')), _connector='OR')), name='code_customer_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='codecoverage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('page__isnull', False), ('ticket__isnull', True)), models.Q(('page__isnull', True), ('ticket__isnull', False)), _connector='OR'), name='code_coverage_page_or_ticket'),
        ),
        migrations.AddConstraint(
            model_name='codecoverage',
            constraint=models.UniqueConstraint(fields=('code', 'page'), name='code_coverage_page_once'),
        ),
        migrations.AddConstraint(
            model_name='codecoverage',
            constraint=models.UniqueConstraint(fields=('code', 'ticket'), name='code_coverage_ticket_once'),
        ),
    ]
