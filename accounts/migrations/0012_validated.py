"""What 0004 to 0009 ask of rows holds for those from before too. It is read here, where nobody waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_letter_indexes")]

    operations = [
        ValidateConstraint(model_name="account", name="account_spreadsheet_known"),
        ValidateConstraint(model_name="letter", name="letter_fault_known"),
        ValidateConstraint(model_name="customer", name="customer_email_plain"),
        ValidateConstraint(model_name="user", name="user_email_plain"),
    ]
