"""A studio's contact address; and only languages that the site speaks."""

from typing import Final

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Value
from django.db.models.functions import Concat, Right

SPOKEN: Final = ("en-gb", "en-au", "en-ca", "en-ie", "en-nz", "en-us", "en-za")


def speak_english(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Write dates and amounts in the English of the same country where there is one, else in British English."""
    others = apps.get_model("accounts", "Account").objects.exclude(locale__in=SPOKEN)
    others.annotate(near=Concat(Value("en-"), Right("locale", 2))).filter(near__in=SPOKEN).update(
        locale=Concat(Value("en-"), Right("locale", 2))
    )
    others.update(locale="en-gb")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_delivery")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="contact_email",
            field=models.EmailField(
                blank=True, db_default="", default="", max_length=254, verbose_name="contact email address"
            ),
        ),
        migrations.RunPython(speak_english, migrations.RunPython.noop),
    ]
