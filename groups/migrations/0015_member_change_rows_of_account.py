"""What was done to members is found by its account, as when that is deleted."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0014_member_changes")]

    operations = [
        AddIndex("memberchangerow", models.Index(fields=["account", "change"], name="member_change_row_of_account")),
    ]
