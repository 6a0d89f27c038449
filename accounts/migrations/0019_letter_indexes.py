from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0018_letter_facts")]

    operations = [
        AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(
                    ("account__isnull", False), ("failed_at__isnull", True), ("sent_at__isnull", True)
                ),
                fields=["account", "created_at", "id"],
                name="letter_account_waiting",
            ),
        ),
        AddIndex(
            model_name="letter",
            index=models.Index(condition=models.Q(("sent_at__isnull", False)), fields=["sent_at"], name="letter_sent"),
        ),
        AddIndex(model_name="letterquota", index=models.Index(fields=["day"], name="letter_quota_day")),
        RemoveIndexConcurrently(model_name="letter", name="letter_waiting_account"),
    ]
