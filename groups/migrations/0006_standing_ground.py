import uuid

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0005_standing_anchor_at_checked")]

    operations = [
        AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("ground", uuid.UUID(int=0)), _negated=True), fields=["ground"], name="standing_ground"
            ),
        ),
    ]
