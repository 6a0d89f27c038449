"""Why an entry was cancelled, and what those who had booked it read."""

from typing import ClassVar, Final

from django.db import models

from accounts.models import Account
from bookwhen.db import NOTE_LENGTH, TextCheck
from tickets.models.schedule import Entry

REASON_LENGTH: Final = 200
"""Characters of a reason that only the team reads."""


class EntryCancellation(models.Model):
    """What the studio said when it cancelled an entry: the reason for its team, the message for everyone booked."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True, related_name="cancellation")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    message = models.TextField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="entrycancellation_text", one_line=["reason"], longest={"message": NOTE_LENGTH}),
        ]

    def __str__(self) -> str:
        return self.reason or self.message
