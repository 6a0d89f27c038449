"""A studio by the river, its group Gold, and a clock that stands still."""

from collections.abc import Generator
from dataclasses import dataclass

import pytest
from time_machine import travel

from accounts.models import Account, Customer, SchedulePage
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Group
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    proved_customer,
    stand,
)
from tests.factories.selling import Till, open_till
from tickets.models import Entry, Ticket


@pytest.fixture(autouse=True)
def _clock(request: pytest.FixtureRequest) -> Generator[None]:
    """Stand still, except in a journey: a browser has a clock of its own."""
    if "browser" in request.fixturenames:
        yield
        return
    with travel(NOW, tick=False):
        yield


@dataclass(frozen=True)
class Studio:
    """River Studio: a class with a ticket for everybody and one for Gold members."""

    account: Account
    page: SchedulePage
    entry: Entry
    drop_in: Ticket
    gold: Ticket
    group: Group

    @property
    def entry_path(self) -> str:
        return f"/river/entries/{self.entry.uuid}/"

    def review_path(self, **counts: int) -> str:
        """The review step with so many of `drop_in` and `gold`."""
        chosen = [f"t{getattr(self, name).pk}={count}" for name, count in counts.items()]
        return f"{self.entry_path}book/?{'&'.join(chosen)}"

    def member(self, **fields: str) -> Customer:
        """Somebody who stands in Gold, their periods counted from the 3rd."""
        customer = proved_customer(self.account, **{"name": "Ada Lovelace", **fields})
        stand(self.group, customer)
        return customer


@pytest.fixture
def studio(db: None) -> Studio:
    account = AccountFactory.create(name="River Studio", slug="river")
    page = SchedulePageFactory.create(account=account, slug="river", title="River Studio")
    entry = EntryFactory.create(page=page, title="Morning yoga", location="Boat house")
    group = GroupFactory.create(account=account, name="Gold")
    return Studio(
        account=account,
        page=page,
        entry=entry,
        drop_in=TicketFactory.create(entry=entry, name="Drop-in", position=1),
        gold=TicketFactory.create(entry=entry, group=group, name="Gold place", position=2),
        group=group,
    )


@pytest.fixture
def personal(studio: Studio) -> Studio:
    """Gold gives three places a month, for the member alone."""
    OfferFactory.create(group=studio.group, page=studio.page, limit=3)
    return studio


@pytest.fixture
def family(studio: Studio) -> Studio:
    """Gold gives three places a month, for the member and up to two guests at each event."""
    OfferFactory.create(group=studio.group, page=studio.page, limit=3, additional_attendees=2)
    return studio


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    """River Studio, which sells through the sandbox."""
    till = open_till(stripe_here, name="River Studio", slug="river")
    till.page.title = "River Studio"
    till.page.save()
    return till
