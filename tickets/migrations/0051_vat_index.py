"""The tickets of a VAT rate."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """An index, made while others write."""

    atomic = False

    dependencies = [("tickets", "0050_vat")]

    operations = [
        AddIndex(
            "ticket",
            models.Index(
                condition=models.Q(("vat_rate__isnull", False)), fields=["vat_rate"], name="ticket_vat_rate"
            ),
        ),
    ]
