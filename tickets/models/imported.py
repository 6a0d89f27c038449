"""Seats that came in by a list from another system."""

from typing import ClassVar

from django.db import models

from accounts.models import Account
from tickets.models.bookings import Seat


class ImportedSeat(models.Model):
    """Which row of another system's list a seat came from: the same row again finds it, and makes no second one."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    """Made of the row's reference, event and person (`tickets.importing.lines`): no list is needed to compare."""
    reference = models.CharField(max_length=100, blank=True)
    """What the other system calls the booking."""
    seat = models.OneToOneField(Seat, models.CASCADE, related_name="imported")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="imported_seat_once"),
        ]

    def __str__(self) -> str:
        return self.reference or str(self.key)
