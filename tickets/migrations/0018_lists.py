"""Lists by keyset and searches by index (docs/decisions/0047)."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
from django.conf import settings
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

import bookwhen.db
import bookwhen.search
from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0021_lists"),
        ("memberships", "0013_lists"),
        ("payments", "0006_event_state"),
        ("tickets", "0017_group_tickets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndex(
            model_name="booking",
            index=models.Index(fields=["account", "state", "-created_at", "-id"], name="booking_listed"),
        ),
        AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("held_until__isnull", False)),
                fields=["account", "-created_at", "-id"],
                name="booking_held_listed",
            ),
        ),
        AddIndex(
            model_name="booking",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.SearchText("booker_name"), name="gin_trgm_ops"),
                condition=models.Q(("booker_name", ""), _negated=True),
                name="booking_search",
                gin_pending_list_limit=256,
            ),
        ),
        AddIndex(
            model_name="dispute",
            index=models.Index(fields=["account", "-opened_at", "-id"], name="dispute_newest"),
        ),
        AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GistIndex(
                models.F("account"),
                bookwhen.db.InstantRange("starts_at", "ends_at", models.Value("[)")),
                name="entry_on_now",
            ),
        ),
        AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.SearchText("title"), name="gin_trgm_ops"),
                name="entry_search",
                gin_pending_list_limit=256,
            ),
        ),
        AddIndex(
            model_name="payment",
            index=models.Index(
                models.F("account"),
                models.OrderBy(django.db.models.functions.comparison.Coalesce("paid_at", "opened_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("amount__gt", 0)),
                name="payment_listed",
            ),
        ),
        AddIndex(
            model_name="payment",
            index=models.Index(
                models.F("account"),
                models.F("state"),
                models.OrderBy(django.db.models.functions.comparison.Coalesce("paid_at", "opened_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("amount__gt", 0)),
                name="payment_listed_state",
            ),
        ),
        AddIndex(
            model_name="payment",
            index=models.Index(
                models.F("account"),
                models.OrderBy(django.db.models.functions.comparison.Coalesce("paid_at", "opened_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("amount__gt", 0), ("refunded__gt", 0)),
                name="payment_refunded",
            ),
        ),
        AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("failed_at__isnull", False), ("settled_at__isnull", True), ("state", "abandoned")),
                fields=["account"],
                name="payment_owed",
            ),
        ),
        AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True), ("state", "failed")),
                fields=["account", "payment"],
                name="refund_failed",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="booking",
            name="booking_newest",
        ),
    ]
