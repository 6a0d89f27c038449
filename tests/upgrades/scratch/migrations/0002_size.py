from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scratch", "0001_initial")]
    operations = [migrations.AddField("thing", "size", models.IntegerField(default=0, db_default=0))]
