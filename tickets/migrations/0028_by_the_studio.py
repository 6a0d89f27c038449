"""Seats that the studio moves and what is owed for them; why entries were cancelled."""

import django.db.models.deletion
from django.db import migrations, models

import bookwhen.db


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0027_operation_began_by_index"),
        ("tickets", "0027_attendance"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryCancellation",
            fields=[
                ("entry", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="cancellation", serialize=False, to="tickets.entry")),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("message", models.TextField(blank=True, max_length=2000)),
                ("created_at", models.DateTimeField()),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account")),
            ],
            options={
                "constraints": [bookwhen.db.TextCheck(longest={"message": 2000}, name="entrycancellation_text", one_line=("reason",))],
            },
        ),
        migrations.AddField(
            model_name="booking",
            name="moves",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="seat",
            name="owed",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="seat",
            name="moved_from",
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tickets.entry"),
        ),
        migrations.AddField(
            model_name="seat",
            name="moved_at",
            field=models.DateTimeField(null=True),
        ),
    ]
