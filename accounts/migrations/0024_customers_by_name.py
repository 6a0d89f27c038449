"""A search through the list of customers reads its index alone (docs/decisions/0047)."""

import django.db.models.functions.comparison
import django.db.models.functions.text
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0023_index_once"),
    ]

    operations = [
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
                include=["name", "email"],
                name="customer_by_name",
            ),
        ),
        RemoveIndexConcurrently(model_name="customer", name="customer_listed"),
    ]
