"""Apart from 0005, so that letters are written while their indexes are made."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0010_two_step_login")]

    operations = [
        AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("failed_at__isnull", True), ("sent_at__isnull", True)),
                fields=["account", "created_at"],
                name="letter_waiting_account",
            ),
        ),
        AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("message_id", ""), _negated=True), fields=["message_id"], name="letter_message_id"
            ),
        ),
    ]
