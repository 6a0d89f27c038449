"""Of which entries those booked were reminded."""

from typing import ClassVar

from django.db import models

from accounts.models import Account
from tickets.models.schedule import Entry


class EntryReminder(models.Model):
    """That those booked at an entry were reminded of it, for when it was to start then.

    Written in the transaction that writes the emails; one that was moved since is reminded of again.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="reminders", db_index=False)
    starts_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    letters = models.PositiveIntegerField(default=0)
    """How many were written."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "starts_at"], name="entry_reminder_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "sent_at"], name="entry_reminder_account"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.letters}"
