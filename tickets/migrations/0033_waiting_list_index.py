"""Where places are to be offered to those who wait."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0032_waiting_list")]

    operations = [
        AddIndex(
            model_name="entryplaces",
            index=models.Index(
                condition=models.Q(("reserved__gt", 0)), fields=["account_id", "entry"], name="entryplaces_to_offer"
            ),
        ),
    ]
