"""Letting go of what baskets held too long: by the minute, and at once when somebody else meets a full entry.

What is at Stripe's checkout is released only when Stripe says that it can not be paid any more (`selling.paying`).
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, TextField

from accounts.models import Account
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from bookwhen.jobs.fair import Due
from bookwhen.jobs.run import Run
from bookwhen.queue import enqueue
from tickets.availability.locks import lock_basket
from tickets.booking.cancel import cancel_seats
from tickets.models import HELD_STATES, Booking, BookingState, Channel, Entry, Seat

TASK: Final = "tickets.tasks.sweep_baskets"
WHILE_SOMEBODY_WAITS: Final = 5
"""How many seconds a visitor who meets a full entry waits for baskets to be released."""
SHORTEST_CHECKOUT: Final = timedelta(minutes=31)
"""How long Stripe's checkouts live at least (half an hour, and a minute for clocks that differ)."""


def hold_period(account: Account) -> timedelta:
    """How long a basket is held that nobody renews."""
    return timedelta(minutes=account.hold_minutes)


def hold_limit(account: Account, *, now: datetime) -> datetime:
    """Until when a basket that begins to hold places now is held at most, the checkout included.

    Time to fill it and to pay, and once more as long as a checkout at Stripe lives (docs/design.md, *Selling*).
    """
    return now + 2 * hold_period(account) + SHORTEST_CHECKOUT


def renewed_hold(basket: Booking, period: timedelta, *, now: datetime) -> datetime:
    """Until when a basket is held that something is put into now: a whole period is kept for its checkout."""
    until = now + period
    if basket.hold_limit:
        until = min(until, basket.hold_limit - period)
    return max(until, basket.held_until or until)


def release_basket(
    booking: int, *, now: datetime, when: BookingState = BookingState.BASKET, overdue: bool = False
) -> bool:
    """Release a basket (id) in that state: its places are free and its uses back; whether this call did it.

    With `overdue` only where its time is up. A second call (a payment, another sweep) does nothing.
    """
    with transaction.atomic():
        held = lock_basket(booking)
        if held.state != when or (overdue and held.held_until is not None and held.held_until > now):
            return False
        held.end_hold(BookingState.RELEASED, now=now)
        live = Seat.objects.live().filter(booking=booking)
        release_seats(list(live.values_list("pk", flat=True)), now=now)
    return True


def release_seats(seats: list[int], *, now: datetime) -> None:
    """Give back the places (ids of seats) that a basket holds; nobody is written to, for nothing was booked."""
    entries = set(Seat.objects.filter(pk__in=seats).values_list("entry", flat=True))
    cancel_seats(seats=seats, by=Channel.BASKET_ABANDONED, returning=entries, now=now, tell=False)


def overdue(state: BookingState) -> Due:
    """The bookings in a state whose time is up, longest ago first."""
    waits = f"state = '{state.value}' AND held_until IS NOT NULL"
    return Due("tickets_booking", "held_until", waits, "held_until <= %(now)s")


def release_overdue(booking: int, *, now: datetime) -> bool:
    """Release a basket (id) whose time is up; False where it is not any more."""
    return release_basket(booking, now=now, overdue=True)


def release_overdue_baskets_at(entry: Entry, *, now: datetime) -> int:
    """Release baskets whose time is up and that hold places at an entry; how many were.

    Those at the checkout are asked about by a worker.
    """
    late = _overdue_at(entry.account_id, entry.pk, now)
    if any(booking.state == BookingState.PAYING for booking in late):
        enqueue(TASK)
    baskets = [booking.pk for booking in late if booking.state == BookingState.BASKET]
    if not baskets:
        return 0
    run = Run(TASK, now=now, seconds=WHILE_SOMEBODY_WAITS)
    aside = set(run.set_aside())
    run.each([each for each in baskets if each not in aside], partial(release_basket, now=now, overdue=True))
    return run.done


@compiled_query
def _overdue_at(account: int, entry: int, now: datetime) -> QuerySet[Booking]:
    return overdue_at(account, entry, now=now).only("state").order_by("pk")


def overdue_at(account: int | OuterRef, entry: int | OuterRef, *, now: datetime) -> QuerySet[Booking]:
    """What holds places at an entry and whose time is up: asked for by everybody who meets a full entry.

    Found from what the account's baskets hold anywhere, never from the entry's seats: of those there are as many as
    people in the rush, and PostgreSQL knows nothing of them yet (docs/decisions/0046).
    """
    here = Seat.objects.live().filter(booking=OuterRef("pk"), entry=entry).values("booking")[:1]
    is_held = IsOneOf("state", [state.value for state in HELD_STATES], of=TextField())
    return Booking.objects.filter(is_held, pk=Subquery(here), account=account, held_until__lte=now)
