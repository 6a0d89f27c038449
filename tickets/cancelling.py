"""Cancelling seats: by the customer, by the studio, or with the whole entry; uses and places come back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from groups.locks import hold_members
from offers.uses import give_back
from tickets import notices, places
from tickets.models import Booking, Channel, Entry, Seat
from tickets.queries import free_again_until


class CannotCancelError(Exception):
    """Customers of this account cannot cancel themselves, or the event has started."""


def may_cancel(entry: Entry, *, now: datetime) -> bool:
    """Whether a customer may cancel their seats at an entry (with its account) themselves, at an aware instant."""
    return entry.account.customers_cancel and now < entry.starts_at


def returns_use(entry: Entry, *, now: datetime) -> bool:
    """Whether a customer who cancels now has the use back: in time always, later only if the account says so."""
    account = entry.account
    return account.returns_late_uses or now <= free_again_until(entry, account)


def cancel_own(booking: Booking, seats: Collection[int], *, now: datetime) -> list[Seat]:
    """A customer cancels seats (ids) of their booking; what was cancelled already is passed over.

    Raises CannotCancelError.
    """
    found = Seat.objects.filter(booking=booking, pk__in=seats, cancelled_at__isnull=True)
    entries = Entry.objects.filter(pk__in=found.values("entry")).select_related("account")
    if not all(may_cancel(entry, now=now) for entry in entries):
        raise CannotCancelError
    returning = {entry.pk for entry in entries if returns_use(entry, now=now)}
    return cancel_seats(
        seats=list(found.values_list("pk", flat=True)), by=Channel.CUSTOMER, returning=returning, now=now
    )


def cancel_by_hand(seats: Collection[int], *, now: datetime, tell: bool = True) -> list[Seat]:
    """The studio cancels seats (ids); their uses always come back."""
    entries = set(Seat.objects.filter(pk__in=seats).values_list("entry", flat=True))
    return cancel_seats(seats=seats, by=Channel.STUDIO, returning=entries, now=now, tell=tell)


def cancel_seats(
    *, seats: Collection[int], by: Channel, returning: Collection[int], now: datetime, tell: bool = True
) -> list[Seat]:
    """Cancel the live ones among these seats (ids), exactly once; uses come back at the entries in `returning`.

    Returns the seats that this call cancelled. With `tell`, each booking's customer gets one letter an entry.
    """
    with transaction.atomic():
        hold_members(Seat.objects.filter(pk__in=seats, use__isnull=False).values_list("use__period__member", flat=True))
        live = list(
            Seat.objects.filter(pk__in=seats, cancelled_at__isnull=True)
            .select_for_update(of=("self",), no_key=True)
            .select_related("entry__account", "entry__page", "entry__places", "booking__customer", "ticket", "use")
            .order_by("pk")
        )
        Seat.objects.filter(pk__in=[seat.pk for seat in live]).update(cancelled_at=now, cancelled_by=by)
        returned = [seat.use_id for seat in live if seat.use_id and seat.entry_id in returning]
        give_back(returned, why=by, now=now)
        _empty(live)
        if tell:
            _tell(live, set(returned), by=by, now=now)
    return live


def _empty(seats: Iterable[Seat]) -> None:
    by_entry = defaultdict[int, list[Seat]](list)
    for seat in seats:
        by_entry[seat.entry_id].append(seat)
    for entry, gone in sorted(by_entry.items()):
        charged = defaultdict[int, int](int)
        for seat in gone:
            if seat.use_id:
                charged[seat.customer_id] += 1
        for customer, people in sorted(charged.items()):
            places.leave_party(gone[0].entry, customer=customer, people=people)
        places.free(entry, [seat.ticket_id for seat in gone])


def _tell(seats: Sequence[Seat], returned: Collection[int], *, by: Channel, now: datetime) -> None:
    by_booking = defaultdict[tuple[int, int], list[Seat]](list)
    for seat in seats:
        seat.returned = seat.use_id in returned  # type: ignore[attr-defined]
        by_booking[seat.booking_id, seat.entry_id].append(seat)
    for gone in by_booking.values():
        notices.cancelled(gone[0].booking, gone[0].entry, gone, by_studio=by == Channel.STUDIO, now=now)
