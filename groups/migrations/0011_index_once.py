"""Foreign keys whose own index a longer one repeats have none any more (docs/decisions/0047)."""

import django.db.models.deletion
from django.db import migrations, models

from bookwhen.migrating import DropKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0023_index_once"),
        ("groups", "0010_group_search"),
    ]

    operations = [
        DropKeyIndex(
            model_name="group",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="groups",
                to="accounts.account",
            ),
        ),
        DropKeyIndex(
            model_name="member",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="member",
            name="group",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="members", to="groups.group"
            ),
        ),
    ]
