"""Those who are still to be told that their standing by hand ends."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0012_people")]

    operations = [
        AddIndex(
            "standing",
            models.Index(
                condition=models.Q(("end_told_at__isnull", True), ("source", "manual"), ("until__isnull", False)),
                fields=["until", "id"],
                name="standing_end_untold",
            ),
        ),
    ]
