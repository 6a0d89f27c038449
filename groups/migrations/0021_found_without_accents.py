"""Groups are found whatever the accents of their names (docs/decisions/0094).

The release before has none of the indexes that are let go of here.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

import bookwhen.search
from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("groups", "0020_standings_by_time")]

    operations = [
        AddIndex(
            model_name="group",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.FoundText("name"), name="gin_trgm_ops"),
                gin_pending_list_limit=256,
                name="group_found",
            ),
        ),
        RemoveIndexConcurrently(model_name="group", name="group_search"),
    ]
