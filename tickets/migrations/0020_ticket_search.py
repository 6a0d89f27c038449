"""Tickets are found by an index, wherever their names are searched (docs/decisions/0048)."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import bookwhen.search
from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0019_presence")]

    operations = [
        AddIndex(
            model_name="ticket",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.SearchText("name"), name="gin_trgm_ops"),
                name="ticket_search",
                gin_pending_list_limit=256,
            ),
        ),
    ]
