from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("tickets", "0014_payments_on_way"),
    ]

    operations = [
        AddIndex(
            model_name="entry",
            index=models.Index("page", models.F("ends_at") - models.F("starts_at"), name="entry_page_longest"),
        ),
        AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["page", "starts_at", "id"], include=["cancelled_at", "ends_at"], name="entry_page_coming"
            ),
        ),
        RemoveIndexConcurrently(model_name="entry", name="entry_page_schedule"),
    ]
