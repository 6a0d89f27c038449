"""A page that is kept for all who stand in the same groups is, in its own frame, what would be drawn for each."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from time_machine import travel

from accounts.models import Customer, SchedulePage, User
from bookwhen.fastpath.known import Known
from groups.models import Standing
from memberships.models import Membership, Subscription, SubscriptionSource, SubscriptionStatus
from tests.browsing import open_browser
from tests.factories.accounts import CustomerFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
)
from tests.tickets.public.changes import Changes
from tests.tickets.public.test_kept_pages import clear, columns_read, shop, touch, undone
from tests.worlds.river import RiverStudio
from tickets.models import Ticket
from tickets.public.schedule import page

pytestmark = pytest.mark.django_db

__all__ = ["shop"]

PAGE = "/river/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    clear()


def shown(browser: Client, path: str = PAGE) -> str:
    """What somebody sees, but for the token of the form in it, which is another each time."""
    return TOKEN.sub("", browser.get(path).content.decode())


def plainly(browser: Client, path: str = PAGE) -> str:
    """What would be drawn now, by the request itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Known, "get", lambda _self, _key: None)
        patch.setattr(page, "_is_plain", lambda *_: False)
        return shown(browser, path)


def compare(browser: Client, path: str = PAGE) -> str:
    """See that it is the same; what is shown."""
    found = shown(browser, path)
    assert found == plainly(browser, path)
    return found


def test_every_table_that_is_read_is_in_the_fingerprint(shop: RiverStudio) -> None:
    read, browser = columns_read(PAGE), open_browser(create_customer_with_login(shop.account))
    before = shown(browser)
    says_more = set[str]()

    for table, column in read:
        with undone():
            if touch(table, column) and compare(browser) != before:
                says_more.add(table)
        assert shown(browser) == before

    assert {table for table, _ in read} - says_more == {"tickets_series", "memberships_subscription"}


@example(steps=[("zone", 0, 3)])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(Changes.KINDS), st.integers(0, 12), st.integers(0, 60)), min_size=1, max_size=5
    )
)
def test_whatever_happens_everybody_sees_what_would_be_drawn(
    shop: RiverStudio, steps: list[tuple[str, int, int]]
) -> None:
    changes, now = Changes(shop), NOW
    with undone():
        customer = create_customer_with_login(shop.account)
        browsers = [open_browser(shop.member()), open_browser(customer), open_browser(customer.user), Client()]
        browsers[-1].cookies["booked"] = "1"
        for kind, number, hours in steps:
            for browser in browsers:
                shown(browser)
            changes.apply(kind, number)
            now += timedelta(hours=hours)
            with travel(now, tick=False):
                for browser in browsers:
                    compare(browser)


@pytest.mark.parametrize("count", [1, 3])
def test_costs_three_statements(shop: RiverStudio, count: int) -> None:
    for _ in range(count - 1):
        TicketFactory.create(entry=EntryFactory.create(page=shop.page), group=shop.group)
    browser = open_browser(shop.member())
    shown(browser)

    with CaptureQueriesContext(connection) as made:
        shown(browser)

    # Who it is, what is theirs, and whether anything has changed.
    assert [re.findall('FROM "?(\\w+)', each["sql"])[0] for each in made if "sha256" not in each["sql"]] == [
        "accounts_customer",
        "tickets_entry",
    ]
    assert len(made) == 3


def test_everybody_sees_their_own_address_and_token(shop: RiverStudio) -> None:
    people = [create_customer_with_login(shop.account) for _ in range(2)]
    User.objects.filter(customers=people[0]).update(email="o'hara&<b>co</b>@example.org")
    browsers = [open_browser(each) for each in people]
    answers = [browser.get(PAGE) for browser in browsers * 2]
    pages = [answer.content.decode() for answer in answers]

    assert [page.count("<b>o&#x27;hara&amp;&lt;b&gt;co&lt;/b&gt;@example.org</b>") for page in pages] == [1, 0, 1, 0]
    assert [page.count(str(people[1].email)) for page in pages] == [0, 1, 0, 1]
    assert len({TOKEN.findall(page)[0] for page in pages}) == 4
    assert [browser.post("/logout/", {}).status_code for browser in browsers]  # the cookie came along
    assert all("csrftoken" in str(browser.cookies) for browser in browsers)
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}


def test_who_joins_and_leaves(shop: RiverStudio) -> None:
    customer = create_customer_with_login(shop.account)
    browser, member = open_browser(customer), open_browser(shop.member())
    before, inside = compare(browser), compare(member)
    assert "Become a member" in before
    assert "Become a member" not in inside

    Standing.objects.update(until=NOW - timedelta(days=1))

    assert "Become a member" in compare(member)


def test_messages_a_basket_and_an_address_are_told(shop: RiverStudio) -> None:
    browser = open_browser(shop.member())
    usual = compare(browser)
    browser.cookies["messages"] = CookieStorage(HttpRequest())._encode(  # type: ignore[attr-defined]  # noqa: SLF001
        [Message(constants.SUCCESS, "It is done.")]
    )
    assert "It is done." in shown(browser)
    browser.cookies.pop("messages")
    assert compare(browser) == usual
    assert compare(browser, f"{PAGE}?utm=1") == usual


def test_pages_keep_what_else_an_address_says(shop: RiverStudio) -> None:
    for hour in range(60):
        EntryFactory.create(page=shop.page, starts_at=NOW + timedelta(hours=hour + 200))
    browser, stranger = open_browser(shop.member()), Client()
    for path in (PAGE, f"{PAGE}?utm=1", f"{PAGE}?utm=2"):
        for each in (browser, stranger):
            shown(each)
            found = compare(each, path)
            assert re.findall(r"utm=\d(?=&amp;after)", found) == re.findall(r"utm=\d", path)
    after = re.findall(r'href="\?(after=[^"]+)"', shown(browser))[0]
    back = re.findall(r'href="\?(before=[^"]+)"', compare(browser, f"{PAGE}?{after}"))[0]
    compare(browser, f"{PAGE}?{back}")


def test_an_address_that_goes_to_another_studio(shop: RiverStudio) -> None:
    customer = shop.member()
    browser = open_browser(customer)
    shown(browser)
    SchedulePage.objects.filter(pk=shop.page.pk).update(slug="gone")
    assert browser.get(PAGE).status_code == 404

    lake = SchedulePageFactory.create(slug="river", title="Lake")
    ticket = TicketFactory.create(entry=EntryFactory.create(page=lake), group=GroupFactory.create(account=lake.account))
    Ticket.objects.filter(pk=ticket.pk).update(shown=False)
    there = CustomerFactory.create(account=lake.account, email=customer.email, user=customer.user)
    add_member(ticket.groups.get(), there)

    assert "Members only" in compare(browser)


def test_members_who_have_what_lets_them_in_share_a_page(shop: RiverStudio) -> None:
    """And who waits for their own payment sees that it is theirs."""
    membership = Membership.objects.get(title="Gold pass")
    inside = [shop.member(), shop.member()]
    outside = [create_customer_with_login(shop.account) for _ in range(2)]
    own = [_subscribe(customer, membership) for customer in (*inside, outside[0])][-1]
    members, others = ([open_browser(each) for each in people] for people in (inside, outside))

    for browser in members:
        shown(browser)
    for browser in members * 2:
        with CaptureQueriesContext(connection) as made:
            shown(browser)
        assert len(made) == 3
    for _ in range(2):
        assert [f"/my/memberships/{own.uuid}/" in compare(browser) for browser in others] == [True, False]


def _subscribe(customer: Customer, membership: Membership) -> Subscription:
    return Subscription.objects.create(
        account=customer.account,
        customer=customer,
        membership=membership,
        price=membership.prices.get(),
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.UNPAID,
        stripe_id=f"sub_{customer.pk}",
        created_at=NOW,
    )
