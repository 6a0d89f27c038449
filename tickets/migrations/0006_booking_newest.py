from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('tickets', '0005_hold_limits'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='booking',
            index=models.Index(fields=['account', '-created_at'], name='booking_newest'),
        ),
    ]
