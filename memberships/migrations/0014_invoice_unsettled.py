from django.db import migrations, models
from django.db.models import Q

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("memberships", "0013_lists"),
    ]

    operations = [
        AddIndex(
            "invoice",
            models.Index(
                fields=["account", "status"],
                condition=Q(status__in=["draft", "open", "uncollectible"]),
                name="invoice_unsettled",
            ),
        ),
    ]
