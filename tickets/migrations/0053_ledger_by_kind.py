"""The ledger’s lines of one kind in their order, however few of them there are among all."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0052_receipts")]

    operations = [
        AddIndex("ledgerline", models.Index(fields=["account", "kind", "happened_at", "id"], name="ledger_by_kind")),
    ]
