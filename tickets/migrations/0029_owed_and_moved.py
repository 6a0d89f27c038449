"""What is owed is found among all seats, and so is what was moved away from an entry."""

from django.db import migrations, models
from django.db.models import Q

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("tickets", "0028_by_the_studio"),
    ]

    operations = [
        AddIndex(
            "seat",
            models.Index(
                fields=["account", "booking"], condition=Q(cancelled_at__isnull=True, owed__gt=0), name="seat_owed"
            ),
        ),
        AddIndex(
            "seat",
            models.Index(fields=["moved_from"], condition=Q(moved_from__isnull=False), name="seat_moved_from"),
        ),
    ]
