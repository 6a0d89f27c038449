from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("memberships", "0011_happenings"),
    ]

    operations = [
        migrations.AddField("invoice", "compared_at", models.DateTimeField(null=True)),
        migrations.AddField("subscription", "compared_at", models.DateTimeField(null=True)),
    ]
