"""Groups are found by an index, wherever their names are searched (docs/decisions/0048)."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import bookwhen.search
from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0023_index_once"), ("groups", "0009_pasted_lists")]

    operations = [
        AddIndex(
            model_name="group",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.SearchText("name"), name="gin_trgm_ops"),
                name="group_search",
                gin_pending_list_limit=256,
            ),
        ),
    ]
