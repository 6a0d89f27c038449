"""A term as studios sell it: three days a week for ten weeks, without two days, and with a date of its own."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from accounts.models import SchedulePage
from offers.periods import local_day
from tickets.models import Entry, TicketCost
from tickets.schedule.catalogue import TicketTerms, create_ticket
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import create_entries, edit_entries
from tickets.schedule.extending import add_date
from tickets.schedule.recurrence import Repeat

TITLE: Final = "Beginners’ Course"
WEEKS: Final = 10
DAYS: Final = frozenset({0, 2, 4})


def put_on(page: SchedulePage, *, now: datetime) -> list[Entry]:
    """Put the term on a page (with its account), from the Monday after next on; its entries, soonest first."""
    today = local_day(now, page.account.zone)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=2)
    details = EntryDetails(
        title=TITLE,
        starts=datetime.combine(monday, time(18)),
        duration=timedelta(minutes=75),
        capacity=12,
        description="Ten weeks from the first sun salutation to a class of your own. Come as often as you like.",
        location="Loft",
    )
    repeat = Repeat(weekdays=DAYS, count=len(DAYS) * WEEKS)
    entries = create_entries(page, details, repeat=repeat, left_out=_holidays(monday))
    create_ticket(entries[0].series, TicketTerms(name="Single class", cost=TicketCost.COST, price=1400))
    moved = Entry.objects.select_related("account", "places").get(pk=entries[7].pk)
    elsewhere = replace(
        entry_details(moved), location="On the lawn", starts=entry_details(moved).starts.replace(hour=19)
    )
    edit_entries(moved, elsewhere, now=now)
    add_date(entries[0], datetime.combine(monday + timedelta(weeks=WEEKS, days=5), time(11)))
    return entries


def _holidays(monday: date) -> set[date]:
    """Two days of the fourth week."""
    return {monday + timedelta(weeks=3, days=2), monday + timedelta(weeks=3, days=4)}
