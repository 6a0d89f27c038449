from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_pauses")]

    operations = [
        migrations.AddField(model_name="letter", name="facts", field=models.JSONField(null=True)),
    ]
