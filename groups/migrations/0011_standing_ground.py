from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """Who stands by a subscription, without reading most of another index."""

    atomic = False

    dependencies = [("groups", "0010_group_search")]

    operations = [
        AddIndex(
            "standing",
            models.Index(
                fields=["ground", "account"],
                include=["member", "until", "anchor_at"],
                condition=models.Q(source="membership"),
                name="standing_ground",
            ),
        ),
    ]
