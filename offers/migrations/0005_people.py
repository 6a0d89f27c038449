"""Extra uses are lines with a reason that raise a period's ceiling (docs/decisions/0064)."""

import bookwhen.db
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0035_people_validated'),
        ('groups', '0012_people'),
        ("offers", "0004_carrying"),
    ]

    operations = [
        migrations.AddField(
            model_name='usageperiod',
            name='extra',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='ExtraUses',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.PositiveSmallIntegerField()),
                ('on', models.DateField()),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('by_name', models.CharField(max_length=254)),
                ('key', models.UUIDField()),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extras', to='groups.member')),
                ('period', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='extras', to='offers.usageperiod')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [bookwhen.db.TextCheck(longest={}, name='extra_uses_text', one_line=('reason', 'by_name')), models.UniqueConstraint(fields=('account', 'key'), name='extra_uses_key_once'), models.CheckConstraint(condition=models.Q(('count__gte', 1)), name='extra_uses_some'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('period__isnull', True)), models.Q(('ended_at__isnull', True), ('period__isnull', False)), _connector='OR'), name='extra_uses_counted')],
            },
        ),
    ]
