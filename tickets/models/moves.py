"""Who is still to be told of a move: one row for each booking of an entry that was moved."""

from typing import ClassVar

from django.db import models

from accounts.models import Account, Operation
from tickets.models.bookings import Booking
from tickets.models.schedule import Entry


class MoveNotice(models.Model):
    """A booking’s customer is to be emailed that an entry was moved, and when and where they think that it is.

    Written in the transaction that moves it, deleted in the one that writes the email (`tickets.schedule.moving`).
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    operation = models.ForeignKey(Operation, models.CASCADE, null=True, related_name="+")
    """The job that tells them; none while the request does that itself."""
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+", db_index=False)
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    location = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "booking"], name="movenotice_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "operation", "id"], name="movenotice_of_operation"),
        ]

    def __str__(self) -> str:
        return f"Move of {self.entry_id} for {self.booking_id}"
