"""Foreign keys whose own index a longer one repeats have none any more (docs/decisions/0047)."""

import django.db.models.deletion
from django.db import migrations, models

from bookwhen.migrating import DropKeyIndex, DropPatternIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0022_exports"),
    ]

    operations = [
        DropKeyIndex(
            model_name="customer",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="customers",
                to="accounts.account",
            ),
        ),
        DropKeyIndex(
            model_name="emailblock",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="email_blocks",
                to="accounts.account",
            ),
        ),
        DropKeyIndex(
            model_name="letterquota",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="listimport",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="list_imports",
                to="accounts.account",
            ),
        ),
        DropKeyIndex(
            model_name="operation",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="operations",
                to="accounts.account",
            ),
        ),
        DropKeyIndex(
            model_name="staff",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="staff", to="accounts.account"
            ),
        ),
        DropKeyIndex(
            model_name="stripecustomer",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="at_stripe",
                to="accounts.customer",
            ),
        ),
        DropPatternIndex("accounts_letter", "dedupe"),
        DropPatternIndex("accounts_loginsession", "session_key"),
    ]
