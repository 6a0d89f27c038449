"""Emails that are not sent once what they say is over."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0054_mailing_indexes")]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="expires_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="letter",
            name="fault",
            field=models.CharField(
                blank=True,
                choices=[
                    ("server", "The mail server isn’t accepting any emails"),
                    ("letter", "The mail server didn’t accept this email"),
                    ("mailbox", "Their mailbox can’t take emails at the moment"),
                    ("address", "Their address was refused"),
                    ("unwanted", "They unsubscribed before it was sent"),
                    ("expired", "It was too late to send it"),
                ],
                db_default="",
                max_length=20,
            ),
        ),
        migrations.RemoveConstraint(model_name="letter", name="letter_fault_known"),
        AddConstraintNotValid(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fault", ""),
                    ("fault__in", ["server", "letter", "mailbox", "address", "unwanted", "expired"]),
                    _connector="OR",
                ),
                name="letter_fault_known",
            ),
        ),
    ]
