"""Customers are found by their phone number and by each of their addresses."""

import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0033_people_filled")]

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
                include=["name", "email", "phone", "other_addresses"],
                name="customer_in_order",
            ),
        ),
        AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass("phone", name="gin_trgm_ops"),
                django.contrib.postgres.indexes.OpClass("other_addresses", name="gin_trgm_ops"),
                gin_pending_list_limit=256,
                name="customer_search_more",
            ),
        ),
        RemoveIndexConcurrently(model_name="customer", name="customer_by_name"),
    ]
