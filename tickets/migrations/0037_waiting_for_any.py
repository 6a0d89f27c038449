"""Waiting for any of several tickets, and being moved up in line (docs/decisions/0067). Nothing that exists changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0031_removed_dates"),
        ("tickets", "0036_entries_by_title"),
    ]

    operations = [
        migrations.AddField(
            model_name='waitlistrequest',
            name='turn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='WaitlistAlternative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.entry')),
                ('request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alternatives', to='tickets.waitlistrequest')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket')),
            ],
        ),
        migrations.AddField(
            model_name='waitlistrequest',
            name='also',
            field=models.ManyToManyField(related_name='+', through='tickets.WaitlistAlternative', to='tickets.ticket'),
        ),
        migrations.AddConstraint(
            model_name='waitlistalternative',
            constraint=models.UniqueConstraint(fields=("request", "ticket"), name='waitlist_alternative_once'),
        ),
    ]
