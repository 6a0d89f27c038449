"""An account's places on waiting lists that are over, from the oldest, for accounts that keep them for a time only."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0041_imported_seats")]

    operations = [
        AddIndex(
            "waitlistrequest",
            models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["account", "ended_at", "id"],
                name="waitlist_over",
            ),
        ),
    ]
