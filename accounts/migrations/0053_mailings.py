"""Messages to many: the text, its recipients, and the emails that it became (docs/decisions/0082, 0083)."""

import bookwhen.db
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0052_branding_validated"),
    ]

    operations = [
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('kind', models.CharField(choices=[('service', 'About their booking or membership'), ('news', 'News')], max_length=10)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('sending', 'Sending'), ('stopped', 'Stopped'), ('sent', 'Sent')], default='draft', max_length=10)),
                ('subject', models.CharField(max_length=150)),
                ('text', models.TextField(max_length=10000)),
                ('audience', models.CharField(max_length=20)),
                ('asked', models.JSONField(default=dict)),
                ('audience_name', models.CharField(blank=True, db_default='', max_length=300)),
                ('who', models.CharField(blank=True, max_length=254)),
                ('send_at', models.DateTimeField(null=True)),
                ('began_at', models.DateTimeField(null=True)),
                ('gathered_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('said', models.JSONField(db_default={}, default=dict)),
                ('gets', models.PositiveIntegerField(db_default=0, default=0)),
                ('left_out', models.PositiveIntegerField(db_default=0, default=0)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='MailingRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('state', models.CharField(choices=[('pending', 'Not written yet'), ('written', 'Written'), ('left_out', 'Left out')], max_length=10)),
                ('reason', models.CharField(blank=True, choices=[('erased', 'Erased'), ('no_consent', 'Hasn’t agreed to news'), ('unsubscribed', 'Unsubscribed'), ('bounced', 'Emails bounce'), ('complained', 'Reported as spam'), ('same_address', 'Somebody else gets it at the same address')], db_default='', max_length=20)),
                ('is_known', models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.AddField(
            model_name='mailing',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mailings', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='mailing',
            name='made_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='mailing',
            name='operation',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.operation'),
        ),
        migrations.AddField(
            model_name='letter',
            name='mailing',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='accounts.mailing'),
        ),
        migrations.AddField(
            model_name='mailingrecipient',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='mailingrecipient',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.customer'),
        ),
        migrations.AddField(
            model_name='mailingrecipient',
            name='mailing',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='accounts.mailing'),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(fields=['account', '-created_at', '-id'], name='mailing_newest'),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(condition=models.Q(('began_at__isnull', False)), fields=['began_at'], name='mailing_oldest'),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(condition=models.Q(('operation__isnull', False)), fields=['operation'], name='mailing_operation'),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(condition=models.Q(('made_by__isnull', False)), fields=['made_by'], name='mailing_made_by'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.UniqueConstraint(fields=('account', 'key'), name='mailing_key_once'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['service', 'news'])), name='mailing_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'scheduled', 'sending', 'stopped', 'sent'])), name='mailing_state_known'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('began_at__isnull', True), ('state__in', ('draft', 'scheduled'))), models.Q(models.Q(('state__in', ('draft', 'scheduled')), _negated=True), ('began_at__isnull', False)), _connector='OR'), name='mailing_begins_with_its_state'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'scheduled'), _negated=True), ('send_at__isnull', False), _connector='OR'), name='mailing_scheduled_for'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=bookwhen.db.TextCheck(longest={'text': 10000}, name='mailing_text', one_line=('subject', 'audience_name', 'who')),
        ),
        migrations.AddIndex(
            model_name='mailingrecipient',
            index=models.Index(fields=['account', 'mailing', 'state', 'id'], name='mailing_recipient_by_state'),
        ),
        migrations.AddIndex(
            model_name='mailingrecipient',
            index=models.Index(condition=models.Q(('state', 'left_out')), fields=['mailing', 'reason', 'id'], name='mailing_left_out'),
        ),
        migrations.AddConstraint(
            model_name='mailingrecipient',
            constraint=models.UniqueConstraint(fields=('mailing', 'customer'), name='mailing_customer_once'),
        ),
        migrations.AddConstraint(
            model_name='mailingrecipient',
            constraint=models.UniqueConstraint(condition=models.Q(('reason', '')), fields=('mailing', 'email'), name='mailing_address_once'),
        ),
        migrations.AddConstraint(
            model_name='mailingrecipient',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ['erased', 'no_consent', 'unsubscribed', 'bounced', 'complained', 'same_address']), ('state', 'left_out')), models.Q(('reason', ''), ('state__in', ['pending', 'written'])), _connector='OR'), name='mailing_recipient_reason'),
        ),
    ]
