"""A studio by the river, its group Gold, and a clock that stands still."""

from collections.abc import Generator

import pytest
from time_machine import travel

from bookwhen.sandbox.stripe import Sandbox
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
)
from tests.tickets.public.crowd import make_crowded_entry
from tests.tickets.public.timetables import plan_week
from tests.worlds.river import RiverStudio
from tests.worlds.till import Till, open_river_till
from tickets.models import Entry


@pytest.fixture(autouse=True)
def _clock(request: pytest.FixtureRequest) -> Generator[None]:
    """Stand still, except in a journey: a browser has a clock of its own."""
    if "browser" in request.fixturenames:
        yield
        return
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def studio(db: None) -> RiverStudio:
    account = AccountFactory.create(name="River Studio", slug="river")
    page = SchedulePageFactory.create(account=account, slug="river", title="River Studio")
    entry = EntryFactory.create(page=page, title="Morning yoga", location="Boat house")
    group = GroupFactory.create(account=account, name="Gold")
    return RiverStudio(
        account=account,
        page=page,
        entry=entry,
        drop_in=TicketFactory.create(entry=entry, name="Drop-in", position=1),
        gold=TicketFactory.create(entry=entry, group=group, name="Gold place", position=2),
        group=group,
    )


@pytest.fixture
def week(studio: RiverStudio) -> RiverStudio:
    """Classes of two titles, by two leaders in two rooms, of two kinds; one of them is full."""
    return plan_week(studio)


@pytest.fixture
def personal(studio: RiverStudio) -> RiverStudio:
    """Gold gives three places a month, for the member alone."""
    OfferFactory.create(group=studio.group, page=studio.page, limit=3)
    return studio


@pytest.fixture
def family(studio: RiverStudio) -> RiverStudio:
    """Gold gives three places a month, for the member and up to two guests at each event."""
    OfferFactory.create(group=studio.group, page=studio.page, limit=3, additional_attendees=2)
    return studio


@pytest.fixture
def river_till(stripe_here: Sandbox) -> Till:
    """River Studio, which sells through the sandbox."""
    return open_river_till(stripe_here, "River Studio")


@pytest.fixture
def river_and_co(stripe_here: Sandbox) -> Till:
    """River & Co, whose page is River Studio: its name holds a sign that HTML escapes."""
    return open_river_till(stripe_here, "River & Co")


@pytest.fixture
def crowded(db: None) -> Entry:
    return make_crowded_entry()
