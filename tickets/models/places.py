"""How many places are taken: counters in tables of their own, so that no form saves over them.

Written only by `tickets.availability.places`, with conditional statements; the CHECK makes overselling impossible.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tickets.models.schedule import Entry, Ticket


class EntryPlaces(models.Model):
    """The places of an entry."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True, related_name="places")
    account_id = models.BigIntegerField()
    capacity = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    """Counts the entry's moves and its cancellation: a booking judged before one fails after it, and calendars notice
    (the SEQUENCE of the .ics)."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(taken__gte=0, taken__lte=F("capacity")), name="entry_places_fit"),
        ]

    def __str__(self) -> str:
        return f"{self.taken} / {self.capacity}"


class TicketPlaces(models.Model):
    """The places that one ticket takes at one entry; made by its first seat."""

    account_id = models.BigIntegerField()
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="ticket_places")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="places", db_index=False)
    capacity = models.PositiveIntegerField(null=True)
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "entry"], name="ticket_places_once"),
            models.CheckConstraint(
                condition=Q(taken__gte=0) & (Q(capacity__isnull=True) | Q(taken__lte=F("capacity"))),
                name="ticket_places_fit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.taken} / {self.capacity}"
