from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from bookwhen.db import TextCheck


class Migration(migrations.Migration):
    """What is written from now on keeps to the bounds of its texts; what was there before is looked at next."""

    dependencies = [("memberships", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="description",
            field=models.TextField(blank=True, max_length=10_000, verbose_name="description"),
        ),
        AddConstraintNotValid(model_name="membership", constraint=TextCheck(name="membership_text", one_line=["title"], longest={"description": 10_000})),
        AddConstraintNotValid(model_name="price", constraint=TextCheck(name="price_text", one_line=["title"])),
    ]
