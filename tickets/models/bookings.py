"""What was bought: bookings, their seats, and the party a customer brings to one event."""

import uuid
from datetime import datetime
from typing import ClassVar, Final, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer, SchedulePage, User
from bookwhen.db import TextCheck
from bookwhen.search import PENDING, FoundText
from memberships.models import Price, Subscription
from offers.models import Offer, OfferUse
from tickets.models.codes import DiscountCode, end_redemptions
from tickets.models.schedule import Entry, Ticket


class Channel(models.TextChoices):
    """Who made or ended a booking. What the studio books is counted towards an allowance as it says."""

    CUSTOMER = "customer", _("Customer")
    STUDIO = "studio", _("Studio")
    RELEASED = "released", _("Membership ended")
    """Nobody books by it: places are released when the membership that opened them has ended."""
    BASKET_ABANDONED = "basket_abandoned", _("Not completed")
    """Nor by this: a place that was held in a basket and let go of."""
    PAYMENT_FAILED = "payment_failed", _("Payment failed")
    """Nor by this: a booked place whose payment was on its way and never came."""


BOOKING_CHANNELS: Final = [(each.value, each.label) for each in (Channel.CUSTOMER, Channel.STUDIO)]
"""Who can make a booking."""


class BookingState(models.TextChoices):
    """How far a booking is. Until it is booked it is a *basket*, which holds its places and uses for a time."""

    BASKET = "basket", _("In a basket")
    PAYING = "paying", _("Payment in progress")
    BOOKED = "booked", _("Booked")
    JOINED = "joined", _("Membership only")
    """Only a membership was bought: the membership is the customer's, and this is no booking to anybody."""
    RELEASED = "released", _("Not completed")


HELD_STATES: Final = (BookingState.BASKET, BookingState.PAYING)
"""The states in which a booking only holds its places."""


class BookingQuerySet(models.QuerySet["Booking"]):
    """Readings of bookings and baskets."""

    def booked(self) -> Self:
        """The bookings: no baskets, and nothing that was never bought."""
        return self.filter(state=BookingState.BOOKED)

    def held(self) -> Self:
        """The baskets that hold their places, at the checkout too."""
        return self.filter(state__in=HELD_STATES)

    def walk_ins(self) -> Self:
        """The bookings of those who came by and left no address (`Booking.is_walk_in`)."""
        return self.filter(channel=Channel.STUDIO).exclude(booker_name="")

    def for_checkout(self) -> Self:
        """Each with all that a basket is shown and paid with: account, connection, page, customer, membership, code."""
        return self.select_related(
            "account__connection", "page", "customer", "membership_price__membership", "discount_code"
        )


class Booking(models.Model):
    """What one customer buys or bought at one time. Its uuid is the secret of its page's address, and of its basket."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    page = models.ForeignKey(SchedulePage, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="bookings", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField()
    """The idempotency key of the form that made it: the same form sent twice finds this booking."""
    channel = models.CharField(max_length=20, choices=BOOKING_CHANNELS)
    filled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    """The login that filled the basket and that alone finds it; null: a guest, whose browser carries it."""
    booker_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    """What a guest called themselves for this booking; empty where the customer is who booked."""
    booker_email = models.CharField(max_length=254, blank=True, default="", db_default="")
    """Which of the customer's addresses was typed for it, where it is not their main one; see `address`."""
    state = models.CharField(max_length=10, choices=BookingState, default=BookingState.BOOKED)
    held_until = models.DateTimeField(null=True)
    """Until when a basket holds its places; after it the next sweep, or the next buyer, releases them."""
    hold_limit = models.DateTimeField(null=True)
    """The last instant until which it holds them, however often its time begins anew; none where it never held any."""
    held_from = models.CharField(max_length=64, blank=True, db_default="", default="")
    """From which network a guest fills the basket, for as long as it is one; guests' holds are bounded by it."""
    from_waiting_list = models.BooleanField(default=False, db_default=False)
    """Whether it began as an offer to somebody who waits (`WaitlistRequest.hold`)."""
    membership_price = models.ForeignKey(Price, models.PROTECT, null=True, related_name="+")
    """The price of the membership that is bought with it."""
    purchase = models.OneToOneField(Subscription, models.PROTECT, null=True, related_name="booking")
    """The membership as it was bought with it (*Associated booking*)."""
    discount_code = models.ForeignKey(DiscountCode, models.PROTECT, null=True, related_name="+", db_index=False)
    """The discount code that it uses: it has a live `CodeRedemption` for as long."""
    moves = models.PositiveIntegerField(default=0, db_default=0)
    """How often a seat of it was moved to another entry: calendars notice (the SEQUENCE of the .ics)."""
    created_at = models.DateTimeField()

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="booking_key_once"),
            models.CheckConstraint(
                condition=Q(state__in=HELD_STATES, held_until__isnull=False)
                | Q(
                    state__in=[BookingState.BOOKED, BookingState.JOINED, BookingState.RELEASED],
                    held_until__isnull=True,
                ),
                name="booking_held_until",
            ),
            # At the checkout it may be later: what Stripe cannot say yet is asked again.
            models.CheckConstraint(
                condition=~Q(state=BookingState.BASKET)
                | Q(hold_limit__isnull=True)
                | Q(held_until__lte=F("hold_limit")),
                name="booking_hold_limited",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["held_until"], condition=Q(held_until__isnull=False), name="booking_held"),
            models.Index(
                fields=["state", "account", "held_until", "id"],
                condition=Q(held_until__isnull=False),
                name="booking_overdue",
            ),
            models.Index(fields=["filled_by"], condition=Q(held_until__isnull=False), name="booking_filled_by"),
            models.Index(
                fields=["account", "held_from"],
                condition=Q(held_until__isnull=False, filled_by__isnull=True),
                name="booking_guest_hold",
            ),
            models.Index(fields=["customer", "-created_at"], name="booking_customer"),
            models.Index(fields=["discount_code"], condition=Q(discount_code__isnull=False), name="booking_code"),
            models.Index(fields=["account", "state", "-created_at", "-id"], name="booking_listed"),
            models.Index(
                fields=["account", "-created_at", "-id"],
                condition=Q(held_until__isnull=False),
                name="booking_held_listed",
            ),
            GinIndex(
                "account",
                OpClass(FoundText("booker_name"), name="gin_trgm_ops"),
                condition=~Q(booker_name=""),
                name="booking_found",
                gin_pending_list_limit=PENDING,
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """A short name for people: the first eight characters of the uuid."""
        return str(self.uuid)[:8].upper()

    @property
    def booker(self) -> str:
        """Who booked, as they said. All that pages tell to anyone who knows the uuid: the customer may be another."""
        return self.booker_name or self.customer.name

    @property
    def is_walk_in(self) -> bool:
        """Whether it is for somebody who came by and left no address: the customer is the studio itself."""
        return self.channel == Channel.STUDIO and bool(self.booker_name)

    @property
    def is_for(self) -> str:
        """Whom the studio knows it to be for."""
        return self.booker_name if self.is_walk_in else str(self.customer)

    @property
    def address(self) -> str:
        """Where its emails go: to the address that was typed for it, or else the customer's own, or their contact's.

        Pages that its address opens name this one alone: another of the customer's is nobody else's business.
        """
        return self.booker_email or self.customer.reached_at

    @property
    def greeting_name(self) -> str:
        """What this booking's emails call its customer: the name that they or the studio gave, else what was typed."""
        known = self.customer.name_confirmed or self.customer.user_id is not None
        return self.customer.greeting_name if known else self.booker

    def limit_hold(self, until: datetime) -> datetime:
        """An instant until which it may be held: the one asked for, or its limit where that is earlier."""
        return min(until, self.hold_limit) if self.hold_limit else until

    def end_hold(self, state: BookingState, *also: str, now: datetime) -> None:
        """Hold nothing any more, in this state; saved, with the fields named beside. The row is held.

        Where it was an offer to somebody who waits, that is taken by it, or has lapsed. A discount code that makes
        nothing cheaper that was booked is not used by it.
        """
        if self.discount_code_id:
            self._settle_code(state, now=now)
        self.state, self.held_until, self.hold_limit, self.held_from = state, None, None, ""
        self.save(update_fields=["state", "held_until", "hold_limit", "held_from", "discount_code", *also])
        if self.from_waiting_list:
            self.waitlist_requests.end_offer(is_taken=state == BookingState.BOOKED, now=now)

    def _settle_code(self, state: BookingState, *, now: datetime) -> None:
        """Keep the use of a discount code for what was booked by it; give it back otherwise."""
        # Seats come before the code's counter, as where they are cancelled (docs/design.md, *Never too many*).
        seats = self.seats.order_by("pk").select_for_update(no_key=True)
        live = [code for code, gone in seats.values_list("discount_code", "cancelled_at") if code and gone is None]
        if state != BookingState.BOOKED or not live:
            end_redemptions([self.pk], now=now)
            self.discount_code = None


class SeatQuerySet(models.QuerySet["Seat"]):
    """Readings of seats."""

    def live(self) -> Self:
        """The seats that weren't cancelled, those in baskets too."""
        return self.filter(cancelled_at__isnull=True)

    def booked(self) -> Self:
        """The seats of bookings, cancelled ones too; none that is, or was, only in a basket."""
        return self.filter(booking__state=BookingState.BOOKED)

    def upcoming(self, now: datetime) -> Self:
        """The seats at entries that start after an aware instant."""
        return self.filter(entry__starts_at__gt=now)

    def for_letters(self) -> Self:
        """Each with all that an email says of it: its ticket, and its entry with account, page and places."""
        return self.select_related("entry__account", "entry__page", "entry__places", "entry__venue", "ticket")

    def with_entry(self) -> Self:
        """Each with its entry and ticket."""
        return self.select_related("entry", "ticket")


class Seat(models.Model):
    """One place for one person at one entry."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="seats")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="seats")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="seats")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="seats", db_index=False)
    """Who booked it."""
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    attendee_name = models.CharField(max_length=200)
    attendee_email = models.EmailField(blank=True)
    self_attendee = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    """The customer themselves, where an offer was charged for their own attendance."""
    is_for_booker = models.BooleanField(default=False)
    """Whether the customer comes themselves, as far as they were asked."""
    use = models.OneToOneField(OfferUse, models.PROTECT, null=True, related_name="+")
    price = models.PositiveIntegerField(default=0)
    """What the ticket cost when it was last looked at in the basket, in minor units of the account's currency."""
    amount = models.PositiveIntegerField(default=0)
    """What is charged for it: the price less the discount."""
    discount = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+")
    """The discount offer that makes it cheaper."""
    discount_use = models.OneToOneField(OfferUse, models.PROTECT, null=True, related_name="+")
    """The use of it that is charged."""
    discount_index = models.PositiveSmallIntegerField(null=True)
    """The how-manieth ticket it is, from 0, that the customer has by this discount at the entry."""
    discount_code = models.ForeignKey(DiscountCode, models.PROTECT, null=True, related_name="+", db_index=False)
    """The discount code that makes it cheaper, where that saves more than any discount offer."""
    payment = models.ForeignKey("tickets.Payment", models.PROTECT, null=True, related_name="seats")
    """What pays for it."""
    refund_due = models.IntegerField(null=True)
    """What is refunded of it once its payment has arrived; only where it was cancelled while that was on its way."""
    owed = models.IntegerField(default=0, db_default=0)
    """What its customer still owes the studio for it, in minor units, beside what was paid online; below 0: a credit.

    Only noted, and never charged: for what the studio booked or is paid for there, and for the difference where the
    seat was moved. Money at the studio (`StudioPaymentLine`) moves it. Cancelled, it is what is owed all the same: the
    database takes off what was not collected, and who cancels too late has it noted again.
    """
    collected = models.IntegerField(default=0, db_default=0)
    """What was taken for it at the studio less what was given back there: its lines’ sum, which PostgreSQL keeps."""
    moved_from = models.ForeignKey(Entry, models.SET_NULL, null=True, related_name="+", db_index=False)
    """At which entry it was before the studio moved it here, where it did."""
    moved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=20, choices=Channel, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="seat_text", one_line=["attendee_name"]),
            models.UniqueConstraint(
                fields=["entry", "self_attendee"],
                condition=Q(self_attendee__isnull=False, cancelled_at__isnull=True),
                name="seat_self_attendee_once",
            ),
            models.UniqueConstraint(
                fields=["entry", "customer", "discount", "discount_index"],
                condition=Q(discount__isnull=False, cancelled_at__isnull=True),
                name="seat_discount_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__lte=F("price"), discount__isnull=False, discount_use__isnull=False)
                & Q(discount_index__isnull=False, discount_code__isnull=True)
                | Q(discount__isnull=True, discount_use__isnull=True, discount_index__isnull=True)
                & (Q(amount=F("price")) | Q(amount__lte=F("price"), discount_code__isnull=False)),
                name="seat_discount_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["entry", "customer"], condition=Q(cancelled_at__isnull=True), name="seat_live"),
            models.Index(fields=["customer", "entry"], name="seat_customer"),
            models.Index(
                fields=["account", "booking"], condition=Q(cancelled_at__isnull=True, owed__gt=0), name="seat_owed"
            ),
            models.Index(
                fields=["account", "customer", "id"], condition=~Q(owed=0), include=["owed"], name="seat_to_collect"
            ),
            models.Index(fields=["moved_from"], condition=Q(moved_from__isnull=False), name="seat_moved_from"),
            models.Index(fields=["discount_code"], condition=Q(discount_code__isnull=False), name="seat_code"),
        ]

    def __str__(self) -> str:
        return f"{self.attendee_name}: {self.ticket}"

    @property
    def uses_allowance(self) -> bool:
        """Whether a use is charged for it that is counted: of what has no limit, customers are told nothing."""
        return self.use is not None and self.use.period.ceiling is not None


class Party(models.Model):
    """The people one customer brings to one event by their offers: the 1 + N of *Allow additional attendees*."""

    account_id = models.BigIntegerField()
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    seats = models.PositiveIntegerField(default=0)
    allowed = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "parties"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "customer"], name="party_once"),
            models.CheckConstraint(condition=Q(seats__gte=0, seats__lte=F("allowed")), name="party_within_allowed"),
        ]

    def __str__(self) -> str:
        return f"{self.seats} of {self.allowed}"
