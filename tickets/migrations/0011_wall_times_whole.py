from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Apart from 0006, so that no table is locked while rows are read."""

    dependencies = [("tickets", "0010_wall_times_filled")]

    operations = [ValidateConstraint("entry", "entry_wall_times_whole")]
