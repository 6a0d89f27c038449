"""HTML that is kept is what would be drawn now, whatever of it has changed since."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from time_machine import travel

from accounts.models import Account, SchedulePage
from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.fastpath.known import Known
from tests.browsing import open_browser
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, create_customer_with_login, describe
from tests.worlds.till import Till
from tickets.models import Entry, EntryPlaces, Leader, Location, Picture, Ticket
from tickets.schedule.labels import set_leaders, set_tags

pytestmark = pytest.mark.django_db
DAY: Final = timedelta(days=1)
_ONCE: Final = re.compile(r'(name="(?:csrfmiddlewaretoken|key|basket)" value=")[^"]*')
"""What is another at each request, kept or not."""


class Shop:
    """A page with an entry that has an ordinary ticket and one that a membership opens, and a customer who looks."""

    def __init__(self, till: Till) -> None:
        self.till, self.account = till, till.account
        self.page = till.page
        self.entry = EntryFactory.create(page=self.page, title="Yoga", location="Boat house")
        self.ticket = TicketFactory.create(entry=self.entry, cost="cost", price=1200, position=1)
        self.exclusive = TicketFactory.create(entry=self.entry, group=till.seller.membership.group, position=2)
        self.later = EntryFactory.create(page=self.page, starts_at=NOW + 3 * DAY)
        describe(self.entry)
        self.customer = create_customer_with_login(self.account, name="Ada Lovelace")
        self.browsers = (Client(), open_browser(self.customer))

    def paths(self) -> list[str]:
        page = SchedulePage.objects.get(pk=self.page.pk)
        entry = f"/{page.slug}/entries/{self.entry.uuid}/"
        return [f"/{page.slug}/", entry, f"{entry}book/?t{self.ticket.pk}=2"]

    def drawn(self) -> list[str]:
        """The HTML of all pages, for a stranger and for the customer."""
        answers = (browser.get(path) for browser in self.browsers for path in self.paths())
        return [_ONCE.sub(r"\1", answer.content.decode()) for answer in answers]


def updated(rows: Callable[[Shop], Any], **fields: Any) -> Callable[[Shop], object]:
    """A change of these columns."""
    return lambda shop: type(rows(shop)).objects.filter(pk=rows(shop).pk).update(**fields)


def entry(shop: Shop) -> Entry:
    return shop.entry


def account(shop: Shop) -> Account:
    return shop.account


def ticket(shop: Shop) -> Ticket:
    return shop.ticket


CHANGES: Final[dict[str, Callable[[Shop], object]]] = {
    "title": updated(entry, title="Pilates <b>"),
    "location": updated(entry, location="Mill"),
    "description": updated(entry, description="Slow."),
    "starts_at": updated(entry, starts_at=NOW + 2 * DAY - timedelta(minutes=5)),
    "ends_at": updated(entry, ends_at=NOW + 2 * DAY + timedelta(minutes=61)),
    "cancelled": updated(entry, cancelled_at=NOW),
    "few left": lambda shop: EntryPlaces.objects.filter(entry=shop.entry).update(taken=7),
    "sold out": lambda shop: EntryPlaces.objects.filter(entry=shop.entry).update(taken=10),
    "capacity": lambda shop: EntryPlaces.objects.filter(entry=shop.entry).update(capacity=2),
    "capacity of a ticket": updated(ticket, capacity=3),
    "price": updated(ticket, price=1300),
    "free": updated(ticket, cost="free", price=0),
    "name of a ticket": updated(ticket, name="Drop-in"),
    "retired": updated(ticket, retired_at=NOW),
    "hidden": updated(ticket, shown=False),
    "opens later": updated(ticket, opens_minutes_before=60),
    "closed": updated(ticket, closes_minutes_before=60 * 24 * 2),
    "name of the studio": updated(account, name="Lake Studio"),
    "time zone": updated(account, time_zone="Asia/Tokyo"),
    "currency": updated(account, currency="EUR"),
    "locale": updated(account, locale="de-de"),
    "address of the page": updated(lambda shop: shop.page, slug="lake", title="Lake"),
    "a way in": updated(lambda shop: shop.till.seller.membership, title="Platinum"),
    "who leads it": lambda shop: set_leaders([shop.entry], ["Clara"], for_once=False),
    "who was to": lambda shop: set_leaders([shop.entry], ["Ben"], for_once=True),
    "what a leader is called": lambda _shop: Leader.objects.filter(name="Anna").update(name="Bea"),
    "tags": lambda shop: set_tags([shop.entry], ["Slow"]),
    "address": lambda _shop: Location.objects.update(address="2 High Street"),
    "map": lambda _shop: Location.objects.update(map_link=""),
    "online": lambda _shop: Location.objects.update(online=True, address="", map_link=""),
    "picture": updated(entry, picture=None),
    "what a picture shows": lambda _shop: Picture.objects.update(alt="A river"),
    "an entry more": lambda shop: EntryFactory.create(page=shop.page, starts_at=NOW + DAY),
    "an entry less": updated(lambda shop: shop.later, cancelled_at=NOW),
    "what a customer is called": updated(lambda shop: shop.customer, name="Ada King"),
}


@pytest.fixture
def shop(till: Till) -> Shop:
    return Shop(till)


@pytest.fixture
def freshly(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The pages, drawn without looking at anything that is kept."""

    def drawn() -> list[str]:
        with monkeypatch.context() as plainly:
            plainly.setattr(KeptHtml, "get", lambda _self, _says, draw: draw())
            plainly.setattr(Known, "get", lambda _self, _key: None)
            return shop.drawn()

    return drawn


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_drawn_anew(
    shop: Shop, freshly: Callable[[], list[str]], change: Callable[[Shop], object]
) -> None:
    before = shop.drawn()
    assert before == shop.drawn() == freshly()

    change(shop)

    assert shop.drawn() == freshly() != before


def test_what_time_changes_is_drawn_anew(shop: Shop, freshly: Callable[[], list[str]]) -> None:
    Ticket.objects.filter(pk=shop.ticket.pk).update(opens_minutes_before=60, closes_minutes_before=30)
    seen = [shop.drawn()]
    for minutes in (60, 30, 0):
        with travel(shop.entry.starts_at - timedelta(minutes=minutes), tick=False):
            seen.append(shop.drawn())
            assert seen[-1] == freshly() != seen[-2]


def test_each_language_is_drawn_for_itself(shop: Shop, freshly: Callable[[], list[str]]) -> None:
    british = shop.drawn()
    Account.objects.update(locale="en-us")
    assert shop.drawn() == freshly()
    Account.objects.update(locale="en-gb")
    assert shop.drawn() == freshly() == british


@pytest.mark.parametrize("kind", ["schedule", "entry", "review"])
def test_nobody_says_for_others_where_the_site_begins(till: Till, kind: str) -> None:
    shop = Shop(till)
    path = f"/{shop.page.slug}/"
    if kind != "schedule":
        path += f"entries/{shop.entry.uuid}/"
    if kind == "review":
        path += f"book/?t{shop.ticket.pk}=1"
    said = RequestFactory().get(path, SCRIPT_NAME="/elsewhere").environ
    answer = b"".join(WSGIHandler()(said, lambda *_: lambda _: None))
    assert b"/static/" in answer
    assert b"/elsewhere" not in answer
