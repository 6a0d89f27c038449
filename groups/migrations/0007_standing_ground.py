import uuid

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0006_member_stands_until")]

    operations = [
        AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("ground", uuid.UUID(int=0)), _negated=True), fields=["ground"], name="standing_ground"
            ),
        ),
    ]
