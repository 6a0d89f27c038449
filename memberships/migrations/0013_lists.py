"""Lists by keyset (docs/decisions/0047)."""

import django.db.models.functions.comparison
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0021_lists"),
        ("memberships", "0012_compared"),
    ]

    operations = [
        AddIndex(
            model_name="subscription",
            index=models.Index(
                models.F("account"),
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("started_at", "created_at"), descending=True
                ),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(
                    ("status__in", ["abandoned", "incomplete", "incomplete_expired", "pending"]), _negated=True
                ),
                name="subscription_listed",
            ),
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
                name="subscription_listed_state",
            ),
        ),
        AddIndex(
            model_name="subscription",
            index=models.Index(
                models.F("membership"),
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("started_at", "created_at"), descending=True
                ),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(
                    ("status__in", ["abandoned", "incomplete", "incomplete_expired", "pending"]), _negated=True
                ),
                name="subscriber_listed",
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
                name="subscriber_listed_state",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="subscription",
            name="subscription_newest",
        ),
    ]
