"""Pauses that are over are found by an index of their own."""

from django.db import migrations, models
from django.db.models import Q

from bookwhen.migrating import AddIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("memberships", "0014_invoice_unsettled"),
    ]

    operations = [
        AddIndex(
            "subscription",
            models.Index(fields=["resumes_at"], condition=~Q(pause_behavior=""), name="subscription_resumes"),
        ),
    ]
