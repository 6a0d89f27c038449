"""Those of a group who haven't logged in yet are found by an index of their own; what 0016 asks holds for all rows."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0017_member_seen_filled")]

    operations = [
        AddIndex(
            "member",
            models.Index(
                condition=models.Q(("seen_at__isnull", True)),
                fields=["account", "group", "-stands_until", "-id"],
                name="member_unseen",
            ),
        ),
        ValidateConstraint("memberchange", "member_change_fits_kind"),
    ]
