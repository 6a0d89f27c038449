"""A booking as its customer reads it: its seats by entry, what was paid for them, and what cancelling gives back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet, Subquery
from django.utils.safestring import SafeString

from accounts.language import speak
from bookwhen.fastpath.compiled import compiled_query
from tickets.annotated import PaymentWithRefunds
from tickets.booking.cancel import may_cancel, refund_percent, refund_share, returns_uses
from tickets.booking.owed import owed_if_cancelled
from tickets.models import Booking, Channel, Entry, Payment, PaymentState, Refund, Seat
from tickets.public.pages import booking_or_404
from tickets.public.schedule.lines import render_when
from tickets.public.schedule.metadata import entry_path
from tickets.queries import free_again_until


@dataclass(frozen=True, slots=True)
class SeatRefund:
    """What a customer who cancels a seat now gets back: `money` in minor units, and, if it `returns`, its uses."""

    seat: Seat
    money: int
    due: int
    """What the policy gives: more than `money` where some of it was refunded before."""
    returns_uses: bool
    on_way: bool = False
    """Whether what it was paid with has not arrived yet."""
    owed: int = 0
    """What would be owed for it at the studio then, in minor units; below 0 it is theirs."""

    @property
    def uses(self) -> int:
        """How many uses are charged for it."""
        return charged_uses(self.seat)

    @property
    def paid(self) -> int:
        """What was paid for it, in minor units."""
        return amount_paid(self.seat)


class CancellationTerms:
    """What cancelling at an entry (with its account) brings back at an aware instant."""

    __slots__ = ()
    entry: Entry
    now: datetime

    @property
    def cutoff(self) -> datetime:
        """The last instant of the better terms."""
        return free_again_until(self.entry, self.entry.account)

    @property
    def in_time(self) -> bool:
        """Whether it is not past."""
        return self.now <= self.cutoff

    @property
    def returns_uses(self) -> bool:
        """Whether cancelling now brings uses back."""
        return returns_uses(self.entry, now=self.now)


@dataclass(frozen=True, slots=True)
class BookedEntry(CancellationTerms):
    """The seats of a booking at one entry (with its account and page), at an aware instant."""

    entry: Entry
    seats: Sequence[Seat]
    now: datetime

    @property
    def live(self) -> list[Seat]:
        """Those that were not cancelled."""
        return [seat for seat in self.seats if not seat.cancelled_at]

    @property
    def past(self) -> bool:
        """Whether it has begun."""
        return self.entry.starts_at <= self.now

    @property
    def may_cancel(self) -> bool:
        """Whether the customer can cancel what is live."""
        return bool(self.live) and may_cancel(self.entry, now=self.now)

    @property
    def when(self) -> SafeString:
        """When and where it takes place."""
        return render_when(self.entry, whole=True)

    @property
    def join_link(self) -> str:
        """Where those who are booked join it online, until it is over."""
        is_on = self.live and not self.entry.cancelled_at and self.now < self.entry.ends_at
        return self.entry.venue.link if is_on and self.entry.venue else ""

    @property
    def url(self) -> str:
        """The entry's own page."""
        return entry_path(self.entry)

    @property
    def percent(self) -> int:
        """How much of what was paid cancelling now brings back."""
        return refund_percent(self.entry.account, self.entry, now=self.now)

    @property
    def charged(self) -> int:
        """How many uses the live seats took."""
        return sum(charged_uses(seat) for seat in self.live)

    @property
    def paid(self) -> int:
        """What was paid for the live seats, in minor units."""
        return sum(amount_paid(seat) for seat in self.live)

    @property
    def due(self) -> int:
        """What is to pay, or was paid, at the studio for the live seats, in minor units."""
        return sum(max(seat.owed + seat.collected, 0) for seat in self.live)

    @property
    def priced(self) -> bool:
        """Whether any of the seats has a price."""
        return any(seat.price for seat in self.seats)


@dataclass(frozen=True, slots=True)
class CancellationPreview:
    """What a customer gives up at one entry by cancelling some seats there, and what comes back for them."""

    booked_entry: BookedEntry
    seat_refunds: Sequence[SeatRefund]

    @property
    def paid(self) -> int:
        """What was paid for them, in minor units."""
        return sum(back.paid for back in self.seat_refunds)

    @property
    def money(self) -> int:
        """What of it comes back, in minor units."""
        return sum(back.money for back in self.seat_refunds)

    @property
    def on_way(self) -> bool:
        """Whether what they were paid with has not arrived yet."""
        return any(back.on_way for back in self.seat_refunds)

    @property
    def due(self) -> int:
        """What would, were it not for earlier refunds, in minor units."""
        return sum(back.due for back in self.seat_refunds)

    @property
    def owed_now(self) -> int:
        """What is to pay for them at the studio now, in minor units."""
        return sum(back.seat.owed + back.seat.collected for back in self.seat_refunds)

    @property
    def owed(self) -> int:
        """What would still be owed for them there, in minor units; below 0 it is theirs."""
        return sum(back.owed for back in self.seat_refunds)

    @property
    def uses(self) -> int:
        """How many uses are charged for them."""
        return sum(back.uses for back in self.seat_refunds)


def booking_with_seats_or_404(secret: UUID) -> tuple[Booking, Sequence[Seat]]:
    """What `booking_or_404` finds, and its seats for `booked_entries`. One statement, where it has any; else two."""
    seats = _seats_of(secret)
    if not seats:
        return booking_or_404(secret), ()
    speak(seats[0].booking.page.account)
    return seats[0].booking, seats


def booked_entries(booking: Booking, *, now: datetime, seats: Sequence[Seat] | None = None) -> list[BookedEntry]:
    """What a booking (with page and account) holds or held once it was bought, soonest first.

    One statement; none where its `seats` are given.
    """
    by_entry = defaultdict[Entry, list[Seat]](list)
    found = _seats(booking.pk) if seats is None else seats
    for seat in sorted(found, key=lambda seat: (seat.entry.starts_at, seat.entry_id, seat.pk)):
        # Every seat brings an entry of its own along.
        seat.entry.account, seat.entry.page = booking.page.account, booking.page
        by_entry[seat.entry].append(seat)
    return [BookedEntry(entry, seats, now) for entry, seats in by_entry.items()]


def payments_of(booking: Booking) -> list[PaymentWithRefunds]:
    """What was paid for a booking's tickets, in order, each with `returned`, its refunds. Two statements."""
    return [each for each in payments_begun(booking) if each.state == PaymentState.PAID and each.amount]


def payments_begun(booking: Booking) -> list[PaymentWithRefunds]:
    """The same, with what is on its way, or failed there. Two statements."""
    refunds = Prefetch("refunds", Refund.objects.order_by("created_at", "pk"), to_attr="returned")
    known = Q(state=PaymentState.PAID) | Q(on_way_since__isnull=False) | Q(failed_at__isnull=False)
    found: QuerySet[Payment] = booking.payments.filter(known)
    return list(found.order_by("paid_at", "pk").prefetch_related(refunds))


def paid_seats(payments: Iterable[Payment]) -> list[Seat]:
    """What payments (of one booking) were for: its seats, those that were cancelled since too, by event."""
    seats = Seat.objects.filter(payment__in=[payment.pk for payment in payments])
    return list(seats.with_entry().select_related("discount__group").order_by("entry__starts_at", "entry", "pk"))


def cancellation_previews(
    visits: Iterable[BookedEntry], seats: Collection[int], payments: Collection[Payment]
) -> list[CancellationPreview]:
    """What cancelling these live seats (ids) brings back, as `tickets.booking.cancel` will give it.

    `payments` are those that were paid, or are on their way: then it comes back once that has arrived.
    """
    left = {payment.pk: payment.refundable for payment in payments}
    on_way = {payment.pk for payment in payments if payment.is_on_way}
    chosen = [(visit, seat) for visit in visits for seat in visit.live if seat.pk in seats]
    backs = defaultdict[int, list[SeatRefund]](list)
    for visit, seat in sorted(chosen, key=lambda each: each[1].pk):
        due = refund_share(seat, visit.percent) if seat.payment_id else 0
        money = min(due, left.get(seat.payment_id or 0, 0))
        if money:
            left[seat.payment_id or 0] -= money
        waits, owed = seat.payment_id in on_way, owed_if_cancelled(seat, visit.percent)
        backs[visit.entry.pk].append(SeatRefund(seat, money, due, visit.returns_uses, waits, owed=owed))
    return [CancellationPreview(visit, found) for visit in visits if (found := backs[visit.entry.pk])]


def preview_version(losses: Iterable[CancellationPreview]) -> str:
    """What a page says will come back, seat by seat: a form that brings another text was sent by who read another."""
    return ",".join(
        f"{back.seat.pk}@{loss.booked_entry.entry.pk}:{back.money}:{int(back.returns_uses)}"
        + (f":{back.owed}" if back.owed else "")
        for loss in losses
        for back in loss.seat_refunds
    )


def charged_uses(seat: Seat) -> int:
    """How many uses are charged for a seat: of what opened its ticket, and of what made it cheaper.

    What has no limit has none to tell of.
    """
    limited = seat.discount_use is not None and seat.discount_use.period.ceiling is not None
    return seat.uses_allowance + limited


def amount_paid(seat: Seat) -> int:
    """What was paid by card for a seat, in minor units."""
    return seat.amount if seat.payment_id else 0


_SAID: Final = {
    "": (
        *("uuid", "attendee_name", "cancelled_at", "cancelled_by", "price", "amount", "payment", "owed", "collected"),
        *("moved_from", "is_for_booker", "self_attendee"),
    ),
    "booking__": (
        "account",
        "uuid",
        "state",
        "customer",
        "filled_by",
        "booker_name",
        "booker_email",
        "purchase",
        "created_at",
    ),
    "booking__page__": ("slug", "title", "accent"),
    "booking__page__account__": (
        *("name", "slug", "plan", "currency", "time_zone", "locale", "contact_email", "hold_minutes", "logo"),
        *("cancellation_cutoff_minutes", "customers_cancel", "returns_late_uses"),
        *("refund_percent", "late_refund_percent"),
    ),
    "booking__page__account__connection__": ("disconnected_at",),
    "entry__": ("account", "page", "uuid", "title", "location", "venue", "starts_at", "ends_at", "cancelled_at"),
    "entry__venue__": ("address", "map_link", "online", "link"),
    "entry__cancellation__": ("message",),
    "moved_from__": ("title", "starts_at"),
    "ticket__": ("name",),
    "use__": ("ended_at",),
    "use__period__": ("ceiling",),
    "use__period__offer__": ("audience",),
    "use__period__offer__group__": ("name",),
    "discount__": ("percent", "amount_off", "audience"),
    "discount__group__": ("name",),
    "discount_code__": ("code", "percent", "amount_off"),
    "discount_use__": ("ended_at",),
    "discount_use__period__": ("ceiling",),
}
"""All that the page of a booking reads of its seats: there are 288 columns, and each takes its time."""


@compiled_query
def _seats(booking: int) -> QuerySet[Seat]:
    return _with_all_shown(Seat.objects.filter(booking=booking))


@compiled_query
def _seats_of(secret: UUID) -> QuerySet[Seat]:
    # Found first: planned while there was nothing, a join of the two read all bookings for each seat.
    booking = Subquery(Booking.objects.filter(uuid=secret).values("pk"))
    seats = _with_all_shown(Seat.objects.filter(booking=booking))
    known = [f"{to}{name}" for to, names in _SAID.items() for name in names]
    return seats.select_related(None).select_related(*(to.rstrip("_") for to in _SAID if to)).only(*known)


def _with_all_shown(seats: QuerySet[Seat]) -> QuerySet[Seat]:
    # What was taken out of the basket again was never part of the booking.
    known = (
        *("entry__places", "entry__venue", "entry__cancellation", "ticket", "moved_from"),
        *("use__period__offer__group", "discount__group", "discount_code", "discount_use__period"),
    )
    return seats.exclude(cancelled_by=Channel.BASKET_ABANDONED).select_related(*known).order_by("pk")
