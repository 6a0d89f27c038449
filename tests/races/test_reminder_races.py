"""Many tasks at one instant remind those who booked once; before, a control that reminds them more often."""

from datetime import timedelta

import pytest

from accounts.models import Letter, SchedulePage
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.tickets.booking.test_reminders import make_booking
from tickets.booking.reminders import remind
from tickets.models import Entry, EntryReminder

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 5
DUE = NOW + timedelta(days=1)


@pytest.fixture
def entry() -> Entry:
    page: SchedulePage = SchedulePageFactory.create(reminder_hours=24)
    entry: Entry = EntryFactory.create(page=page, starts_at=NOW + timedelta(days=2))
    TicketFactory.create(entry=entry)
    make_booking(entry)
    return entry


def test_control_who_looks_first_reminds_several_times(entry: Entry) -> None:
    looked = wait_for_everyone(CROWD)

    def look(_number: int) -> bool:
        is_new = not EntryReminder.objects.filter(entry=entry).exists()
        looked()
        return is_new

    assert run_at_once(CROWD, look) == [True] * CROWD


def test_of_all_tasks_one_reminds(entry: Entry) -> None:
    made = run_at_once(CROWD, lambda _number: remind(entry.pk, now=DUE))
    assert sorted(made) == [False] * (CROWD - 1) + [True]
    assert Letter.objects.filter(kind="reminder").count() == 1
