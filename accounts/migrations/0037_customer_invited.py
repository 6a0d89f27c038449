"""When a customer was last written to how to get in (docs/decisions/0075)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0036_list_files")]

    operations = [
        migrations.AddField("customer", "invited_at", models.DateTimeField(blank=True, editable=False, null=True)),
    ]
