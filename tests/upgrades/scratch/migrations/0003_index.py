from django.db import migrations, models

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("scratch", "0002_size")]
    operations = [AddIndex(model_name="thing", index=models.Index(fields=["name"], name="scratch_thing_name"))]
