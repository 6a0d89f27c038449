"""Every way to break the books by hand: each does it, and says what must be found."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final
from uuid import uuid4

from django.db import connection

from groups.models import Member, Standing
from memberships.models import Subscription, SubscriptionStatus
from offers.models import OfferUse, UsagePeriod
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    OfferFactory,
    TicketFactory,
)
from tests.worlds.counted_studio import DAY, CountedStudio
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Attendance, Entry, EntryPlaces, Party, Release, TicketPlaces

Wrong = tuple[str, int, str, str]
"""The check, the row, what is counted and what it should be."""
Break = Callable[[CountedStudio], Wrong]


def entry_taken(studio: CountedStudio) -> Wrong:
    EntryPlaces.objects.filter(entry=studio.entry).update(taken=3)
    return ("entry", studio.entry.pk, "3", "2")


def entry_lost(studio: CountedStudio) -> Wrong:
    EntryPlaces.objects.filter(entry=studio.entry).delete()
    return ("entry", studio.entry.pk, "0", "2")


def ticket_taken(studio: CountedStudio) -> Wrong:
    TicketPlaces.objects.filter(entry=studio.entry).update(taken=1)
    return ("ticket", studio.ticket.pk, "1", "2")


def ticket_lost(studio: CountedStudio) -> Wrong:
    TicketPlaces.objects.filter(entry=studio.entry).delete()
    return ("ticket", studio.ticket.pk, "0", "2")


def ticket_unused(studio: CountedStudio) -> Wrong:
    other = TicketFactory.create(entry=studio.entry)
    TicketPlaces.objects.create(account_id=studio.account.pk, entry=studio.entry, ticket=other, taken=1)
    return ("ticket", other.pk, "1", "0")


def party(studio: CountedStudio) -> Wrong:
    Party.objects.filter(entry=studio.entry).update(seats=3)
    return ("party", studio.customer.pk, "3", "2")


def party_lost(studio: CountedStudio) -> Wrong:
    Party.objects.filter(entry=studio.entry).delete()
    return ("party", studio.customer.pk, "0", "2")


def cancelled(studio: CountedStudio) -> Wrong:
    Entry.objects.filter(pk=studio.entry.pk).update(cancelled_at=NOW)
    return ("cancelled", studio.entry.pk, "2", "0")


def period(studio: CountedStudio) -> Wrong:
    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=1)
    return ("period", studio.period.pk, "1", "2")


def seat_of_another(studio: CountedStudio) -> Wrong:
    OfferUse.objects.filter(seat=studio.seat.uuid).update(seat=uuid4())
    return ("seat", studio.seat.pk, "0", "1")


def seat_without_use(studio: CountedStudio) -> Wrong:
    OfferUse.objects.filter(seat=studio.seat.uuid).update(ended_at=NOW)
    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=1)
    return ("seat", studio.seat.pk, "0", "1")


def use_without_seat(studio: CountedStudio) -> Wrong:
    facts = {"account": studio.account, "period": studio.period, "event_on": date(2030, 1, 17), "created_at": NOW}
    use = OfferUse.objects.create(seat=uuid4(), **facts)
    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=3)
    return ("use", use.pk, "1", "0")


def use_not_returned(studio: CountedStudio) -> Wrong:
    use = OfferUse.objects.get(seat=studio.seat.uuid)
    cancel_by_studio([studio.seat.pk], now=NOW)
    OfferUse.objects.filter(pk=use.pk).update(ended_at=None)
    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=2)
    return ("use", use.pk, "1", "0")


def day(studio: CountedStudio) -> Wrong:
    use = OfferUse.objects.get(seat=studio.seat.uuid)
    OfferUse.objects.filter(pk=use.pk).update(event_on=date(2030, 1, 18))
    return ("day", use.pk, "18 Jan 2030", "17 Jan 2030")


def carried(studio: CountedStudio) -> Wrong:
    OfferFactory.create(group=studio.group, replaces=studio.period.offer)
    return ("carried", studio.period.pk, "2", "0")


def filed(studio: CountedStudio) -> Wrong:
    use = OfferUse.objects.get(seat=studio.seat.uuid)
    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=1)
    before = UsagePeriod.objects.create(
        account=studio.account,
        offer=studio.period.offer,
        member=studio.member,
        starts_on=date(2029, 12, 3),
        ends_on=date(2030, 1, 3),
        used=1,
    )
    OfferUse.objects.filter(pk=use.pk).update(period=before)
    return ("filed", use.pk, "17 Jan 2030", "3 Dec 2029 – 2 Jan 2030")


def outside(studio: CountedStudio) -> Wrong:
    Standing.objects.filter(pk=studio.standing.pk).update(until=NOW)
    return ("not_in_group", studio.bought.pk, "0", "1")


def inside_without_paying(studio: CountedStudio) -> Wrong:
    Subscription.objects.filter(pk=studio.bought.pk).update(status=SubscriptionStatus.CANCELED)
    return ("still_in_group", studio.bought.pk, "1", "0")


def inside_after_the_end(studio: CountedStudio) -> Wrong:
    Subscription.objects.filter(pk=studio.bought.pk).update(ends_at=NOW)
    return ("still_in_group", studio.bought.pk, "1", "0")


def inside_another_group(studio: CountedStudio) -> Wrong:
    group = GroupFactory.create(account=studio.account)
    member = Member.objects.create(account=studio.account, group=group, customer=studio.customer, created_at=NOW)
    studio.let_in(studio.bought, member=member)
    return ("still_in_group", studio.bought.pk, "1", "0")


def marked_although_cancelled(studio: CountedStudio) -> Wrong:
    """As where somebody writes into the table past the triggers."""
    cancel_by_studio([studio.seat.pk], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_attendance DISABLE TRIGGER attendance_of_live_seat")
    Attendance.objects.create(seat=studio.seat, account=studio.account, presence="present", marked_at=NOW)
    return ("marked", studio.seat.pk, "present", "")


def returned_without_an_absence(studio: CountedStudio) -> Wrong:
    OfferUse.objects.filter(seat=studio.seat.uuid).update(ended_at=NOW, why="absent")
    UsagePeriod.objects.filter(pk=studio.period.pk).update(used=1)
    Attendance.objects.create(seat=studio.seat, account=studio.account, presence="present", marked_at=NOW)
    return ("absent", studio.seat.pk, "1", "0")


def absent_and_not_returned(studio: CountedStudio) -> Wrong:
    facts = {"presence": "absent", "marked_at": NOW, "returned_use": True}
    Attendance.objects.create(seat=studio.seat, account=studio.account, **facts)
    return ("absent", studio.seat.pk, "0", "1")


def release(studio: CountedStudio) -> Wrong:
    made = {"account": studio.account, "member": studio.member, "ended_at": NOW}
    old = Release.objects.create(ground=uuid4(), created_at=NOW - timedelta(hours=1, seconds=1), **made)
    Release.objects.create(ground=uuid4(), created_at=NOW - timedelta(hours=1), **made)
    Release.objects.create(ground=uuid4(), created_at=NOW - DAY, done_at=NOW, **made)
    return ("release", old.pk, "1", "0")


def listed_for_good(studio: CountedStudio) -> Wrong:
    """As where somebody writes into the table past the triggers."""
    member = Member.objects.filter(account=studio.account).earliest("pk")
    Member.objects.filter(pk=member.pk).update(stands_until=NOW)
    return ("presence", member.pk, "2030-01-15 12:00", "9999-01-01 00:00")


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
    carried,
    outside,
    inside_without_paying,
    inside_after_the_end,
    inside_another_group,
    marked_although_cancelled,
    returned_without_an_absence,
    absent_and_not_returned,
    release,
    listed_for_good,
]
