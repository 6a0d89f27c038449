from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("accounts", "0013_current_time_zones"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='letter',
            index=models.Index(condition=models.Q(('failed_at__isnull', False)), fields=['failed_at'], name='letter_given_up'),
        ),
    ]
