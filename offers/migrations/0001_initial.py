import bookwhen.db
import django.contrib.postgres.constraints
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("groups", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("exclusive", "Exclusive tickets"), ("discount", "Discount")],
                        default="exclusive",
                        max_length=20,
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="percent off")),
                ("amount_off", models.PositiveIntegerField(blank=True, null=True, verbose_name="amount off")),
                ("enabled", models.BooleanField(default=False, verbose_name="offer enabled")),
                (
                    "audience",
                    models.CharField(
                        choices=[("personal", "Personal use only"), ("additional", "Allow additional attendees")],
                        default="personal",
                        max_length=20,
                    ),
                ),
                ("additional_attendees", models.PositiveSmallIntegerField(default=0)),
                ("limit", models.PositiveIntegerField(blank=True, null=True)),
                ("ongoing", models.BooleanField(default=True, verbose_name="ongoing offer")),
                ("period_count", models.PositiveSmallIntegerField(default=1)),
                (
                    "period_unit",
                    models.CharField(
                        choices=[("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years")],
                        default="month",
                        max_length=10,
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("created_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="groups.group"
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="offers.offer",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="UsagePeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                ("ceiling", models.PositiveIntegerField(null=True)),
                ("used", models.PositiveIntegerField(default=0)),
                ("closed_at", models.DateTimeField(null=True)),
                ("left_unused", models.PositiveIntegerField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="periods", to="groups.member"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="periods", to="offers.offer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OfferUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seat", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("exclusive", "Exclusive tickets"), ("discount", "Discount")],
                        default="exclusive",
                        max_length=20,
                    ),
                ),
                ("event_on", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=20)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="offers.usageperiod"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(fields=("account", "key"), name="offer_key_once"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("additional_attendees", 0), ("audience", "personal")),
                    models.Q(("additional_attendees__gte", 1), ("audience", "additional")),
                    _connector="OR",
                ),
                name="offer_audience_fits_attendees",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount_off__isnull", True), ("kind", "exclusive"), ("percent__isnull", True)),
                    models.Q(("amount_off__isnull", True), ("kind", "discount"), ("percent__range", (1, 100))),
                    models.Q(("amount_off__gte", 1), ("kind", "discount"), ("percent__isnull", True)),
                    _connector="OR",
                ),
                name="offer_kind_fits_discount",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("limit__isnull", True), ("limit__gte", 1), _connector="OR"),
                name="offer_limit_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("period_count__gte", 1), ("period_unit__in", ["day", "week", "month", "year"])),
                name="offer_period_positive",
            ),
        ),
        migrations.AddIndex(
            model_name="usageperiod",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)), fields=["ends_on"], name="period_open_end"
            ),
        ),
        migrations.AddConstraint(
            model_name="usageperiod",
            constraint=models.UniqueConstraint(fields=("offer", "member", "starts_on"), name="period_once"),
        ),
        migrations.AddConstraint(
            model_name="usageperiod",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("offer", "="),
                    ("member", "="),
                    (bookwhen.db.DateRange("starts_on", "ends_on", models.Value("[)")), "&&"),
                ],
                name="period_no_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="usageperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used__gte", 0),
                    models.Q(("ceiling__isnull", True), ("used__lte", models.F("ceiling")), _connector="OR"),
                ),
                name="period_within_ceiling",
            ),
        ),
        migrations.AddConstraint(
            model_name="offeruse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("seat", "kind"), name="use_once_a_seat"
            ),
        ),
    ]
