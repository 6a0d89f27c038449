"""Lists by keyset and searches by index (docs/decisions/0047). Both extensions are trusted: the owner makes them."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations, models

import bookwhen.search
from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0020_letter_vacuum"),
    ]

    operations = [
        BtreeGinExtension(),
        TrigramExtension(),
        AddIndex(
            model_name="customer",
            index=models.Index(
                models.F("account"),
                django.db.models.functions.text.Lower(
                    django.db.models.functions.comparison.Coalesce(
                        django.db.models.functions.comparison.NullIf("name", models.Value("")),
                        "email",
                        output_field=models.TextField(),
                    )
                ),
                models.F("id"),
                name="customer_listed",
            ),
        ),
        AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(bookwhen.search.SearchText("name"), name="gin_trgm_ops"),
                django.contrib.postgres.indexes.OpClass("email", name="gin_trgm_ops"),
                name="customer_search",
                gin_pending_list_limit=256,
            ),
        ),
        AddIndex(
            model_name="emailblock",
            index=models.Index(fields=["account", "-created_at", "-id"], name="email_block_newest"),
        ),
        AddIndex(
            model_name="listimportrow",
            index=models.Index(fields=["list_import", "why", "number"], name="import_row_why"),
        ),
    ]
