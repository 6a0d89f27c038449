"""Whether what is booked on a page may be paid at the studio (docs/decisions/0086)."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0048_retention_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='schedulepage',
            name='pays_at_studio',
            field=models.CharField(choices=[('off', 'No, online only'), ('also', 'Yes, or online: customers choose'), ('only', 'Only at the studio')], db_default='off', default='off', max_length=10, verbose_name='pay at the studio'),
        ),
        AddConstraintNotValid(
            model_name='schedulepage',
            constraint=models.CheckConstraint(condition=models.Q(('pays_at_studio__in', ['off', 'also', 'only'])), name='page_pays_at_studio_known'),
        ),
    ]
