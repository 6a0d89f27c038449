from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """Entries of a title in the order of the schedule."""

    atomic = False

    dependencies = [("tickets", "0035_finding_kinds")]

    operations = [
        AddIndex(
            "entry",
            models.Index(
                fields=["page", "title", "starts_at", "id"], include=["cancelled_at"], name="entry_page_title"
            ),
        ),
    ]
