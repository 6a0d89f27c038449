"""The letters that bookings give rise to, written in the transaction that they tell of."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from accounts.letters import absolute, post
from groups.models import Member
from tickets.calendar import booking_calendar
from tickets.models import Booking, Entry, Payment, Refund, Seat, State
from tickets.queries import free_again_until


def booked(booking: Booking, entry: Entry, seats: Sequence[Seat], *, now: datetime) -> None:
    """Confirm a booking's seats (each with its ticket) to its customer, with an .ics file."""
    calendar = booking_calendar(booking, [entry], now=now)
    cutoff = free_again_until(entry, entry.account)
    matters = any(seat.use_id for seat in seats) and not entry.account.returns_late_uses and now < cutoff
    _tell("booked", booking, entry, seats, calendar=calendar, now=now, cutoff=cutoff if matters else None)


def bought(booking: Booking, seats: Sequence[Seat], *, payment: Payment | None, now: datetime) -> None:
    """Confirm what was in a basket (seats with entry, its account, page and places, and ticket): the receipt too.

    With an .ics file for all its events.
    """
    by_entry = _by_entry(seats)
    account = booking.account
    post(
        kind="bought",
        recipient=booking.customer.email,
        template="tickets/letters/bought",
        context={
            "booking": booking,
            "places": list(by_entry.items()),
            "seats": seats,
            "payment": payment,
            "total": sum(seat.amount for seat in seats),
            "saved": sum(seat.price - seat.amount for seat in seats),
            "currency": account.currency,
            "locale": account.locale,
            "membership": booking.purchase.membership if booking.purchase else None,
            "zone": account.zone,
            "link": absolute(reverse("my_booking", kwargs={"booking": booking.uuid})),
        },
        account=account,
        now=now,
        calendar=booking_calendar(booking, by_entry, now=now),
        dedupe=f"bought-{booking.uuid}",
    )


def sorry(booking: Booking, seats: Sequence[Seat], *, payment: Payment, now: datetime) -> None:
    """Tell a customer that what they paid for was gone by then, that the money comes back, and what to do next."""
    account = booking.account
    post(
        kind="sorry",
        recipient=booking.customer.email,
        template="tickets/letters/sorry",
        context={
            "booking": booking,
            "places": list(_by_entry(seats).items()),
            "page": booking.page,
            "schedule": absolute(reverse("public:schedule", kwargs={"page": booking.page.slug})),
            "amount": payment.amount if booking.state != State.BOOKED else sum(seat.amount for seat in seats),
            "currency": payment.currency,
            "locale": account.locale,
            "zone": account.zone,
        },
        account=account,
        now=now,
        dedupe=f"sorry-{payment.uuid}",
    )


def refunded(refund: Refund, *, note: str = "", now: datetime) -> None:
    """Tell a customer of a refund that somebody of the studio made by hand, with that person's `note`; once a refund.

    Call it in the transaction that makes the refund.
    """
    payment = refund.payment
    booking = payment.booking
    account = booking.account
    post(
        kind="refunded",
        recipient=booking.customer.email,
        template="tickets/letters/refunded",
        context={
            "booking": booking,
            "payment": payment,
            "refund": refund,
            "note": note.strip(),
            "kept": booking.state == State.BOOKED and booking.seats.filter(cancelled_at__isnull=True).exists(),
            "zone": account.zone,
            "link": absolute(reverse("my_booking", kwargs={"booking": booking.uuid})),
        },
        account=account,
        now=now,
        dedupe=f"refunded-{refund.uuid}",
    )


def _by_entry(seats: Sequence[Seat]) -> dict[Entry, list[Seat]]:
    found = defaultdict[Entry, list[Seat]](list)
    for seat in sorted(seats, key=lambda seat: (seat.entry.starts_at, seat.pk)):
        found[seat.entry].append(seat)
    return found


def cancelled(booking: Booking, entry: Entry, seats: Sequence[Seat], *, by_studio: bool, now: datetime) -> None:
    """Tell a customer which seats were cancelled, by whom, and whether their uses came back.

    With the last seat of the booking goes an .ics file that takes the event out of their calendar.
    """
    remaining = list(booking.seats.filter(entry=entry, cancelled_at__isnull=True).select_related("ticket"))
    calendar = "" if remaining else booking_calendar(booking, [], gone=[entry], now=now)
    _tell("cancelled", booking, entry, seats, calendar=calendar, now=now, by_studio=by_studio, remaining=remaining)


def released(member: Member, seats: Sequence[Seat], *, key: str, now: datetime) -> None:
    """Tell a customer which places were given back because the membership that opened them has ended; once by `key`."""
    by_entry = _by_entry(seats)
    account = member.group.account
    post(
        kind="released",
        recipient=member.customer.email,
        template="tickets/letters/released",
        context={
            "customer": member.customer,
            "group": member.group,
            "places": list(by_entry.items()),
            "count": len(seats),
            "page": next(iter(by_entry)).page,
            "zone": account.zone,
        },
        account=account,
        now=now,
        dedupe=key,
    )


def moved(booking: Booking, entry: Entry, seats: Sequence[Seat], *, before: datetime, now: datetime) -> None:
    """Tell a customer that an entry they booked takes place at another time or place, with the new .ics file."""
    calendar = booking_calendar(booking, [entry], now=now)
    _tell("moved", booking, entry, seats, calendar=calendar, now=now, before=before)


def _tell(
    kind: str,
    booking: Booking,
    entry: Entry,
    seats: Sequence[Seat],
    *,
    calendar: str,
    now: datetime,
    **rest: object,
) -> None:
    context = {
        "booking": booking,
        "entry": entry,
        "page": entry.page,
        "seats": seats,
        "zone": entry.account.zone,
        "link": absolute(reverse("my_booking", kwargs={"booking": booking.uuid})),
        **rest,
    }
    post(
        kind=kind,
        recipient=booking.customer.email,
        template=f"tickets/letters/{kind}",
        context=context,
        account=entry.account,
        now=now,
        calendar=calendar,
    )
