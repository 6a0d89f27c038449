"""Cancelling seats: by the customer, by the studio, or with the whole entry; places, uses and money come back."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db import transaction

from accounts.models import Account, User
from bookwhen.money import step
from offers.uses import give_back
from tickets.availability import places
from tickets.availability.locks import lock_customers_of_seats
from tickets.booking import notices
from tickets.booking.notices import CancelledSeat
from tickets.booking.owed import keep_owed
from tickets.booking.recorded import record_cancelled
from tickets.models import Booking, Channel, Entry, RefundReason, Seat
from tickets.money.on_way import on_way_payments
from tickets.money.refunds import refund_payments
from tickets.queries import free_again_until

WHOLE: Final = 100
REASON_BY_CHANNEL: Final = {
    Channel.CUSTOMER: RefundReason.CUSTOMER,
    Channel.STUDIO: RefundReason.STUDIO,
    Channel.RELEASED: RefundReason.ENDED,
    Channel.BASKET_ABANDONED: RefundReason.TOO_LATE,
    Channel.PAYMENT_FAILED: RefundReason.TOO_LATE,
}


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What one call cancelled: the seats, and what is refunded for which of them (by id, in minor units)."""

    seats: Sequence[Seat]
    refunded: Mapping[int, int]
    on_way: Collection[int] = ()
    """Which payments (ids) of theirs are on their way: what they took is refunded once it has arrived."""

    @property
    def total_refunded(self) -> int:
        """What is refunded for all of them, in minor units."""
        return sum(self.refunded.values())


class CannotCancelError(Exception):
    """Customers of this account cannot cancel themselves, or the event has started."""


def may_cancel(entry: Entry, *, now: datetime) -> bool:
    """Whether a customer may cancel their seats at an entry (with its account) themselves, at an aware instant."""
    return entry.account.customers_cancel and now < entry.starts_at


def returns_uses(entry: Entry, *, now: datetime) -> bool:
    """Whether a customer who cancels now has the use back: in time always, later only if the account says so.

    Always where the studio has cancelled the entry, and only its space is still to be cancelled.
    """
    account = entry.account
    return entry.cancelled_at is not None or account.returns_late_uses or now <= free_again_until(entry, account)


def refund_percent(account: Account, entry: Entry, *, now: datetime) -> int:
    """How much of the price a customer gets back who cancels now, in percent: by the account's policy.

    All of it where the studio has cancelled the entry, and only its space is still to be cancelled.
    """
    if entry.cancelled_at:
        return WHOLE
    in_time = now <= free_again_until(entry, account)
    return account.refund_percent if in_time else account.late_refund_percent


def cancel_by_customer(
    booking: Booking, seats: Collection[int], *, now: datetime, at: Collection[int] | None = None
) -> Cancelled:
    """A customer cancels seats (ids) of their booking; what was cancelled already is passed over.

    So is what is no longer `at` the entries (ids) that they saw it at: it was moved. Uses and money come back by the
    account's policy. Raises CannotCancelError.
    """
    found = booking.seats.live().booked().filter(pk__in=seats)
    if at is not None:
        found = found.filter(entry__in=at)
    there = dict(found.values_list("pk", "entry"))
    entries = list(Entry.objects.filter(pk__in=set(there.values())).select_related("account"))
    if not all(may_cancel(entry, now=now) for entry in entries):
        raise CannotCancelError
    return cancel_seats(
        seats=list(there),
        by=Channel.CUSTOMER,
        returning={entry.pk for entry in entries if returns_uses(entry, now=now)},
        refunding={entry.pk: refund_percent(entry.account, entry, now=now) for entry in entries},
        now=now,
    )


def cancel_by_studio(
    seats: Collection[int],
    *,
    now: datetime,
    tell: bool = True,
    giving: Mapping[int, int] | None = None,
    staff: User | None = None,
    at: Collection[int] | None = None,
) -> Cancelled:
    """The studio cancels seats (ids); their uses always come back, and all that was paid for them.

    `giving` says instead how much goes back for which seat (ids, minor units); `staff` is who of the studio did it.
    What is no longer `at` the entries (ids) that they saw it at was moved, and is passed over.
    """
    entries = set(Seat.objects.filter(pk__in=seats).values_list("entry", flat=True)) if at is None else set(at)
    return cancel_seats(
        seats=seats,
        by=Channel.STUDIO,
        returning=entries,
        refunding=dict.fromkeys(entries, WHOLE),
        giving=giving,
        staff=staff,
        now=now,
        tell=tell,
    )


def cancel_seats(
    *,
    seats: Collection[int],
    by: Channel,
    returning: Collection[int],
    now: datetime,
    refunding: Mapping[int, int] = MappingProxyType({}),
    giving: Mapping[int, int] | None = None,
    staff: User | None = None,
    tell: bool = True,
) -> Cancelled:
    """Cancel the live ones among these seats (ids), exactly once; uses come back at the entries in `returning`.

    `refunding` says by entry (id) how much of what was paid goes back, in percent; `giving` says instead by seat (id)
    how much in minor units. What was moved away from all of these entries meanwhile is passed over. Returns what this
    call cancelled: nothing where others were first. With `tell`, each booking's customer gets one letter an entry; a
    basket's gets none.
    """
    with transaction.atomic():
        live = _lock_live(seats, {*returning, *refunding})
        Seat.objects.filter(pk__in=[seat.pk for seat in live]).update(cancelled_at=now, cancelled_by=by)
        keep_owed(live, refunding if by == Channel.CUSTOMER else None)
        # Read after the seats are held: a payment meanwhile has either been here, or sees them cancelled.
        ids = _booked_ids(live)
        booked = [seat for seat in live if seat.booking_id in ids]
        if giving is None:
            giving = {seat.pk: refund_share(seat, refunding.get(seat.entry_id, 0)) for seat in booked}
        # What failed promises nothing: should it come all the same, all of it is refunded.
        on_way = set[int]() if by == Channel.PAYMENT_FAILED else on_way_payments(booked)
        refunded = _refund_cancelled(booked, giving, on_way, by=by, staff=staff, now=now)
        returned = {
            use for seat in live if seat.entry_id in returning for use in (seat.use_id, seat.discount_use_id) if use
        }
        give_back(returned, why=by, now=now)
        _empty(live)
        if tell:
            _notify_customers(Cancelled(booked, refunded, on_way), returned, by=by, now=now)
        if by == Channel.STUDIO:
            record_cancelled(live, sum(refunded.values()))
    return Cancelled(live, refunded, on_way)


def _lock_live(seats: Collection[int], entries: Collection[int]) -> list[Seat]:
    """The live ones among these seats (ids) that are at these entries (ids), held, and their customers before them."""
    lock_customers_of_seats(seats)
    # Held before they are read: which ticket a seat has may change while it is waited for, and its row is then no row
    # of the join any more.
    list(Seat.objects.filter(pk__in=seats).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    found = Seat.objects.live().filter(pk__in=seats, entry__in=entries)
    found = found.select_for_update(of=("self",), no_key=True)
    return list(found.for_letters().select_related("booking__customer", "use__period").order_by("pk"))


def _booked_ids(seats: Iterable[Seat]) -> set[int]:
    """Of the seats' bookings (ids) those that are booked now, and not only baskets."""
    bookings = {seat.booking_id for seat in seats}
    return set(Booking.objects.booked().filter(pk__in=bookings).values_list("pk", flat=True))


def _refund_cancelled(
    seats: Iterable[Seat],
    giving: Mapping[int, int],
    on_way: Collection[int],
    *,
    by: Channel,
    staff: User | None,
    now: datetime,
) -> dict[int, int]:
    """Refund what is given for seats (ids), as far as it is left to refund: what each gets.

    Of payments (ids) that are on their way nothing is noted as well, so that they are not taken for lost before.
    """
    shares = defaultdict[int, dict[int, int]](dict)
    for seat in seats:
        share = giving.get(seat.pk, 0)
        if seat.payment_id and (share or seat.payment_id in on_way):
            shares[seat.payment_id][seat.pk] = min(share, seat.amount)
    return refund_payments(shares, REASON_BY_CHANNEL[by], by=staff, now=now)


def refund_share(seat: Seat, percent: int) -> int:
    """That much of what a seat (with its entry's account) was paid with, rounded in favour of the customer."""
    unit = step(seat.entry.account.currency)
    return min(-(-seat.amount * percent // (100 * unit)) * unit, seat.amount)


def _empty(seats: Iterable[Seat]) -> None:
    by_entry = defaultdict[int, list[Seat]](list)
    for seat in seats:
        by_entry[seat.entry_id].append(seat)
    for entry, gone in sorted(by_entry.items()):
        places.leave_parties(entry, Counter(seat.customer_id for seat in gone if seat.use_id))
        places.free_places(entry, [seat.ticket_id for seat in gone])


def _notify_customers(cancelled: Cancelled, returned: set[int], *, by: Channel, now: datetime) -> None:
    """Tell each booking's customer what became of it; `returned` are the uses (ids) that come back."""
    by_booking = defaultdict[tuple[Booking, Entry], list[CancelledSeat]](list)
    for seat in cancelled.seats:
        line = CancelledSeat(
            seat=seat,
            refunded=cancelled.refunded.get(seat.pk, 0),
            returned=bool({seat.use_id, seat.discount_use_id} & returned),
            on_way=seat.payment_id in cancelled.on_way,
        )
        by_booking[seat.booking, seat.entry].append(line)
    if by_booking:
        notices.notify_cancelled(by_booking, by_studio=by == Channel.STUDIO, now=now)
