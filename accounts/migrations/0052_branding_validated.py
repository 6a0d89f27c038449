"""What 0049 asks of colours and reminders holds for all; and the pages that send reminders are found."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0051_branding_and_letters")]

    operations = [
        ValidateConstraint(model_name="account", name="account_accent_known"),
        ValidateConstraint(model_name="schedulepage", name="page_accent_known"),
        ValidateConstraint(model_name="schedulepage", name="page_reminder_bearable"),
        AddIndex(
            "schedulepage",
            models.Index(
                condition=models.Q(("reminder_hours__isnull", False)),
                fields=["id"],
                include=("reminder_hours",),
                name="page_reminds",
            ),
        ),
    ]
