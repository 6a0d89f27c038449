from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("payments", "0001_initial"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='connection',
            index=models.Index(condition=models.Q(('disconnected_at__isnull', True), models.Q(('trouble', ''), _negated=True)), fields=['id'], name='connection_troubled'),
        ),
    ]
