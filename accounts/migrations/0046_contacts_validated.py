"""What 0043 asks of customers holds for those from before too; and whom a contact books for is found."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0045_contacts")]

    operations = [
        ValidateConstraint(model_name="customer", name="customer_contact_or_address"),
        AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(contact__isnull=False), fields=["contact", "id"], name="customer_of_contact"
            ),
        ),
    ]
