"""Bookings, entries and tickets are found whatever the accents (docs/decisions/0094).

The release before has none of the indexes that are let go of here.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

import bookwhen.search
from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0054_payouts")]

    operations = [
        AddIndex(
            model_name="booking",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.FoundText("booker_name"), name="gin_trgm_ops"),
                condition=models.Q(("booker_name", ""), _negated=True),
                gin_pending_list_limit=256,
                name="booking_found",
            ),
        ),
        AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.FoundText("title"), name="gin_trgm_ops"),
                gin_pending_list_limit=256,
                name="entry_found",
            ),
        ),
        AddIndex(
            model_name="ticket",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.FoundText("name"), name="gin_trgm_ops"),
                gin_pending_list_limit=256,
                name="ticket_found",
            ),
        ),
        RemoveIndexConcurrently(model_name="booking", name="booking_search"),
        RemoveIndexConcurrently(model_name="entry", name="entry_search"),
        RemoveIndexConcurrently(model_name="ticket", name="ticket_search"),
    ]
