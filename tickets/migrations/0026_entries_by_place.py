from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """Entries of a location in the order of the schedule, and those of a picture."""

    atomic = False

    dependencies = [("tickets", "0025_people_and_places")]

    operations = [
        AddIndex(
            "entry",
            models.Index(
                condition=models.Q(("venue__isnull", False)),
                fields=["page", "venue", "starts_at", "id"],
                name="entry_page_venue",
            ),
        ),
        AddIndex(
            "entry",
            models.Index(
                condition=models.Q(("venue__isnull", False)), fields=["venue", "starts_at", "id"], name="entry_venue"
            ),
        ),
        AddIndex(
            "entry",
            models.Index(condition=models.Q(("picture__isnull", False)), fields=["picture"], name="entry_picture"),
        ),
    ]
