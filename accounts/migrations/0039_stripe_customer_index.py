"""Whose address Stripe does not know yet is found by an index of those alone."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0038_login_addresses")]

    operations = [
        AddIndex(
            "stripecustomer",
            models.Index(
                condition=models.Q(("email_due_at__isnull", False)), fields=["id"], name="stripe_customer_email_due"
            ),
        ),
    ]
