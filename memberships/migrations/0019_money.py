"""When a bill was paid (docs/decisions/0086)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('memberships', '0018_counted_by_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='invoice',
            name='paid_at',
            field=models.DateTimeField(null=True),
        ),
    ]
