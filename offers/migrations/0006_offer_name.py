from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from bookwhen.db import TextCheck


class Migration(migrations.Migration):
    """What a studio calls an offer."""

    dependencies = [("offers", "0005_people")]

    operations = [
        migrations.AddField(
            "offer",
            "name",
            models.CharField(verbose_name="offer name", max_length=60, blank=True, default="", db_default=""),
        ),
        AddConstraintNotValid(model_name="offer", constraint=TextCheck(name="offer_text", one_line=["name"])),
    ]
