"""What is counted of customers’ memberships is in an index as a whole: no row is read (docs/decisions/0047)."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex, DropKeyIndex


# A membership is one account's: without knowing that, PostgreSQL expects a handful of a whole membership's customers.
STATISTICS = """
CREATE STATISTICS IF NOT EXISTS subscription_memberships (dependencies)
ON account_id, membership_id FROM memberships_subscription
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0023_index_once"),
        ("memberships", "0017_by_title"),
    ]

    operations = [
        AddIndex(
            model_name="subscription",
            index=models.Index(fields=["membership", "account", "status"], name="subscription_holders"),
        ),
        AddIndex(
            model_name="subscription",
            index=models.Index(fields=["price", "account", "status"], name="subscription_payers"),
        ),
        AddIndex(
            model_name="subscription",
            index=models.Index(
                models.F("account"),
                models.Case(
                    models.When(
                        models.Q(
                            ("ends_at", None),
                            ("status__in", ("active", "trialing")),
                            models.Q(
                                models.Q(("pause_behavior", ""), _negated=True),
                                models.Q(("paid_until__isnull", False), ("paid_until__lt", models.F("period_end"))),
                                _connector="OR",
                                _negated=True,
                            ),
                        ),
                        then=models.Value("active"),
                    ),
                    models.When(
                        models.Q(
                            ("ends_at__isnull", False),
                            ("status__in", ("active", "trialing")),
                            models.Q(
                                models.Q(("pause_behavior", ""), _negated=True),
                                models.Q(("paid_until__isnull", False), ("paid_until__lt", models.F("period_end"))),
                                _connector="OR",
                                _negated=True,
                            ),
                        ),
                        then=models.Value("unrenewed"),
                    ),
                    models.When(
                        models.Q(
                            ("status__in", ("active", "trialing")),
                            models.Q(
                                models.Q(("pause_behavior", ""), _negated=True),
                                models.Q(("paid_until__isnull", False), ("paid_until__lt", models.F("period_end"))),
                                _connector="OR",
                            ),
                        ),
                        then=models.Value("paused"),
                    ),
                    models.When(
                        models.Q(("status__in", ("past_due", "unpaid", "paused"))), then=models.Value("unpaid")
                    ),
                    models.When(models.Q(("status", "canceled")), then=models.Value("cancelled")),
                    default=models.Value(""),
                    output_field=models.CharField(),
                ),
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("started_at", "created_at"), descending=True
                ),
                models.OrderBy(models.F("id"), descending=True),
                include=("status", "started_at", "created_at", "ends_at", "pause_behavior", "paid_until", "period_end"),
                name="subscription_listed_in",
            ),
        ),
        AddIndex(
            model_name="subscription",
            index=models.Index(
                models.F("membership"),
                models.Case(
                    models.When(
                        models.Q(
                            ("ends_at", None),
                            ("status__in", ("active", "trialing")),
                            models.Q(
                                models.Q(("pause_behavior", ""), _negated=True),
                                models.Q(("paid_until__isnull", False), ("paid_until__lt", models.F("period_end"))),
                                _connector="OR",
                                _negated=True,
                            ),
                        ),
                        then=models.Value("active"),
                    ),
                    models.When(
                        models.Q(
                            ("ends_at__isnull", False),
                            ("status__in", ("active", "trialing")),
                            models.Q(
                                models.Q(("pause_behavior", ""), _negated=True),
                                models.Q(("paid_until__isnull", False), ("paid_until__lt", models.F("period_end"))),
                                _connector="OR",
                                _negated=True,
                            ),
                        ),
                        then=models.Value("unrenewed"),
                    ),
                    models.When(
                        models.Q(
                            ("status__in", ("active", "trialing")),
                            models.Q(
                                models.Q(("pause_behavior", ""), _negated=True),
                                models.Q(("paid_until__isnull", False), ("paid_until__lt", models.F("period_end"))),
                                _connector="OR",
                            ),
                        ),
                        then=models.Value("paused"),
                    ),
                    models.When(
                        models.Q(("status__in", ("past_due", "unpaid", "paused"))), then=models.Value("unpaid")
                    ),
                    models.When(models.Q(("status", "canceled")), then=models.Value("cancelled")),
                    default=models.Value(""),
                    output_field=models.CharField(),
                ),
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("started_at", "created_at"), descending=True
                ),
                models.OrderBy(models.F("id"), descending=True),
                include=(
                    "account",
                    "status",
                    "started_at",
                    "created_at",
                    "ends_at",
                    "pause_behavior",
                    "paid_until",
                    "period_end",
                ),
                name="subscriber_listed_in",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="subscription",
            name="subscription_of_membership",
        ),
        RemoveIndexConcurrently(
            model_name="subscription",
            name="subscription_listed_state",
        ),
        RemoveIndexConcurrently(
            model_name="subscription",
            name="subscriber_listed_state",
        ),
        DropKeyIndex(
            model_name="subscription",
            name="price",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="subscriptions",
                to="memberships.price",
            ),
        ),
        migrations.RunSQL(STATISTICS, "DROP STATISTICS IF EXISTS subscription_memberships"),
    ]
