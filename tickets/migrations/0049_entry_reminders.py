"""Of which entries those booked were reminded (docs/decisions/0085)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0052_branding_validated"),
        ("tickets", "0048_discount_codes_validated"),
    ]

    operations = [
        migrations.CreateModel(
            name='EntryReminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField()),
                ('letters', models.PositiveIntegerField(default=0)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('entry', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='tickets.entry')),
            ],
            options={
                'indexes': [models.Index(fields=['account', 'sent_at'], name='entry_reminder_account')],
                'constraints': [models.UniqueConstraint(fields=('entry', 'starts_at'), name='entry_reminder_once')],
            },
        ),
    ]
