"""How many places are taken: counters in tables of their own, so that no form saves over them.

While anyone waits (`waiting`), a place that comes free is `reserved` for them, in the statement that frees it; nobody
else is sold it until it has been offered (docs/decisions/0061). Written only by
`tickets.availability` (`places`, `waiting`), with conditional statements; the CHECK makes overselling impossible.
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
    reserved = models.PositiveIntegerField(default=0, db_default=0)
    """Places that came free and are still to be offered to those who wait."""
    waiting = models.PositiveIntegerField(default=0, db_default=0)
    """How many requests wait here for an offer: the statement that frees a place knows by it where to put it."""
    revision = models.PositiveIntegerField(default=0)
    """Counts the entry's moves and its cancellation: a booking judged before one fails after it, and calendars notice
    (the SEQUENCE of the .ics)."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(taken__gte=0, reserved__gte=0, capacity__gte=F("taken") + F("reserved")),
                name="entry_places_fit",
            ),
            models.CheckConstraint(condition=Q(reserved=0) | Q(waiting__gt=0), name="entry_places_for_someone"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account_id", "entry"], condition=Q(reserved__gt=0), name="entryplaces_to_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.taken} / {self.capacity}"

    @property
    def free(self) -> int:
        """How many are left for everybody."""
        return max(self.capacity - self.taken - self.reserved, 0)


class TicketPlaces(models.Model):
    """The places that one ticket takes at one entry; made by its first seat."""

    account_id = models.BigIntegerField()
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="ticket_places")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="places", db_index=False)
    capacity = models.PositiveIntegerField(null=True)
    taken = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0, db_default=0)
    """As at the entry; none where the ticket has no number of its own."""
    waiting = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "entry"], name="ticket_places_once"),
            models.CheckConstraint(
                condition=Q(taken__gte=0, reserved__gte=0)
                & (Q(capacity__isnull=True, reserved=0) | Q(capacity__gte=F("taken") + F("reserved"))),
                name="ticket_places_fit",
            ),
            models.CheckConstraint(condition=Q(reserved=0) | Q(waiting__gt=0), name="ticket_places_for_someone"),
        ]

    def __str__(self) -> str:
        return f"{self.taken} / {self.capacity}"
