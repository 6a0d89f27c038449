"""A studio's contact address; and only languages that the site speaks."""

from typing import Final

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Value
from django.db.models.functions import Concat, Right

SPOKEN: Final = ("en-gb", "en-au", "en-ca", "en-ie", "en-nz", "en-us", "en-za")

OWNERS_ADDRESS: Final = """
    UPDATE accounts_account SET contact_email = owner.email
    FROM (
        SELECT DISTINCT ON (staff.account_id) staff.account_id, login.email
        FROM accounts_staff AS staff JOIN accounts_user AS login ON login.id = staff.user_id
        WHERE staff.role = 'owner' ORDER BY staff.account_id, staff.id
    ) AS owner
    WHERE owner.account_id = accounts_account.id
"""
"""As of a new account: with it, no letter has to look for the owner."""


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
        migrations.RunSQL(OWNERS_ADDRESS, migrations.RunSQL.noop),
        migrations.RunPython(speak_english, migrations.RunPython.noop),
    ]
