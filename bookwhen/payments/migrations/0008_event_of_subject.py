"""What waits of a subject is found by that alone: no index that begins with the connection looks as good."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex

UNSETTLED = models.Q(("state__in", ["done", "ignored", "dead"]), _negated=True)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0007_event_vacuum")]

    operations = [
        AddIndex(
            model_name="stripeevent",
            index=models.Index(
                condition=models.Q(UNSETTLED, models.Q(("subject", ""), _negated=True)),
                fields=["subject"],
                name="event_of_subject",
            ),
        ),
        RemoveIndexConcurrently(model_name="stripeevent", name="event_subject"),
    ]
