"""Every way to break the books by hand: each does it, and says what must be found."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final
from uuid import uuid4

from groups.models import Member, Standing
from memberships.models import Subscription, SubscriptionStatus
from offers.models import OfferUse, UsagePeriod
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    TicketFactory,
)
from tests.worlds.counted_studio import DAY, CountedStudio
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Entry, EntryPlaces, Party, Release, TicketPlaces

Wrong = tuple[str, int, str, str]
"""The check, the row, what is counted and what it should be."""
Break = Callable[[CountedStudio], Wrong]


def entry_taken(at: CountedStudio) -> Wrong:
    EntryPlaces.objects.filter(entry=at.entry).update(taken=3)
    return ("entry", at.entry.pk, "3", "2")


def entry_lost(at: CountedStudio) -> Wrong:
    EntryPlaces.objects.filter(entry=at.entry).delete()
    return ("entry", at.entry.pk, "0", "2")


def ticket_taken(at: CountedStudio) -> Wrong:
    TicketPlaces.objects.filter(entry=at.entry).update(taken=1)
    return ("ticket", at.ticket.pk, "1", "2")


def ticket_lost(at: CountedStudio) -> Wrong:
    TicketPlaces.objects.filter(entry=at.entry).delete()
    return ("ticket", at.ticket.pk, "0", "2")


def ticket_unused(at: CountedStudio) -> Wrong:
    other = TicketFactory.create(entry=at.entry)
    TicketPlaces.objects.create(account_id=at.account.pk, entry=at.entry, ticket=other, taken=1)
    return ("ticket", other.pk, "1", "0")


def party(at: CountedStudio) -> Wrong:
    Party.objects.filter(entry=at.entry).update(seats=3)
    return ("party", at.customer.pk, "3", "2")


def party_lost(at: CountedStudio) -> Wrong:
    Party.objects.filter(entry=at.entry).delete()
    return ("party", at.customer.pk, "0", "2")


def cancelled(at: CountedStudio) -> Wrong:
    Entry.objects.filter(pk=at.entry.pk).update(cancelled_at=NOW)
    return ("cancelled", at.entry.pk, "2", "0")


def period(at: CountedStudio) -> Wrong:
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=1)
    return ("period", at.period.pk, "1", "2")


def seat_of_another(at: CountedStudio) -> Wrong:
    OfferUse.objects.filter(seat=at.seat.uuid).update(seat=uuid4())
    return ("seat", at.seat.pk, "0", "1")


def seat_without_use(at: CountedStudio) -> Wrong:
    OfferUse.objects.filter(seat=at.seat.uuid).update(ended_at=NOW)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=1)
    return ("seat", at.seat.pk, "0", "1")


def use_without_seat(at: CountedStudio) -> Wrong:
    facts = {"account": at.account, "period": at.period, "event_on": date(2030, 1, 17), "created_at": NOW}
    use = OfferUse.objects.create(seat=uuid4(), **facts)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=3)
    return ("use", use.pk, "1", "0")


def use_not_returned(at: CountedStudio) -> Wrong:
    use = OfferUse.objects.get(seat=at.seat.uuid)
    cancel_by_studio([at.seat.pk], now=NOW)
    OfferUse.objects.filter(pk=use.pk).update(ended_at=None)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=2)
    return ("use", use.pk, "1", "0")


def day(at: CountedStudio) -> Wrong:
    use = OfferUse.objects.get(seat=at.seat.uuid)
    OfferUse.objects.filter(pk=use.pk).update(event_on=date(2030, 1, 18))
    return ("day", use.pk, "18 Jan 2030", "17 Jan 2030")


def filed(at: CountedStudio) -> Wrong:
    use = OfferUse.objects.get(seat=at.seat.uuid)
    UsagePeriod.objects.filter(pk=at.period.pk).update(used=1)
    before = UsagePeriod.objects.create(
        account=at.account,
        offer=at.period.offer,
        member=at.member,
        starts_on=date(2029, 12, 3),
        ends_on=date(2030, 1, 3),
        used=1,
    )
    OfferUse.objects.filter(pk=use.pk).update(period=before)
    return ("filed", use.pk, "17 Jan 2030", "3 Dec 2029 – 2 Jan 2030")


def outside(at: CountedStudio) -> Wrong:
    Standing.objects.filter(pk=at.standing.pk).update(until=NOW)
    return ("outside", at.bought.pk, "0", "1")


def inside_without_paying(at: CountedStudio) -> Wrong:
    Subscription.objects.filter(pk=at.bought.pk).update(status=SubscriptionStatus.CANCELED)
    return ("inside", at.bought.pk, "1", "0")


def inside_after_the_end(at: CountedStudio) -> Wrong:
    Subscription.objects.filter(pk=at.bought.pk).update(ends_at=NOW)
    return ("inside", at.bought.pk, "1", "0")


def inside_another_group(at: CountedStudio) -> Wrong:
    group = GroupFactory.create(account=at.account)
    member = Member.objects.create(account=at.account, group=group, customer=at.customer, created_at=NOW)
    at.let_in(at.bought, member=member)
    return ("inside", at.bought.pk, "1", "0")


def release(at: CountedStudio) -> Wrong:
    made = {"account": at.account, "member": at.member, "ended_at": NOW}
    old = Release.objects.create(ground=uuid4(), created_at=NOW - timedelta(hours=1, seconds=1), **made)
    Release.objects.create(ground=uuid4(), created_at=NOW - timedelta(hours=1), **made)
    Release.objects.create(ground=uuid4(), created_at=NOW - DAY, done_at=NOW, **made)
    return ("release", old.pk, "1", "0")


BREAKS: Final[list[Break]] = [
    entry_taken,
    entry_lost,
    ticket_taken,
    ticket_lost,
    ticket_unused,
    party,
    party_lost,
    cancelled,
    period,
    seat_of_another,
    seat_without_use,
    use_without_seat,
    use_not_returned,
    day,
    filed,
    outside,
    inside_without_paying,
    inside_after_the_end,
    inside_another_group,
    release,
]
