from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    """A login that is deleted finds the jobs it began."""

    atomic = False

    dependencies = [("accounts", "0026_operation_began_by")]

    operations = [
        AddIndex(
            "operation",
            models.Index(
                condition=models.Q(("began_by__isnull", False)), fields=["began_by"], name="operation_began_by"
            ),
        ),
    ]
