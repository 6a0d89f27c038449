"""What a pause of a membership does to bookings: told before it is done."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from memberships.models import Subscription
from memberships.pauses import PausePlan, plan_pause
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio, may_cancel
from tickets.booking.membership_cancellation import has_other_standing
from tickets.models import Booking, Seat
from tickets.queries import seats_lost


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePreview:
    """What a pause brings, the seats booked within it that nothing else keeps, and whether they stay in the group."""

    plan: PausePlan
    seats: list[Seat]
    stays: bool

    @property
    def promise(self) -> str:
        """What was shown, so that something else is not done: by it a form sent later is known to be the same."""
        until, bills = self.plan.until, [*self.plan.left_out, self.plan.next_payment]
        facts = [until, *bills, *sorted(seat.pk for seat in self.seats)]
        return "-".join(str(each.timestamp() if isinstance(each, datetime) else each) for each in facts)[-200:]


def preview_pause(subscription: Subscription, *, until: datetime | None, now: datetime) -> PausePreview:
    """What pausing a subscription (with customer, price, membership's group, account) until an instant brings."""
    plan = plan_pause(subscription, until=until, policy=subscription.account.pause_access, now=now)
    group = subscription.membership.group
    lost = seats_lost(subscription.customer, group, ground=subscription.uuid, after=plan.rests_from, now=now)
    if plan.next_payment is not None:
        lost = lost.filter(entry__starts_at__lt=plan.next_payment)
    return PausePreview(plan=plan, seats=list(lost), stays=has_other_standing(subscription, now=now))


def cancel_paused_by_studio(seats: Iterable[Seat], *, now: datetime) -> int:
    """The studio cancels what is booked within a pause: uses and money come back. How many seats were cancelled."""
    return len(cancel_by_studio([seat.pk for seat in seats], now=now).seats)


def cancel_paused_by_customer(seats: Iterable[Seat], *, now: datetime) -> int:
    """A customer cancels what they have booked within a pause, by the account's usual policy. How many seats."""
    by_booking = defaultdict[Booking, list[int]](list)
    for seat in seats:
        if may_cancel(seat.entry, now=now):
            by_booking[seat.booking].append(seat.pk)
    return sum(len(cancel_by_customer(booking, found, now=now).seats) for booking, found in by_booking.items())
