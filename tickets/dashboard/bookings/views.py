"""*Bookings*: who bought what; one of them with its seats, payments and refunds; cancelling places from there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db.models import Q, QuerySet, TextChoices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.query import query_choice, search_term
from accounts.history.reading import studio_names
from accounts.models import Account
from bookwhen.counts import capped_counts
from bookwhen.keyset import keyset_page
from tickets.booking.owed import settle_seats
from tickets.dashboard.bookings.cancellation import confirm_cancellation
from tickets.dashboard.colleagues import bookings_of_seats, is_by_studio
from tickets.dashboard.fetch import account_bookings, fetch_booking, seats_with_money
from tickets.dashboard.payments.disputes import DisputeRow, dispute_rows
from tickets.dashboard.searches import BookingSearch, search_bookings
from tickets.dashboard.studio.reading import studio_payments_of
from tickets.models import Booking, BookingState, Dispute, PaymentState, Refund, Seat
from tickets.money.on_way import amount_owed, owed_payments
from tickets.money.studio import OwedChangedError

PER_PAGE: Final = 25
ORDER: Final = ("-created_at", "-pk")
WHOLE: Final = re.compile(r"-?[0-9]{1,10}")


class BookingFilter(TextChoices):
    """Which bookings are listed."""

    BOOKED = "booked", _("Booked")
    UNPAID = "unpaid", _("Unpaid")
    HELD = "held", _("In a basket")
    RELEASED = "released", _("Not completed")


def conditions(account: Account) -> dict[BookingFilter, Q]:
    """Which bookings of an account each filter lists."""
    owing = Seat.objects.live().filter(account=account, owed__gt=0).values("booking")
    # One set of them, by their own indexes: either of two would be looked for through all that was ever booked.
    unpaid = Q(pk__in=owing.union(owed_payments(account).values("booking")))
    return {
        BookingFilter.BOOKED: Q(state=BookingState.BOOKED),
        BookingFilter.UNPAID: Q(state=BookingState.BOOKED) & unpaid,
        BookingFilter.HELD: Q(held_until__isnull=False),
        BookingFilter.RELEASED: Q(state=BookingState.RELEASED),
    }


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking with what is told of it in a list; money in minor units of its currency."""

    booking: Booking
    entries: list[str]
    tickets: int
    paid: int
    refunded: int
    on_way: bool
    withdrawn: int
    """What disputes have taken."""
    owed: int
    """What is noted as still to pay at the studio; below 0 it is the customer's credit."""
    collected: int
    """What was paid at the studio."""


@operator_view(MANAGE_CUSTOMERS)
def bookings(request: OperatorRequest) -> HttpResponse:
    """*Bookings*: what was bought, newest first; what is only held in baskets stands apart."""
    account, words = request.account, search_term(request)
    search = search_bookings(account, words) if words else BookingSearch(Q())
    # In the list's order, also where they are counted: by its index, the newest lie side by side.
    everything = account_bookings(account).order_by(*ORDER)
    listed_by = conditions(account)
    by_state = {each: everything.filter(search.condition, listed_by[each]) for each in BookingFilter}
    # But those who owe: sorted, all of them would be read for the newest.
    counted = by_state | {BookingFilter.UNPAID: by_state[BookingFilter.UNPAID].order_by()}
    counts = {} if search.is_broad else capped_counts(account, counted)
    chosen = query_choice(request, "state", BookingFilter) or BookingFilter.BOOKED
    listed = by_state[chosen].select_related("customer").prefetch_related("seats__entry", "payments")
    among = everything.filter(listed_by[chosen]) if search.is_broad else None
    page = keyset_page(listed, ORDER, request.GET, size=PER_PAGE, among=among)
    context = {
        "section": "bookings",
        "bookings": page,
        "rows": [booking_row(booking) for booking in page],
        "names": studio_names(account, {booking.pk for booking in page if is_by_studio(booking)}),
        "tabs": [(each, counts.get(each, "")) for each in BookingFilter],
        "state": chosen,
        "q": words,
        "has_any": any(counts.values()),
    }
    return render(request, "tickets/dashboard/bookings.html", context)


@operator_view(MANAGE_CUSTOMERS)
def booking(request: OperatorRequest, pk: int) -> HttpResponse:
    """One booking: who, when, how far, every seat, what was paid and what went back."""
    found = fetch_booking(request.account, pk)
    seats = list(seats_with_money(found.seats.select_related("imported")))
    payments = list(found.payments.order_by("-pk").prefetch_related("disputes"))
    paid = [payment for payment in payments if payment.state == PaymentState.PAID]
    by_studio = bookings_of_seats(seats) | ({found.pk} if is_by_studio(found) else set())
    context = {
        "section": "bookings",
        "booking": found,
        "names": studio_names(request.account, by_studio),
        "seats": seats,
        "live": [seat for seat in seats if seat.cancelled_at is None],
        "payments": payments,
        "payment_news": [(each, amount_owed(each)) for each in payments if each.is_on_way or each.never_came],
        "paid": sum(payment.amount for payment in paid),
        "refunded": sum(payment.refunded for payment in paid),
        "withdrawn": sum(payment.withdrawn for payment in paid),
        "owed": sum(seat.owed for seat in seats),
        "collected": sum(seat.collected for seat in seats),
        "by_hand": studio_payments_of(seats),
        "disputes": booking_disputes(found, request.account),
        "spaces": sum(seat.cancelled_at is None for seat in seats),
        "refunds": refunds_listed(Refund.objects.filter(payment__booking=found)),
        "old_references": _old_references(seats),
    }
    return render(request, "tickets/dashboard/booking.html", context)


def _old_references(seats: Iterable[Seat]) -> str:
    """What the system that they came from calls their bookings; empty where they were made here."""
    imported = (getattr(seat, "imported", None) for seat in seats)
    return ", ".join(dict.fromkeys(each.reference for each in imported if each and each.reference))


@operator_view(MANAGE_CUSTOMERS)
def booking_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """Cancel places of a booking, after saying what becomes of them and of the money."""
    found = fetch_booking(request.account, pk)
    frame = {"section": "bookings", "booking": found, "back_url": dashboard_url(request, "booking", pk=pk)}
    return confirm_cancellation(request, found.seats.all(), frame=frame)


@operator_view(MANAGE_CUSTOMERS)
def booking_settled(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Waive*: what was noted as still to pay at the studio isn’t owed any more. First it says what becomes of that."""
    found, back = fetch_booking(request.account, pk), dashboard_url(request, "booking", pk=pk)
    if request.method == "POST" and _waive(request, found):
        return redirect(back)
    noted = list(Seat.objects.filter(account=request.account, booking=found).exclude(owed=0))
    if not noted:
        messages.info(request, _("Nothing is owed for this booking."))
        return redirect(back)
    context = {"section": "bookings", "booking": found, "owed": sum(seat.owed for seat in noted), "back_url": back}
    return render(request, "tickets/dashboard/booking_waive.html", context)


def _waive(request: OperatorRequest, found: Booking) -> bool:
    """Waive what the page said is owed, and say so; False where that isn’t what is owed, and the page says it again."""
    try:
        settled = settle_seats(found, seen=_seen(request))
    except OwedChangedError:
        messages.warning(
            request, _("What’s owed has changed in the meantime. Nothing has been waived. Check it, then choose again.")
        )
        return False
    if settled:
        messages.success(request, _("Waived. Nothing is owed for this booking any more."))
    else:
        messages.info(request, _("Someone has already dealt with this."))
    return True


def _seen(request: OperatorRequest) -> int:
    """What the page said is owed, in minor units; where it cannot be read, nothing."""
    said = request.POST.get("seen", "")
    return int(said) if WHOLE.fullmatch(said) else 0


def booking_row(booking: Booking) -> BookingRow:
    """What a list tells of a booking (its seats with entries, and its payments, are prefetched)."""
    seats, paid = (
        list(booking.seats.all()),
        [each for each in booking.payments.all() if each.state == PaymentState.PAID],
    )
    return BookingRow(
        booking,
        list(dict.fromkeys(seat.entry.title for seat in seats)),
        sum(seat.cancelled_at is None for seat in seats),
        sum(each.amount for each in paid),
        sum(each.refunded for each in paid),
        any(each.is_on_way for each in booking.payments.all()),
        sum(each.withdrawn for each in paid),
        sum(seat.owed for seat in seats),
        sum(seat.collected for seat in seats),
    )


def booking_disputes(booking: Booking, account: Account) -> list[DisputeRow]:
    """The disputes of what was paid for a booking, newest first."""
    found = Dispute.objects.newest_first().filter(account=account, payment__booking=booking)
    return dispute_rows(found, account)


def refunds_listed(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    """Refunds as lists show them, newest first, with who asked for them and what they are of."""
    return refunds.select_related("payment__connection", "by").order_by("-created_at", "-pk")
