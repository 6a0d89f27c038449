"""The letters of a payment on its way: that it is, that it came, that it never will. Each is written once a payment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse

from accounts.email_queue import absolute, queue_letter
from tickets.calendar import booking_cancellations, booking_invitations
from tickets.models import Booking, Entry, Payment, Seat


def notify_on_way(booking: Booking, seats: Sequence[Seat], *, payment: Payment, now: datetime) -> None:
    """Confirm what is booked (seats for letters), and say that its payment is on its way; with an .ics file each."""
    by_entry = _group_by_entry(seats)
    context = {"places": list(by_entry.items()), "paid": payment.amount}
    calendar = booking_invitations(booking, by_entry, now=now) if by_entry else ""
    _queue("payment_on_way", booking, payment, context, now=now, calendar=calendar)


def notify_arrived(booking: Booking, seats: Sequence[Seat], *, payment: Payment, refunded: int, now: datetime) -> None:
    """Say that a payment has arrived, what was booked by it and is kept, and what is refunded of it (minor units)."""
    kept = _group_by_entry([seat for seat in seats if not seat.cancelled_at])
    receipt = absolute(reverse("my_booking_receipt", kwargs={"booking": booking.uuid}))
    context = {"places": list(kept.items()), "paid": payment.amount, "refunded": refunded, "receipt": receipt}
    _queue("payment_arrived", booking, payment, context, now=now)


def notify_payment_failed(
    booking: Booking, released: Sequence[Seat], *, kept: Sequence[Seat], payment: Payment, now: datetime
) -> None:
    """Say that a payment never came: which spaces were released, which are owed, and how to book again.

    `kept` had begun by then. With .ics files that take what was released out of their calendar.
    """
    gone = _group_by_entry(released)
    still = {seat.entry_id for seat in booking.seats.live()}
    out = [entry for entry in gone if entry.pk not in still]
    context = {
        "places": list(gone.items()),
        "kept": list(_group_by_entry(kept).items()),
        "paid": payment.amount,
        "owed": sum(seat.amount for seat in kept),
        "again": _again(booking, list(gone)),
    }
    calendar = booking_cancellations(booking, out, now=now) if out else ""
    _queue("payment_failed", booking, payment, context, now=now, calendar=calendar)


def _again(booking: Booking, entries: Sequence[Entry]) -> str:
    """Where it can be bought once more: the event’s page, the membership’s, or the schedule."""
    page = booking.page.slug
    if not entries and booking.membership_price is not None:
        kwargs = {"page": page, "pk": booking.membership_price.membership_id}
        return absolute(reverse("public:membership", kwargs=kwargs))
    if len(entries) == 1:
        return absolute(reverse("public:entry", kwargs={"page": page, "entry": entries[0].uuid}))
    return absolute(reverse("public:schedule", kwargs={"page": page}))


def _group_by_entry(seats: Sequence[Seat]) -> dict[Entry, list[Seat]]:
    found = defaultdict[Entry, list[Seat]](list)
    for seat in sorted(seats, key=lambda seat: (seat.entry.starts_at, seat.pk)):
        found[seat.entry].append(seat)
    return found


def _queue(
    kind: str,
    booking: Booking,
    payment: Payment,
    context: Mapping[str, object],
    *,
    now: datetime,
    calendar: str = "",
) -> None:
    account, sold = payment.account, booking.membership_price
    known = {
        "booking": booking,
        "payment": payment,
        "zone": account.zone,
        "membership": sold.membership if sold else None,
        "link": absolute(reverse("my_booking", kwargs={"booking": booking.uuid})),
    }
    queue_letter(
        kind=kind,
        recipient=booking.address,
        template=f"tickets/letters/{kind}",
        context={**known, **context},
        account=account,
        now=now,
        calendar=calendar,
        dedupe=f"{kind}-{payment.uuid}",
    )
