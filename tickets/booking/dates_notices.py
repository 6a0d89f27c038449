"""The letter about several dates that the studio has cancelled at once: one for each person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import prefetch_related_objects
from django.urls import reverse

from accounts.email_queue import Envelope, absolute, post_letters
from accounts.models import Account, Customer, LetterKind
from tickets.booking.notices import CancelledSeat
from tickets.calendar import booking_cancellations
from tickets.models import Booking, Entry, EntryCancellation, Seat

TEMPLATE: Final = "tickets/letters/cancelled_dates"


def notify_dates_cancelled(lines: Sequence[CancelledSeat], *, account: Account, now: datetime) -> int:
    """Tell customers of an account which of their seats (as for letters) were cancelled with their entries.

    With .ics files that take those dates out of their calendars. How many letters there are.
    """
    prefetch_related_objects([line.seat for line in lines if line.seat.discount_use_id], "discount_use__period")
    prefetch_related_objects([line.seat for line in lines if line.seat.use_id], "use__period")
    messages = dict(
        EntryCancellation.objects.filter(account=account, entry__in={line.seat.entry_id for line in lines})
        .exclude(message="")
        .values_list("entry", "message")
    )
    theirs = defaultdict[Customer, list[CancelledSeat]](list)
    for line in lines:
        theirs[line.seat.booking.customer].append(line)
    envelopes = []
    for customer, mine in theirs.items():
        said = next((messages[line.seat.entry_id] for line in mine if line.seat.entry_id in messages), "")
        envelopes.append(Envelope(customer.reached_at, dates_context(mine, said), calendar=_calendar(mine, now=now)))
    post_letters(envelopes, kind=LetterKind.CANCELLED_DATES, template=TEMPLATE, account=account, now=now)
    return len(envelopes)


def dates_context(lines: Sequence[CancelledSeat], message: str) -> dict[str, object]:
    """What the letter to one customer says of their cancelled seats; `message` is the studio’s."""
    places = _by_entry(lines)
    first, bookings = next(iter(places)), {line.seat.booking_id: line.seat.booking for line in lines}
    booking, refunded = lines[0].seat.booking, sum(line.refunded for line in lines)
    link = reverse("my_booking", kwargs={"booking": booking.uuid}) if len(bookings) == 1 else reverse("my_bookings")
    return {
        "booking": booking,
        "places": list(places.items()),
        "first": first,
        "others": len(places) - 1,
        "page": first.page,
        "message": message,
        "refunded": refunded,
        "on_way": any(line.on_way for line in lines),
        "kept": sum(line.paid for line in lines) - refunded,
        "by_studio": True,
        "zone": first.account.zone,
        "link": absolute(link),
    }


def _by_entry(lines: Iterable[CancelledSeat]) -> Mapping[Entry, list[CancelledSeat]]:
    found = defaultdict[Entry, list[CancelledSeat]](list)
    for line in sorted(lines, key=lambda line: (line.seat.entry.starts_at, line.seat.pk)):
        found[line.seat.entry].append(line)
    return found


def _calendar(lines: Iterable[CancelledSeat], *, now: datetime) -> str:
    """The .ics files that take the dates of each booking out: nobody has a seat at a cancelled entry any more."""
    pairs: dict[tuple[Booking, Entry], Seat] = {(line.seat.booking, line.seat.entry): line.seat for line in lines}
    return "".join(booking_cancellations(booking, [entry], now=now) for booking, entry in pairs)
