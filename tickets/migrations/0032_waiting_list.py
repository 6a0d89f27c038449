"""The waiting list (docs/decisions/0061). The release before goes on: it knows no reserved places, and makes none."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0030_waiting_list"),
        ("tickets", "0031_ticket_families"),
    ]

    operations = [
        migrations.CreateModel(
            name='WaitlistRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None)),
                ('is_guest', models.BooleanField(default=False)),
                ('books_at_once', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[("waiting", "Waiting"), ("offered", "Offered"), ("taken", "Booked"), ("declined", "Declined"), ('lapsed', 'Offer expired'), ('left', 'Left the list'), ("ended", "Ended")], default='waiting', max_length=10)),
                ('joined_at', models.DateTimeField()),
                ('offered_at', models.DateTimeField(null=True)),
                ('offered_until', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_because', models.CharField(blank=True, choices=[('cancelled', 'The event was cancelled'), ('sale_ended', 'Booking closed'), ('ticket_gone', 'The ticket is no longer on sale'), ('removed', 'Removed by the studio')], default='', max_length=20)),
                ('skipped', models.CharField(blank=True, default='', max_length=40)),
                ('skipped_at', models.DateTimeField(null=True)),
                ('moved_from', models.DateTimeField(null=True)),
                ('look_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='booking',
            name='from_waiting_list',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='entryplaces',
            name='reserved',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='entryplaces',
            name='waiting',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='ticketplaces',
            name='reserved',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='ticketplaces',
            name='waiting',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='finding',
            name='kind',
            field=models.CharField(choices=[('entry', 'The spaces taken at an entry don’t match its bookings'), ('ticket', 'The spaces taken by a ticket don’t match its bookings'), ('party', 'The number of people booked with a customer’s offers doesn’t match their bookings'), ('waiting', 'The number of people waiting doesn’t match the waiting list'), ('wait_offer', 'A space offered to someone waiting isn’t held for them'), ('cancelled', 'A cancelled entry still has spaces booked'), ('period', 'The uses counted don’t match the spaces they were used for'), ('seat', 'A booked space has no use charged to its offer'), ('use', 'A use is charged for a space that isn’t booked'), ('day', 'A use is charged for the wrong date'), ('filed', 'A use is counted in the wrong usage period'), ('carried', 'A use of a replaced offer isn’t counted under the new one'), ('not_in_group', 'A customer with an active membership isn’t in its group'), ('still_in_group', 'A membership keeps a customer in a group when it shouldn’t'), ('presence', 'A customer is listed in a group for longer or shorter than they’re in it'), ('release', 'Spaces weren’t released when a membership ended'), ('discount', 'A space is discounted, but no use is charged for the discount'), ('expired_basket', 'An expired basket is still holding spaces'), ('released_basket', 'A released basket is still taking up spaces'), ('paying', 'A basket is waiting for payment, but no checkout is open'), ('checkout', 'A checkout is open for a basket that isn’t waiting for payment'), ('purchase', 'A membership bought with a booking never started'), ('adds_up', 'A payment doesn’t equal the total of the spaces it paid for'), ('unbooked', 'A payment has no booking and no refund'), ('too_late', 'A space that was gone before payment arrived hasn’t been refunded'), ('unpaid', 'A booked space with a price hasn’t been paid for'), ('refunded', 'The amount refunded on a payment doesn’t match its refunds'), ('disputed', 'The amount withdrawn from a payment doesn’t match its disputes'), ('gone_twice', 'More was refunded and lost to disputes than was paid'), ('too_much', 'More has been refunded for a space than it cost'), ('lines', 'A refund is less than the total for its spaces'), ('waits', 'A refund hasn’t reached Stripe for more than an hour'), ('failed', 'A refund failed and nobody has dealt with it'), ('unchecked', 'This check couldn’t be run')], max_length=20),
        ),
        migrations.RemoveConstraint(
            model_name='entryplaces',
            name='entry_places_fit',
        ),
        migrations.RemoveConstraint(
            model_name='ticketplaces',
            name='ticket_places_fit',
        ),
        AddConstraintNotValid(
            model_name='entryplaces',
            constraint=models.CheckConstraint(condition=models.Q(('capacity__gte', django.db.models.expressions.CombinedExpression(models.F('taken'), '+', models.F('reserved'))), ('reserved__gte', 0), ('taken__gte', 0)), name='entry_places_fit'),
        ),
        AddConstraintNotValid(
            model_name='entryplaces',
            constraint=models.CheckConstraint(condition=models.Q(('reserved', 0), ('waiting__gt', 0), _connector='OR'), name='entry_places_for_someone'),
        ),
        AddConstraintNotValid(
            model_name='ticketplaces',
            constraint=models.CheckConstraint(condition=models.Q(('reserved__gte', 0), ('taken__gte', 0), models.Q(models.Q(('capacity__isnull', True), ('reserved', 0)), ('capacity__gte', django.db.models.expressions.CombinedExpression(models.F('taken'), '+', models.F('reserved'))), _connector='OR')), name='ticket_places_fit'),
        ),
        AddConstraintNotValid(
            model_name='ticketplaces',
            constraint=models.CheckConstraint(condition=models.Q(('reserved', 0), ('waiting__gt', 0), _connector='OR'), name='ticket_places_for_someone'),
        ),
        migrations.AddField(
            model_name='waitlistrequest',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='waitlistrequest',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waitlist_requests', to='accounts.customer'),
        ),
        migrations.AddField(
            model_name='waitlistrequest',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waitlist_requests', to='tickets.entry'),
        ),
        migrations.AddField(
            model_name='waitlistrequest',
            name='hold',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='waitlist_requests', to='tickets.booking'),
        ),
        migrations.AddField(
            model_name='waitlistrequest',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket'),
        ),
        migrations.AddIndex(
            model_name='waitlistrequest',
            index=models.Index(fields=['account', 'entry', 'joined_at', 'id'], name='waitlist_of_entry'),
        ),
        migrations.AddIndex(
            model_name='waitlistrequest',
            index=models.Index(condition=models.Q(('look_at__isnull', False)), fields=['account', 'look_at', 'id'], name='waitlist_to_look_at'),
        ),
        migrations.AddConstraint(
            model_name='waitlistrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ("waiting", "offered"))), fields=("entry", "customer"), name='waitlist_once'),
        ),
        migrations.AddConstraint(
            model_name='waitlistrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('hold__isnull', False)), fields=('hold',), name='waitlist_hold_once'),
        ),
        migrations.AddConstraint(
            model_name='waitlistrequest',
            constraint=models.CheckConstraint(condition=models.Q(('names__len__range', (1, 10))), name='waitlist_names'),
        ),
        migrations.AddConstraint(
            model_name='waitlistrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hold__isnull', True), ('offered_until__isnull', True), ("state", "waiting"), ('ended_at__isnull', True), ('ended_because', '')), models.Q(('hold__isnull', False), ('offered_at__isnull', False), ('offered_until__isnull', False), ("state", "offered"), ('ended_at__isnull', True), ('ended_because', '')), models.Q(('ended_at__isnull', False), ('ended_because', ''), ("state", "taken")), models.Q(('hold__isnull', False), ('offered_until__isnull', False), ('state__in', ['declined', 'lapsed']), ('ended_at__isnull', False), ('ended_because', '')), models.Q(('ended_at__isnull', False), ('ended_because', ''), ('hold__isnull', True), ("state", "left")), models.Q(('ended_at__isnull', False), ('ended_because__in', ['cancelled', 'sale_ended', 'ticket_gone', 'removed']), ("state", "ended")), _connector='OR'), name='waitlist_state_whole'),
        ),
        migrations.AddConstraint(
            model_name='waitlistrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('skipped', ''), ('skipped_at__isnull', True)), models.Q(models.Q(('skipped', ''), _negated=True), ('skipped_at__isnull', False)), _connector='OR'), name='waitlist_skipped_whole'),
        ),
    ]
