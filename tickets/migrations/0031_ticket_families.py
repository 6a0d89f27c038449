from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """Tickets and series that were one once are found together."""

    atomic = False

    dependencies = [("tickets", "0030_series_as_said")]

    operations = [
        AddIndex(
            model_name="series",
            index=models.Index(
                condition=models.Q(("split_from__isnull", False)), fields=["split_from"], name="series_split_from"
            ),
        ),
        AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("split_from__isnull", False)), fields=["split_from"], name="ticket_split_from"
            ),
        ),
    ]
