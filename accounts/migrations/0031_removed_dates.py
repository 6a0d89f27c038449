from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """What was deleted, and has no page any more: removed dates of a series too."""

    atomic = False

    dependencies = [("accounts", "0030_waiting_list")]

    operations = [
        AddIndex(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(
                    ("action__in", ["group.deleted", "membership.deleted", "staff.removed", "entry.date_skipped"])
                ),
                fields=["account", "kind", "object_id"],
                name="audit_gone",
            ),
        ),
        RemoveIndexConcurrently(model_name="auditentry", name="audit_deletions"),
    ]
