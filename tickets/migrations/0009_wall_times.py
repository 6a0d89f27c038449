from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

import bookwhen.db


class Migration(migrations.Migration):
    """Entries keep the wall times that were said. Empty where the release before writes them, while both run."""

    dependencies = [("tickets", "0008_booking_newest")]

    operations = [
        migrations.AddField("entry", "local_start", bookwhen.db.WallTimeField(editable=False, null=True)),
        migrations.AddField("entry", "local_end", bookwhen.db.WallTimeField(editable=False, null=True)),
        migrations.AddField("entry", "start_offset", models.IntegerField(editable=False, null=True)),
        migrations.AddField("entry", "end_offset", models.IntegerField(editable=False, null=True)),
        AddConstraintNotValid(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=Q(
                    local_start__isnull=True, local_end__isnull=True, start_offset__isnull=True, end_offset__isnull=True
                )
                | Q(
                    local_start__isnull=False,
                    local_end__isnull=False,
                    local_end__gt=F("local_start"),
                    start_offset__isnull=False,
                    end_offset__isnull=False,
                ),
                name="entry_wall_times_whole",
            ),
        ),
    ]
