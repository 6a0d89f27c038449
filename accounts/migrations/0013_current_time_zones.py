from django.db import migrations

from accounts.zones import current_name


def rename(apps, schema_editor):
    """Call time zones what they are called today: a database without the older names does not know them."""
    accounts = apps.get_model("accounts", "Account").objects
    for name in accounts.order_by().values_list("time_zone", flat=True).distinct():
        if (current := current_name(name)) != name:
            accounts.filter(time_zone=name).update(time_zone=current)


class Migration(migrations.Migration):
    """The same clocks under their present names, which the release before offers and knows too."""

    dependencies = [("accounts", "0012_validated")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop, elidable=True)]
