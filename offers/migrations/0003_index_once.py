"""Foreign keys whose own index a longer one repeats have none any more (docs/decisions/0047)."""

import django.db.models.deletion
from django.db import migrations, models

from bookwhen.migrating import DropKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0023_index_once"),
        ("offers", "0002_periods_open"),
    ]

    operations = [
        DropKeyIndex(
            model_name="offer",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="usageperiod",
            name="offer",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="periods", to="offers.offer"
            ),
        ),
    ]
