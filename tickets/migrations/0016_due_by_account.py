"""Sweeps take what is due of each account in turn."""

from django.db import migrations, models
from django.db.models import Q

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("tickets", "0015_public_pages"),
    ]

    operations = [
        AddIndex(
            "booking",
            models.Index(
                fields=["state", "account", "held_until", "id"],
                condition=Q(held_until__isnull=False),
                name="booking_overdue",
            ),
        ),
        AddIndex(
            "refund",
            models.Index(fields=["account", "due_at", "id"], condition=Q(state="queued"), name="refund_by_account"),
        ),
        AddIndex(
            "release",
            models.Index(fields=["account", "id"], condition=Q(done_at__isnull=True), name="release_by_account"),
        ),
    ]
