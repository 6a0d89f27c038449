from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A membership's standing keeps the instant of its billing anchor beside the date that the release before reads."""

    dependencies = [("groups", "0003_text_mended")]

    operations = [
        migrations.AddField(
            model_name="standing",
            name="anchor_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        AddConstraintNotValid(
            model_name="standing",
            constraint=models.CheckConstraint(
                condition=models.Q(("anchor_at__isnull", True), ("source", "membership"), _connector="OR"),
                name="standing_billed_by_membership",
            ),
        ),
    ]
