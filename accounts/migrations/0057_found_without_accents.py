"""Customers are found whatever the accents of their names (docs/decisions/0094).

The release before has none of the indexes that are let go of here.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

import bookwhen.search
from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0056_letters_expire_validated")]

    operations = [
        AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.FoundText("name"), name="gin_trgm_ops"),
                django.contrib.postgres.indexes.OpClass("email", name="gin_trgm_ops"),
                gin_pending_list_limit=256,
                name="customer_found",
            ),
        ),
        RemoveIndexConcurrently(model_name="customer", name="customer_search"),
    ]
