"""An account's memberships are listed and chosen from by title, a page at a time."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("memberships", "0016_index_once"),
    ]

    operations = [
        AddIndex("membership", models.Index(fields=["account", "title", "id"], name="membership_by_title")),
    ]
