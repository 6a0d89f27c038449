"""The emails of a message, and what was deleted, drafts of messages too: found by index."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0053_mailings")]

    operations = [
        AddIndex(
            "letter",
            models.Index(condition=models.Q(("mailing__isnull", False)), fields=["mailing", "id"], name="letter_mailing"),
        ),
        AddIndex(
            "auditentry",
            models.Index(
                condition=models.Q(
                    (
                        "action__in",
                        [
                            "group.deleted",
                            "membership.deleted",
                            "staff.removed",
                            "entry.date_skipped",
                            "message.deleted",
                        ],
                    )
                ),
                fields=["account", "kind", "object_id"],
                name="audit_deleted",
            ),
        ),
        RemoveIndexConcurrently(model_name="auditentry", name="audit_gone"),
    ]
