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
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="membership title")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("published", models.BooleanField(default=False, verbose_name="published")),
                ("product", models.CharField(blank=True, max_length=255)),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="accounts.account"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="groups.group"
                    ),
                ),
                ("pages", models.ManyToManyField(blank=True, related_name="memberships", to="accounts.schedulepage")),
            ],
            options={
                "ordering": ["title", "id"],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", models.CharField(max_length=100, verbose_name="title")),
                ("amount", models.PositiveIntegerField(verbose_name="cost")),
                ("currency", models.CharField(max_length=3)),
                (
                    "interval",
                    models.CharField(
                        choices=[("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years")],
                        default="month",
                        max_length=10,
                        verbose_name="billing period",
                    ),
                ),
                ("interval_count", models.PositiveSmallIntegerField(default=1)),
                ("trial_days", models.PositiveSmallIntegerField(default=0, verbose_name="trial days")),
                ("published", models.BooleanField(default=True, verbose_name="published")),
                ("archived_at", models.DateTimeField(null=True)),
                ("stripe_id", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="memberships.membership"
                    ),
                ),
            ],
            options={
                "ordering": ["amount", "id"],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("checkout", "Checkout purchase"), ("stripe", "Created via Stripe")], max_length=20
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "At checkout"),
                            ("abandoned", "Not purchased"),
                            ("incomplete", "Payment not completed"),
                            ("incomplete_expired", "Payment never completed"),
                            ("trialing", "On trial"),
                            ("active", "Active"),
                            ("past_due", "Payment failed, retrying"),
                            ("unpaid", "Unpaid"),
                            ("canceled", "Cancelled"),
                            ("paused", "Paused"),
                        ],
                        max_length=20,
                    ),
                ),
                ("session", models.CharField(blank=True, max_length=255)),
                ("stripe_id", models.CharField(blank=True, max_length=255)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("period_start", models.DateTimeField(null=True)),
                ("period_end", models.DateTimeField(null=True)),
                ("trial_end", models.DateTimeField(null=True)),
                ("billing_anchor", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("cancel_reason", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField()),
                ("synced_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="accounts.customer",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="memberships.membership",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.schedulepage",
                    ),
                ),
                (
                    "price",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="memberships.price",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("checkout_opened", "Checkout started"),
                            ("checkout_left", "Checkout not completed"),
                            ("started", "Started"),
                            ("first_paid", "First payment after the trial"),
                            ("renewed", "Renewed"),
                            ("payment_failed", "Payment failed"),
                            ("paid_again", "Overdue payment received"),
                            ("asked_to_end", "Cancellation at period end requested"),
                            ("asked_to_stop", "Immediate cancellation requested"),
                            ("asked_to_keep", "Request to keep membership"),
                            ("will_end", "Set to end at period end"),
                            ("kept", "Cancellation undone"),
                            ("changed", "Price changed"),
                            ("ended", "Ended"),
                        ],
                        max_length=20,
                    ),
                ),
                ("who", models.CharField(blank=True, max_length=254)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="memberships.subscription",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stripe_id", models.CharField(max_length=255)),
                ("number", models.CharField(blank=True, max_length=100)),
                ("status", models.CharField(max_length=20)),
                ("amount_due", models.IntegerField()),
                ("amount_paid", models.IntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("hosted_url", models.TextField(blank=True)),
                ("pdf_url", models.TextField(blank=True)),
                ("attempt_count", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invoices",
                        to="memberships.subscription",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stripe_id", models.CharField(max_length=255)),
                ("field", models.CharField(max_length=40)),
                ("ours", models.CharField(blank=True, max_length=255)),
                ("stripes", models.CharField(blank=True, max_length=255)),
                ("found_at", models.DateTimeField()),
                ("repaired_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="differences",
                        to="memberships.subscription",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("account", "key"), name="membership_key_once"),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stripe_id", ""), _negated=True), fields=("account", "stripe_id"), name="price_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval__in", ["day", "week", "month", "year"]), ("interval_count__gte", 1)),
                name="price_interval_known",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["membership", "status"], name="subscription_of_membership"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["account", "-started_at", "-id"], name="subscription_newest"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stripe_id", ""), _negated=True),
                fields=("account", "stripe_id"),
                name="subscription_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "pending")), fields=("customer", "membership"), name="purchase_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "pending",
                            "abandoned",
                            "incomplete",
                            "incomplete_expired",
                            "trialing",
                            "active",
                            "past_due",
                            "unpaid",
                            "canceled",
                            "paused",
                        ],
                    )
                ),
                name="subscription_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["pending", "abandoned"]), ("stripe_id", "")),
                    models.Q(
                        models.Q(("status__in", ["pending", "abandoned"]), _negated=True),
                        models.Q(("stripe_id", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="subscription_known_to_stripe",
            ),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["subscription", "-at", "-id"], name="milestone_newest"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(fields=("account", "stripe_id"), name="invoice_once"),
        ),
        migrations.AddIndex(
            model_name="difference",
            index=models.Index(fields=["account", "-found_at", "-id"], name="difference_newest"),
        ),
    ]
