"""Events of one state by keyset (docs/decisions/0047)."""

from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("payments", "0005_event_indexes"),
    ]

    operations = [
        AddIndex(
            model_name="stripeevent",
            index=models.Index(fields=["connection", "state", "-received_at", "-id"], name="event_state"),
        ),
    ]
