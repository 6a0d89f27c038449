from django.db import migrations, models
from django.db.models.functions import Lower

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """Who is in a group, those without an end first; and an account's groups by name."""

    atomic = False

    dependencies = [("groups", "0007_member_stands_until_filled")]

    operations = [
        AddIndex(
            "member", models.Index(fields=["account", "group", "-stands_until", "-id"], name="member_present")
        ),
        AddIndex("group", models.Index("account", Lower("name"), "id", name="group_by_name")),
    ]
