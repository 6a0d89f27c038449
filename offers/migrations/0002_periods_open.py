"""Closing periods reads those that have ended by their end, of each account; nothing walks through all there ever were."""

from django.db import migrations, models
from django.db.models import Q

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("offers", "0001_initial"),
    ]

    operations = [
        AddIndex(
            "usageperiod",
            models.Index(
                fields=["account", "ends_on", "id"],
                condition=Q(closed_at__isnull=True, ends_on__isnull=False),
                name="period_open_by_account",
            ),
        ),
        AddIndex("usageperiod", models.Index(fields=["id"], condition=Q(closed_at__isnull=True), name="period_open")),
    ]
