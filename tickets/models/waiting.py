"""Who waits for space at an entry, and what has been offered to them."""

import uuid
from datetime import datetime
from typing import ClassVar, Final, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer
from tickets.models.bookings import Booking
from tickets.models.schedule import Entry, Ticket

MOST_NAMES: Final = 10
"""For how many people one request may wait."""


class WaitState(models.TextChoices):
    """How far a request is."""

    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("Offered")
    """A basket holds their places until `offered_until`."""
    TAKEN = "taken", _("Booked")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Offer expired")
    LEFT = "left", _("Left the list")
    ENDED = "ended", _("Ended")
    """The event or its sale is over, or the studio took them off the list: `ended_because`."""


OPEN_STATES: Final = (WaitState.WAITING, WaitState.OFFERED)
"""The states in which a customer has a place in line, or an offer."""


class WaitEnd(models.TextChoices):
    """Why a request ended that nobody took, declined or left."""

    CANCELLED = "cancelled", _("The event was cancelled")
    SALE_ENDED = "sale_ended", _("Booking closed")
    TICKET_GONE = "ticket_gone", _("The ticket is no longer on sale")
    REMOVED = "removed", _("Removed by the studio")


TURN: Final = Coalesce(F("turn_at"), F("joined_at"))
"""What a place in line goes by: when they joined, unless the studio moved somebody."""


class WaitlistRequestQuerySet(models.QuerySet["WaitlistRequest"]):
    """Readings of who waits."""

    def waiting(self) -> Self:
        """Those who wait for an offer."""
        return self.filter(state=WaitState.WAITING)

    def open(self) -> Self:
        """Those who wait, or have an offer."""
        return self.filter(state__in=OPEN_STATES)

    def in_line(self) -> Self:
        """In the order in which they are offered places."""
        return self.order_by(TURN, "pk")

    def before(self, turn: datetime | OuterRef, key: int | OuterRef) -> Self:
        """Those who come before a request, by its turn and key."""
        found = self.alias(comes_at=TURN)
        return found.filter(Q(comes_at__lt=turn) | Q(comes_at=turn, pk__lt=key))

    def for_ticket(self, ticket: int) -> Self:
        """Those who would come by a ticket (id), among others or alone."""
        others = WaitlistAlternative.objects.filter(ticket=ticket).values("request")
        return self.filter(Q(ticket=ticket) | Q(pk__in=others))

    def end_offer(self, *, is_taken: bool, now: datetime) -> int:
        """Let an offer be over whose basket is: it was booked, or has lapsed, of which its customer is to be told."""
        offered = self.filter(state=WaitState.OFFERED)
        if is_taken:
            return offered.update(state=WaitState.TAKEN, ended_at=now, look_at=None)
        return offered.update(state=WaitState.LAPSED, ended_at=now, look_at=now)


class WaitlistRequest(models.Model):
    """A customer waits for places at an entry by one of its tickets (docs/design.md, *Waiting list*).

    Its uuid is the secret of its page's address, which only its letters tell to anyone without a login.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="waitlist_requests")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    """The one they chose; once something is held for them, the one that it is held by."""
    also: "models.ManyToManyField[Ticket, WaitlistAlternative]" = models.ManyToManyField(
        Ticket, through="WaitlistAlternative", related_name="+"
    )
    """The tickets by which they would come as well, while they wait."""
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="waitlist_requests")
    email = models.CharField(max_length=254, blank=True, default="", db_default="")
    """Which of the customer's addresses was typed for it, where it is not their main one; see `address`."""
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    names = ArrayField(models.CharField(max_length=200))
    """Who is to come, a place for each; the one who joined comes first."""
    is_guest = models.BooleanField(default=False)
    """Whether it was joined without a login: for ordinary tickets only, and their name is only this request's."""
    books_at_once = models.BooleanField(default=False)
    """Whether they asked to be booked instead of told, where there is nothing to pay."""
    state = models.CharField(max_length=10, choices=WaitState, default=WaitState.WAITING)
    joined_at = models.DateTimeField()
    turn_at = models.DateTimeField(null=True)
    """As if they had joined then, where the studio moved somebody in line; none: they wait since they joined."""
    hold = models.ForeignKey(Booking, models.PROTECT, null=True, related_name="waitlist_requests", db_index=False)
    """The basket that holds what is or was offered; what was booked at once."""
    offered_at = models.DateTimeField(null=True)
    offered_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=20, choices=WaitEnd, blank=True, default="")
    skipped = models.CharField(max_length=40, blank=True, default="")
    """Why they were passed over last (`offers.eligibility.Reason` or ours); empty where they were not."""
    skipped_at = models.DateTimeField(null=True)
    moved_from = models.DateTimeField(null=True)
    """When they think that the entry starts, where they are still to be told that it was moved."""
    look_at = models.DateTimeField(null=True)
    """When a worker is to look at it next; none where nothing is to be done any more."""

    objects = WaitlistRequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry", "customer"], condition=Q(state__in=OPEN_STATES), name="waitlist_once"
            ),
            models.UniqueConstraint(fields=["hold"], condition=Q(hold__isnull=False), name="waitlist_hold_once"),
            models.CheckConstraint(condition=Q(names__len__range=(1, MOST_NAMES)), name="waitlist_names"),
            models.CheckConstraint(
                condition=Q(state=WaitState.WAITING, hold__isnull=True, offered_until__isnull=True)
                & Q(ended_at__isnull=True, ended_because="")
                | Q(state=WaitState.OFFERED, hold__isnull=False, offered_at__isnull=False, offered_until__isnull=False)
                & Q(ended_at__isnull=True, ended_because="")
                | Q(state=WaitState.TAKEN, ended_at__isnull=False, ended_because="")
                | Q(state__in=[WaitState.DECLINED, WaitState.LAPSED], hold__isnull=False, offered_until__isnull=False)
                & Q(ended_at__isnull=False, ended_because="")
                | Q(state=WaitState.LEFT, hold__isnull=True, ended_at__isnull=False, ended_because="")
                | Q(state=WaitState.ENDED, ended_at__isnull=False, ended_because__in=WaitEnd.values),
                name="waitlist_state_whole",
            ),
            models.CheckConstraint(
                condition=Q(skipped="", skipped_at__isnull=True) | ~Q(skipped="") & Q(skipped_at__isnull=False),
                name="waitlist_skipped_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "entry", "joined_at", "id"], name="waitlist_of_entry"),
            models.Index(
                fields=["account", "ended_at", "id"], condition=Q(ended_at__isnull=False), name="waitlist_over"
            ),
            models.Index(
                fields=["account", "look_at", "id"], condition=Q(look_at__isnull=False), name="waitlist_to_look_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.entry}"

    @property
    def address(self) -> str:
        """Where its emails go: to the address that was typed for it, or else the customer's own."""
        return self.email or self.customer.reached_at

    @property
    def places(self) -> int:
        """How many places they wait for."""
        return len(self.names)

    @property
    def turn(self) -> datetime:
        """What their place in line goes by."""
        return self.turn_at or self.joined_at

    @property
    def tickets(self) -> list[Ticket]:
        """The tickets by which they would come, the cheapest first. One statement, unless `also` was read before."""
        return sorted((self.ticket, *self.also.all()), key=lambda each: (each.price, each.position, each.pk))


class WaitlistAlternative(models.Model):
    """A ticket by which somebody who waits would come as well: the first of their tickets to come free is offered."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+")
    """Their request's, so that what becomes of the tickets of an entry becomes of these."""
    request = models.ForeignKey(WaitlistRequest, models.CASCADE, related_name="alternatives", db_index=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "ticket"], name="waitlist_alternative_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.ticket}"
