"""An account’s standings by when they began and ended: who joined and left in a month is read by these alone.

The first begins with the account, so that the account’s own index is no longer needed.
"""

import django.db.models.deletion
from django.db import migrations, models

from bookwhen.migrating import AddIndex, DropKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0019_standing_on_ground")]

    operations = [
        AddIndex("standing", models.Index(fields=["account", "-since", "-id"], name="standing_begun")),
        AddIndex(
            "standing",
            models.Index(
                condition=models.Q(("until__isnull", False)), fields=["account", "-until", "-id"], name="standing_ended"
            ),
        ),
        DropKeyIndex(
            model_name="standing",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
    ]
