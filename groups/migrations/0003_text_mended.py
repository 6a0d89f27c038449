from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

from bookwhen.db import TextCheck, mend_texts


class Migration(migrations.Migration):
    """Texts from before keep to their bounds too. Apart from 0002, so that no table is locked while rows are read."""

    dependencies = [("groups", "0002_text")]

    operations = [
        migrations.RunSQL(mend_texts("groups_group", TextCheck(name="group_text", one_line=["name"], longest={"description": 2_000})), migrations.RunSQL.noop),
        ValidateConstraint(model_name="group", name="group_text"),
    ]
