from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("tickets", "0007_validated"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='booking',
            index=models.Index(fields=['account', '-created_at'], name='booking_newest'),
        ),
    ]
