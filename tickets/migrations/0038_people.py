"""To which of a customer's addresses a booking's emails go (docs/decisions/0064)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0037_waiting_for_any"),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='booker_email',
            field=models.CharField(blank=True, db_default='', default='', max_length=254),
        ),
    ]
