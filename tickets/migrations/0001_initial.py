import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("groups", "0001_initial"),
        ("memberships", "0001_initial"),
        ("offers", "0001_initial"),
        ("payments", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("location", models.CharField(blank=True, max_length=200, verbose_name="location")),
                ("starts_at", models.DateTimeField(verbose_name="starts")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                (
                    "per_booking",
                    models.PositiveSmallIntegerField(default=6, verbose_name="maximum tickets per booking"),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="accounts.schedulepage"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.UUIDField()),
                ("channel", models.CharField(choices=[("customer", "Customer"), ("studio", "Studio")], max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("basket", "In a basket"),
                            ("paying", "Payment in progress"),
                            ("booked", "Booked"),
                            ("joined", "Membership only"),
                            ("released", "Not completed"),
                        ],
                        default="booked",
                        max_length=10,
                    ),
                ),
                ("held_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bookings", to="accounts.customer"
                    ),
                ),
                (
                    "filled_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "membership_price",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="memberships.price"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.schedulepage"
                    ),
                ),
                (
                    "purchase",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booking",
                        to="memberships.subscription",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EntryPlaces",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="places",
                        serialize=False,
                        to="tickets.entry",
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("capacity", models.PositiveIntegerField()),
                ("taken", models.PositiveIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("entry", "The spaces taken at an entry don’t match its bookings"),
                            ("ticket", "The spaces taken by a ticket don’t match its bookings"),
                            (
                                "party",
                                "The number of people booked with a customer’s offers doesn’t match their bookings",
                            ),
                            ("cancelled", "A cancelled entry still has spaces booked"),
                            ("period", "The uses counted don’t match the spaces they were used for"),
                            ("seat", "A booked space has no use charged to its offer"),
                            ("use", "A use is charged for a space that isn’t booked"),
                            ("day", "A use is charged for the wrong date"),
                            ("filed", "A use is counted in the wrong usage period"),
                            ("not_in_group", "A customer with an active membership isn’t in its group"),
                            ("still_in_group", "A membership keeps a customer in a group when it shouldn’t"),
                            ("release", "Spaces weren’t released when a membership ended"),
                            ("discount", "A space is discounted, but no use is charged for the discount"),
                            ("expired_basket", "An expired basket is still holding spaces"),
                            ("released_basket", "A released basket is still taking up spaces"),
                            ("paying", "A basket is waiting for payment, but no checkout is open"),
                            ("checkout", "A checkout is open for a basket that isn’t waiting for payment"),
                            ("purchase", "A membership bought with a booking never started"),
                            ("adds_up", "A payment doesn’t equal the total of the spaces it paid for"),
                            ("unbooked", "A payment has no booking and no refund"),
                            ("too_late", "A space that was gone before payment arrived hasn’t been refunded"),
                            ("unpaid", "A booked space with a price hasn’t been paid for"),
                            ("refunded", "The amount refunded on a payment doesn’t match its refunds"),
                            ("too_much", "More has been refunded for a space than it cost"),
                            ("lines", "A refund is less than the total for its spaces"),
                            ("waits", "A refund hasn’t reached Stripe for more than an hour"),
                            ("failed", "A refund failed and nobody has dealt with it"),
                        ],
                        max_length=20,
                    ),
                ),
                ("row", models.BigIntegerField()),
                ("name", models.CharField(blank=True, max_length=200)),
                ("counted", models.CharField(max_length=60)),
                ("should_be", models.CharField(max_length=60)),
                ("found_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.customer"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.entry"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="groups.group"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("seats", models.PositiveIntegerField(default=0)),
                ("allowed", models.PositiveIntegerField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.customer"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.entry"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "parties",
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("session", models.CharField(blank=True, max_length=255)),
                ("intent", models.CharField(blank=True, max_length=255)),
                ("amount", models.PositiveIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "At checkout"), ("paid", "Paid"), ("abandoned", "Not paid")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("refunded", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField()),
                ("paid_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="tickets.booking"
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.connection"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("amount", models.PositiveIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("customer", "Cancelled by the customer"),
                            ("studio", "Cancelled by the studio"),
                            ("too_late", "Space gone before payment arrived"),
                            ("paid_twice", "Paid twice"),
                            ("ended", "Membership ended"),
                            ("operator", "Refunded by the studio"),
                            ("stripe", "Refunded in Stripe"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Sending to Stripe"),
                            ("pending", "On its way"),
                            ("done", "Refunded"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("stripe_id", models.CharField(blank=True, max_length=255)),
                ("trouble", models.TextField(blank=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="tickets.payment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ground", models.UUIDField()),
                ("ended_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="groups.member"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("attendee_name", models.CharField(max_length=200)),
                ("attendee_email", models.EmailField(blank=True, max_length=254)),
                ("is_for_booker", models.BooleanField(default=False)),
                ("price", models.PositiveIntegerField(default=0)),
                ("amount", models.PositiveIntegerField(default=0)),
                ("discount_index", models.PositiveSmallIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "cancelled_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("customer", "Customer"),
                            ("studio", "Studio"),
                            ("released", "Membership ended"),
                            ("basket_abandoned", "Not completed"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="tickets.booking"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="accounts.customer"
                    ),
                ),
                (
                    "discount",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offers.offer"
                    ),
                ),
                (
                    "discount_use",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offers.offeruse"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="tickets.entry"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="tickets.payment",
                    ),
                ),
                (
                    "self_attendee",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
                    ),
                ),
                (
                    "use",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offers.offeruse"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RefundedSeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.PositiveIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seats", to="tickets.refund"
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="tickets.seat"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="series", to="accounts.schedulepage"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "series",
            },
        ),
        migrations.AddField(
            model_name="entry",
            name="series",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="tickets.series"
            ),
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("exclusive", models.BooleanField(default=False, verbose_name="exclusive ticket")),
                ("shown", models.BooleanField(default=True, verbose_name="show ticket")),
                ("capacity", models.PositiveIntegerField(blank=True, null=True, verbose_name="number of tickets")),
                (
                    "cost",
                    models.CharField(
                        choices=[("cost", "Has cost"), ("free", "Free ticket"), ("none", "No cost")],
                        default="free",
                        max_length=10,
                        verbose_name="cost",
                    ),
                ),
                ("price", models.PositiveIntegerField(default=0, verbose_name="price")),
                ("opens_minutes_before", models.PositiveIntegerField(blank=True, null=True)),
                ("closes_minutes_before", models.PositiveIntegerField(default=0)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True, related_name="tickets", to="groups.group", verbose_name="customer groups"
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="tickets.series"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.AddField(
            model_name="seat",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="tickets.ticket"
            ),
        ),
        migrations.CreateModel(
            name="Coverage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="coverage", to="offers.offer"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.schedulepage",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="coverage",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketPlaces",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("capacity", models.PositiveIntegerField(null=True)),
                ("taken", models.PositiveIntegerField(default=0)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ticket_places", to="tickets.entry"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="tickets.ticket"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("held_until__isnull", False)), fields=["held_until"], name="booking_held"
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("held_until__isnull", False)), fields=["filled_by"], name="booking_filled_by"
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["customer", "-created_at"], name="booking_customer"),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.UniqueConstraint(fields=("account", "key"), name="booking_key_once"),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_until__isnull", False), ("state__in", ("basket", "paying"))),
                    models.Q(("held_until__isnull", True), ("state__in", ["booked", "joined", "released"])),
                    _connector="OR",
                ),
                name="booking_held_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="entryplaces",
            constraint=models.CheckConstraint(
                condition=models.Q(("taken__gte", 0), ("taken__lte", models.F("capacity"))), name="entry_places_fit"
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["account", "id"], name="finding_of_account"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(fields=("entry", "customer"), name="party_once"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats__gte", 0), ("seats__lte", models.F("allowed"))), name="party_within_allowed"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["connection", "session"], name="payment_session"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["connection", "intent"], name="payment_intent"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["account", "-paid_at"], name="payment_account"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunded__gte", 0), ("refunded__lte", models.F("amount"))),
                name="payment_refunds_fit",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_at__isnull", False), ("state", "paid")),
                    models.Q(("paid_at__isnull", True), ("refunded", 0), ("state__in", ["open", "abandoned"])),
                    _connector="OR",
                ),
                name="payment_paid_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("booking",), name="payment_open_once"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(condition=models.Q(("state", "queued")), fields=["due_at"], name="refund_waiting"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["account", "-created_at"], name="refund_account"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 1)), name="refund_positive"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stripe_id", ""), _negated=True),
                fields=("payment", "stripe_id"),
                name="refund_known_once",
            ),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(condition=models.Q(("done_at__isnull", True)), fields=["id"], name="release_waiting"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("member", "ground", "ended_at"), name="release_once"),
        ),
        migrations.AddConstraint(
            model_name="refundedseat",
            constraint=models.UniqueConstraint(fields=("refund", "seat"), name="refunded_seat_once"),
        ),
        migrations.AddConstraint(
            model_name="refundedseat",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 1)), name="refunded_seat_positive"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["page", "starts_at", "id"], name="entry_page_schedule"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "starts_at", "id"], name="entry_account_schedule"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["series", "starts_at"], name="entry_series"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="entry_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_booking__gte", 1)), name="entry_per_booking_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_minutes_before__isnull", True),
                    ("opens_minutes_before__gt", models.F("closes_minutes_before")),
                    _connector="OR",
                ),
                name="ticket_opens_before_closing",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cost", "cost"), ("price__gte", 1)),
                    models.Q(("cost__in", ["free", "none"]), ("price", 0)),
                    _connector="OR",
                ),
                name="ticket_price_fits_cost",
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(
                condition=models.Q(("cancelled_at__isnull", True)), fields=["entry", "customer"], name="seat_live"
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(fields=["customer", "entry"], name="seat_customer"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True), ("self_attendee__isnull", False)),
                fields=("entry", "self_attendee"),
                name="seat_self_attendee_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True), ("discount__isnull", False)),
                fields=("entry", "customer", "discount", "discount_index"),
                name="seat_discount_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__lte", models.F("price")),
                        ("discount__isnull", False),
                        ("discount_use__isnull", False),
                        ("discount_index__isnull", False),
                    ),
                    models.Q(
                        ("amount", models.F("price")),
                        ("discount__isnull", True),
                        ("discount_index__isnull", True),
                        ("discount_use__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="seat_discount_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("page__isnull", False), ("ticket__isnull", True)),
                    models.Q(("page__isnull", True), ("ticket__isnull", False)),
                    _connector="OR",
                ),
                name="coverage_page_or_ticket",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.UniqueConstraint(fields=("offer", "page"), name="coverage_page_once"),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.UniqueConstraint(fields=("offer", "ticket"), name="coverage_ticket_once"),
        ),
        migrations.AddConstraint(
            model_name="ticketplaces",
            constraint=models.UniqueConstraint(fields=("ticket", "entry"), name="ticket_places_once"),
        ),
        migrations.AddConstraint(
            model_name="ticketplaces",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken__gte", 0),
                    models.Q(("capacity__isnull", True), ("taken__lte", models.F("capacity")), _connector="OR"),
                ),
                name="ticket_places_fit",
            ),
        ),
    ]
