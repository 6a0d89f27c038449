"""An account's oldest letters and customers, for what it keeps less long than the installation does."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0047_retention")]

    operations = [
        AddIndex(
            "customer",
            models.Index(
                condition=models.Q(("erased_at__isnull", True)),
                fields=["account", "created_at", "id"],
                name="customer_oldest",
            ),
        ),
        AddIndex(
            "letter",
            models.Index(
                condition=models.Q(
                    ("account__isnull", False),
                    models.Q(("sent_at__isnull", False), ("failed_at__isnull", False), _connector="OR"),
                ),
                fields=["account", "created_at", "id"],
                name="letter_account_over",
            ),
        ),
    ]
