"""A colour and a logo, wordings of emails, reminders and who wants none (docs/decisions/0084, 0085)."""

import bookwhen.db
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0050_money_validated"),
        ("payments", "0010_event_of_state"),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterWording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('subject', models.CharField(blank=True, max_length=150)),
                ('opening', models.TextField(blank=True, max_length=1000)),
                ('closing', models.TextField(blank=True, max_length=1000)),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Logo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ReminderStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='account',
            name='accent',
            field=models.CharField(db_default='teal', default='teal', max_length=20, verbose_name='colour'),
        ),
        migrations.AddField(
            model_name='account',
            name='logo',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='words_letters',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='schedulepage',
            name='reminder_hours',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='reminders'),
        ),
        migrations.AlterField(
            model_name='schedulepage',
            name='accent',
            field=models.CharField(default='teal', max_length=20, verbose_name='colour'),
        ),
        AddConstraintNotValid(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('accent__regex', '^(teal|blue|violet|pink|red|orange|green|slate|#[0-9a-f]{6})$')), name='account_accent_known'),
        ),
        AddConstraintNotValid(
            model_name='schedulepage',
            constraint=models.CheckConstraint(condition=models.Q(('accent__regex', '^(teal|blue|violet|pink|red|orange|green|slate|#[0-9a-f]{6})$')), name='page_accent_known'),
        ),
        AddConstraintNotValid(
            model_name='schedulepage',
            constraint=models.CheckConstraint(condition=models.Q(('reminder_hours__isnull', True), ('reminder_hours__range', (1, 168)), _connector='OR'), name='page_reminder_bearable'),
        ),
        migrations.AddField(
            model_name='letterwording',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='letter_wordings', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='letterwording',
            name='changed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='logo',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='logos', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='reminderstop',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reminder_stops', to='accounts.account'),
        ),
        migrations.AddIndex(
            model_name='letterwording',
            index=models.Index(condition=models.Q(('changed_by__isnull', False)), fields=['changed_by'], name='letter_wording_by'),
        ),
        migrations.AddConstraint(
            model_name='letterwording',
            constraint=bookwhen.db.TextCheck(longest={'closing': 1000, 'opening': 1000}, name='letter_wording_text', one_line=('subject',)),
        ),
        migrations.AddConstraint(
            model_name='letterwording',
            constraint=models.UniqueConstraint(fields=('account', 'kind'), name='letter_wording_once'),
        ),
        migrations.AddConstraint(
            model_name='letterwording',
            constraint=models.CheckConstraint(condition=models.Q(('closing', ''), ('opening', ''), ('subject', ''), _negated=True), name='letter_wording_says_something'),
        ),
        migrations.AddIndex(
            model_name='logo',
            index=models.Index(fields=['account', '-created_at', '-id'], name='logo_newest'),
        ),
        migrations.AddIndex(
            model_name='logo',
            index=models.Index(fields=['created_at'], name='logo_oldest'),
        ),
        migrations.AddConstraint(
            model_name='reminderstop',
            constraint=models.UniqueConstraint(fields=('account', 'email'), name='reminder_stop_once'),
        ),
        migrations.AddConstraint(
            model_name='reminderstop',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='reminder_stop_email_lower'),
        ),
    ]
