from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Apart from 0004, so that the table is not locked while its rows are read."""

    dependencies = [("groups", "0004_standing_anchor_at")]

    operations = [ValidateConstraint(model_name="standing", name="standing_billed_by_membership")]
