"""Events of one state are found by an index that no claim of what waits can use."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0009_erased_at_stripe")]

    operations = [
        AddIndex(
            model_name="stripeevent",
            index=models.Index(
                condition=models.Q(("stripe_id", ""), _negated=True),
                fields=["connection", "state", "-received_at", "-id"],
                name="event_of_state",
            ),
        ),
        RemoveIndexConcurrently(model_name="stripeevent", name="event_state"),
    ]
