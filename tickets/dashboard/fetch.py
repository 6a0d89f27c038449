"""What every page of an entry, a booking or a payment fetches: through the account, or not at all."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404

from accounts.access import MANAGE_CUSTOMERS, MANAGE_SCHEDULE, OperatorRequest
from accounts.models import Account
from tickets.dashboard.entries.reminder import reminder_text
from tickets.details import NOBODY, leaders_at
from tickets.models import Booking, BookingState, Entry, Payment, PaymentQuerySet, RefundState, Seat, SeatQuerySet
from tickets.queries import entries_of
from tickets.wall_times import comes_twice, is_left_out


@dataclass(frozen=True, slots=True)
class PaymentTotals:
    """What payments come to in one currency, in its minor units."""

    currency: str
    paid: int
    refunded: int
    withdrawn: int
    """What disputes have taken."""

    @property
    def net(self) -> int:
        """What is kept of it."""
        return self.paid - self.refunded - self.withdrawn


def fetch_entry(account: Account, pk: int) -> Entry:
    """An entry of this account, with all that its pages and services need; 404 where there is none."""
    return get_object_or_404(
        entries_of(account).select_related("account", "page", "places", "series__page", "cancellation"), pk=pk
    )


def fetch_booking(account: Account, pk: int) -> Booking:
    """A booking or basket of this account with its customer, page and membership; 404 where there is none."""
    found = account_bookings(account).select_related(
        "customer", "page", "purchase__membership", "membership_price__membership"
    )
    return get_object_or_404(found, pk=pk)


def account_bookings(account: Account) -> QuerySet[Booking]:
    """The bookings and baskets of an account; a membership alone is none, wherever it is on its way."""
    has_seats = Exists(Seat.objects.filter(account=account, booking=OuterRef("pk")))
    found = Booking.objects.filter(Q(membership_price__isnull=True) | has_seats, account=account)
    return found.exclude(state=BookingState.JOINED)


def fetch_payment(account: Account, pk: int) -> Payment:
    """A payment of this account with its booking, customer and connection; 404 where there is none."""
    return get_object_or_404(payments_of(account).select_related("connection", "booking__purchase__membership"), pk=pk)


def payments_of(account: Account) -> PaymentQuerySet:
    """The payments of an account, with booking, customer and disputes; not those that only stood for a checkout.

    What was paid for a membership is on its own invoice: without paid tickets, nothing is paid here.
    """
    found = Payment.objects.filter(account=account, amount__gt=0)
    return found.select_related("booking__customer").prefetch_related("disputes")


def payment_totals(payments: PaymentQuerySet) -> list[PaymentTotals]:
    """What those payments that were made come to, in each currency."""
    rows = (
        payments.paid()
        .order_by("currency")
        .values("currency")
        .annotate(paid=Sum("amount"), back=Sum("refunded"), taken=Sum("withdrawn"))
        .values_list("currency", "paid", "back", "taken")
    )
    return [PaymentTotals(*row) for row in rows]


def seats_with_money(seats: SeatQuerySet) -> QuerySet[Seat]:
    """Seats in the order they were bought, each with all that is told of it.

    `saved` is by how much a discount makes it cheaper, `back` what was refunded for it, in minor units.
    """
    given = Sum("refunds__amount", filter=~Q(refunds__refund__state=RefundState.FAILED), default=0)
    return (
        seats.with_entry()
        .select_related(
            *("use__period__offer__group", "discount__group", "discount_code", "booking", "payment", "moved_from"),
            "attendance",
        )
        .annotate(back=given, saved=F("price") - F("amount"))
        .order_by("pk")
    )


def entry_context(request: OperatorRequest, entry: Entry, tab: str, *, now: datetime) -> dict[str, object]:
    """What the frame of an entry's pages shows: `tab` is attendees, edit, tickets, or nothing."""
    said, zone = entry.wall_times(request.account.zone).starts, request.account.zone
    return {
        "section": "schedule",
        "entry": entry,
        "led_by": leaders_at([entry.pk]).get(entry.pk, NOBODY).text,
        "left_out": said if is_left_out(said, zone) else None,
        "twice": said if comes_twice(said, zone) else None,
        "tab": tab,
        "reminder": reminder_text(entry, now=now),
        "over": entry.cancelled_at is not None or entry.starts_at <= now,
        "started": entry.starts_at <= now,
        "ended": entry.ends_at <= now,
        "may_manage": request.role in MANAGE_SCHEDULE,
        "may_book": request.role in MANAGE_CUSTOMERS,
    }


def others_of(entry: Entry, *, now: datetime) -> list[Entry]:
    """The other entries of the same series that can be changed with it: those to come that were not cancelled."""
    found = Entry.objects.upcoming(now).filter(series=entry.series_id).exclude(pk=entry.pk)
    return list(found.select_related("account", "places").order_by("starts_at", "pk"))
