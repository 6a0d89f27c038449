"""What the directory of an archive says of the files that end in a part (docs/decisions/0073)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0037_customer_invited")]

    operations = [migrations.AddField("exportpart", "records", models.BinaryField(null=True))]
