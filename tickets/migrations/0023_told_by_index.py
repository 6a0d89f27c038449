"""What is counted of refunded payments, and which entries are coming, an index tells alone (docs/decisions/0047)."""

import django.db.models.functions.comparison
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0023_index_once"),
        ("payments", "0007_event_vacuum"),
        ("tickets", "0022_carried"),
    ]

    operations = [
        AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["account", "starts_at", "id"], include=("cancelled_at", "series"), name="entry_account_coming"
            ),
        ),
        AddIndex(
            model_name="payment",
            index=models.Index(
                models.F("account"),
                models.OrderBy(django.db.models.functions.comparison.Coalesce("paid_at", "opened_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("amount__gt", 0), ("refunded__gt", 0)),
                include=("state", "currency", "amount", "refunded", "withdrawn"),
                name="payment_refunds",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="entry",
            name="entry_account_schedule",
        ),
        RemoveIndexConcurrently(
            model_name="payment",
            name="payment_refunded",
        ),
    ]
