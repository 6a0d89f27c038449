"""For how long an account keeps what it has (docs/decisions/0079)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0046_contacts_validated"),
    ]

    operations = [
        migrations.CreateModel(
            name='Retention',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='retention', serialize=False, to='accounts.account')),
                ('emails_days', models.PositiveSmallIntegerField(null=True)),
                ('lists_days', models.PositiveSmallIntegerField(null=True)),
                ('files_days', models.PositiveSmallIntegerField(null=True)),
                ('history_days', models.PositiveSmallIntegerField(null=True)),
                ('waiting_days', models.PositiveSmallIntegerField(null=True)),
                ('customers_years', models.PositiveSmallIntegerField(null=True)),
                ('walked_at', models.DateTimeField(null=True)),
                ('walked_id', models.BigIntegerField(db_default=0, default=0)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name='retention',
            name='customers_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='retention',
            index=models.Index(fields=['due_at', 'account'], name='retention_due'),
        ),
        migrations.AddIndex(
            model_name='retention',
            index=models.Index(condition=models.Q(('customers_by__isnull', False)), fields=['customers_by'], name='retention_customers_by'),
        ),
        migrations.AddConstraint(
            model_name='retention',
            constraint=models.CheckConstraint(condition=models.Q(('emails_days__isnull', True), ('emails_days__range', (30, 3650)), _connector='OR'), name='retention_emails_days_bounded'),
        ),
        migrations.AddConstraint(
            model_name='retention',
            constraint=models.CheckConstraint(condition=models.Q(('lists_days__isnull', True), ('lists_days__range', (7, 30)), _connector='OR'), name='retention_lists_days_bounded'),
        ),
        migrations.AddConstraint(
            model_name='retention',
            constraint=models.CheckConstraint(condition=models.Q(('files_days__isnull', True), ('files_days__range', (1, 7)), _connector='OR'), name='retention_files_days_bounded'),
        ),
        migrations.AddConstraint(
            model_name='retention',
            constraint=models.CheckConstraint(condition=models.Q(('history_days__isnull', True), ('history_days__range', (365, 3650)), _connector='OR'), name='retention_history_days_bounded'),
        ),
        migrations.AddConstraint(
            model_name='retention',
            constraint=models.CheckConstraint(condition=models.Q(('waiting_days__isnull', True), ('waiting_days__range', (90, 3650)), _connector='OR'), name='retention_waiting_days_bounded'),
        ),
        migrations.AddConstraint(
            model_name='retention',
            constraint=models.CheckConstraint(condition=models.Q(('customers_years__isnull', True), ('customers_years__range', (2, 10)), _connector='OR'), name='retention_customers_years_bounded'),
        ),
    ]
