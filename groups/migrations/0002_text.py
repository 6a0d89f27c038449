from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from bookwhen.db import TextCheck


class Migration(migrations.Migration):
    """What is written from now on keeps to the bounds of its texts; what was there before is looked at next."""

    dependencies = [("groups", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="group",
            name="description",
            field=models.TextField(blank=True, max_length=2_000, verbose_name="group description"),
        ),
        AddConstraintNotValid(model_name="group", constraint=TextCheck(name="group_text", one_line=["name"], longest={"description": 2_000})),
    ]
