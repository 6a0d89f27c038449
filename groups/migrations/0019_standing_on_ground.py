"""Standing on the ground of a subscription is found by an index: without one, a studio's members were all walked."""

from django.db import migrations, models
from django.db.models.functions import Cast

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0018_member_unseen")]

    operations = [
        AddIndex(
            "standing",
            models.Index(
                Cast("ground", models.TextField()),
                condition=models.Q(("source", "membership")),
                name="standing_on_ground",
            ),
        ),
    ]
