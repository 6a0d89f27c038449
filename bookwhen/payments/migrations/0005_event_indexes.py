from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex

UNSETTLED = models.Q(("state__in", ["done", "ignored", "dead"]), _negated=True)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0004_comparison")]

    operations = [
        AddIndex(
            model_name="stripeevent",
            index=models.Index(
                condition=models.Q(UNSETTLED, models.Q(("subject", ""), _negated=True)),
                fields=["connection", "subject"],
                name="event_subject",
            ),
        ),
        AddIndex(
            model_name="stripeevent",
            index=models.Index(
                condition=models.Q(UNSETTLED, ("attempts__gte", 0)),
                fields=["connection", "due_at", "id"],
                name="event_connection_due",
            ),
        ),
        AddIndex(
            model_name="stripeevent",
            index=models.Index(
                condition=models.Q(("state__in", ["done", "ignored"])), fields=["received_at"], name="event_over"
            ),
        ),
        AddIndex(
            model_name="failedcall",
            index=models.Index(fields=["failed_at"], name="failed_call_at"),
        ),
        RemoveIndexConcurrently(model_name="stripeevent", name="event_subject_waiting"),
    ]
