"""A studio at NOW: an entry with a ticket, and its owner at the desk."""

from collections.abc import Iterator

import pytest
from time_machine import Traveller, travel

from accounts.models import Account, SchedulePage
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.tickets.dashboard.register_desk import CLASS
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Entry, Ticket


@pytest.fixture(autouse=True)
def _clock(db: None, _at_noon: None) -> None:
    """Let all tests here take place at `NOW`."""


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create(name="River Studio", slug="river")


@pytest.fixture
def yoga(studio: Account) -> SchedulePage:
    return SchedulePageFactory.create(account=studio, slug="yoga", title="River Yoga")


@pytest.fixture
def entry(yoga: SchedulePage) -> Entry:
    """Thursday 17 January 2030, 12:00 in London."""
    return EntryFactory.create(page=yoga, title="Vinyasa", location="Hall", capacity=10)


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in")


@pytest.fixture
def dashboard(studio: Account) -> Dashboard:
    return open_dashboard(studio)


@pytest.fixture
def class_time() -> Iterator[Traveller]:
    """The moment when the class of `entry` begins."""
    with travel(CLASS, tick=False) as clock:
        yield clock
