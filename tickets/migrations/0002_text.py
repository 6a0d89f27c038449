from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from bookwhen.db import TextCheck


class Migration(migrations.Migration):
    """What is written from now on keeps to the bounds of its texts; what was there before is looked at next."""

    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="description",
            field=models.TextField(blank=True, max_length=10_000, verbose_name="description"),
        ),
        AddConstraintNotValid(model_name="entry", constraint=TextCheck(name="entry_text", one_line=["title", "location"], longest={"description": 10_000})),
        migrations.AlterField(
            model_name="ticket",
            name="description",
            field=models.TextField(blank=True, max_length=2_000, verbose_name="description"),
        ),
        AddConstraintNotValid(model_name="ticket", constraint=TextCheck(name="ticket_text", one_line=["name"], longest={"description": 2_000})),
        AddConstraintNotValid(model_name="seat", constraint=TextCheck(name="seat_text", one_line=["attendee_name"])),
    ]
