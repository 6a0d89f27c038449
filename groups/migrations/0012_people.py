"""Members are told before their standing by hand ends (docs/decisions/0064)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0035_people_validated"), ("groups", "0011_index_once")]

    operations = [
        migrations.AddField(
            "standing", "end_told_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddField("pastedlist", "until", models.DateTimeField(blank=True, null=True)),
    ]
