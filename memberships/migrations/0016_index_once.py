"""Foreign keys whose own index a longer one repeats have none any more (docs/decisions/0047)."""

import django.db.models.deletion
from django.db import migrations, models

from bookwhen.migrating import DropKeyIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0023_index_once"),
        ("memberships", "0015_resumes"),
    ]

    operations = [
        DropKeyIndex(
            model_name="difference",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="invoice",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="leftout",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="membership",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="accounts.account",
            ),
        ),
        DropKeyIndex(
            model_name="milestone",
            name="subscription",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="milestones",
                to="memberships.subscription",
            ),
        ),
        DropKeyIndex(
            model_name="subscription",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="subscription",
            name="membership",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="subscriptions",
                to="memberships.membership",
            ),
        ),
    ]
