from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from bookwhen.db import TextCheck


class Migration(migrations.Migration):
    """What is written from now on keeps to the bounds of its texts; what was there before is looked at next."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        AddConstraintNotValid(model_name="account", constraint=TextCheck(name="account_text", one_line=["name"])),
        AddConstraintNotValid(model_name="customer", constraint=TextCheck(name="customer_text", one_line=["name"])),
        migrations.AlterField(
            model_name="schedulepage",
            name="description",
            field=models.TextField(blank=True, max_length=10_000, verbose_name="description"),
        ),
        AddConstraintNotValid(model_name="schedulepage", constraint=TextCheck(name="page_text", one_line=["title"], longest={"description": 10_000})),
        AddConstraintNotValid(model_name="user", constraint=TextCheck(name="user_text", one_line=["name"])),
    ]
