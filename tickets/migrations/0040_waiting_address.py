"""To which of a customer's addresses the emails about their place on a waiting list go (docs/decisions/0064)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0039_extra_uses"),
    ]

    operations = [
        migrations.AddField(
            model_name='waitlistrequest',
            name='email',
            field=models.CharField(blank=True, db_default='', default='', max_length=254),
        ),
    ]
