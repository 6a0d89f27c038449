"""How many taps a booking takes on a phone: a member's, logged in and not, and a guest's with a card."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from groups.models import Standing
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.journeys.steps import ADA, expect_booked, fill_in_booker, list_problems, pay_by_card, put_entry_on_sale
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.models import Seat, TicketCost

pytestmark = pytest.mark.journey


class Phone:
    """A phone that counts how often it is tapped."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: Locator) -> None:
        what.tap()
        self.taps += 1

    def tap_button(self, name: str) -> None:
        self.tap(self.page.get_by_role("button", name=name))

    def open_class(self, title: str) -> None:
        self.page.goto("/river-studio/")
        self.tap(self.page.get_by_role("link", name=title))

    def log_in(self) -> None:
        self.page.get_by_label("Email address").fill(ADA)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.tap(self.page.get_by_role("button", name="Log in", exact=True))


@pytest.fixture
def phone(browser: Browser, base_url: str) -> Iterator[Phone]:
    context = browser.new_context(
        base_url=base_url,
        locale="en-GB",
        timezone_id="Europe/London",
        viewport={"width": 390, "height": 700},
        has_touch=True,
        is_mobile=True,
    )
    yield Phone(context.new_page())
    context.close()


@pytest.fixture
def members_class(studio: NewStudio) -> str:
    """A class (and Long Sit, another) with a ticket for everybody and one for Ada's group."""
    group = GroupFactory.create(account=studio.account, name="Gold")
    OfferFactory.create(group=group, page=studio.page, limit=3)
    user = UserFactory.create(email=ADA, name="Ada Lovelace", password=PASSWORD)
    add_member(group, CustomerFactory.create(account=studio.account, email=ADA, user=user, name="Ada Lovelace"))
    Standing.objects.update(since=timezone.now() - timedelta(days=40), anchor=timezone.now().date())
    for days, title in enumerate(("Quiet Hour", "Long Sit"), 3):
        entry = EntryFactory.create(page=studio.page, title=title, starts_at=timezone.now() + timedelta(days=days))
        TicketFactory.create(entry=entry, name="Drop-in", position=1, cost=TicketCost.COST, price=1200)
        TicketFactory.create(entry=entry, group=group, name="Members’ ticket", position=2)
    return "Quiet Hour"


def test_a_member_needs_five_taps_and_a_password_and_then_three(phone: Phone, members_class: str) -> None:
    phone.open_class(members_class)
    phone.tap(phone.page.locator("#tickets").get_by_role("link", name="Log in"))
    expect(phone.page.get_by_text(f"You’ll then go on to book “{members_class}” at River Studio.")).to_be_visible()
    the_password_can_be_seen(phone.page)
    phone.log_in()
    expect(phone.page.get_by_label("Book “Members’ ticket”")).to_be_checked()
    phone.tap_button("Continue")
    phone.tap_button("Confirm booking")
    expect_booked(phone.page)
    assert (phone.taps, Seat.objects.get().ticket.name) == (5, "Members’ ticket")
    expect(phone.page.get_by_role("link", name="Book another event")).to_be_visible()

    phone.taps = 0
    phone.open_class("Long Sit")
    assert list_problems(phone.page) == []
    phone.tap_button("Continue")
    phone.tap_button("Confirm booking")
    expect_booked(phone.page)
    assert phone.taps == 3


def the_password_can_be_seen(page: Page) -> None:
    typed = page.get_by_label("Password", exact=True)
    typed.fill("three wet otters")
    page.get_by_role("button", name="Show what you type").tap()
    expect(typed).to_have_attribute("type", "text")
    page.get_by_role("button", name="Show what you type").tap()
    expect(typed).to_have_attribute("type", "password")
    assert list_problems(page) == []


def test_a_guest_needs_four_and_their_card(phone: Phone, stripe_studio: NewStudio) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    phone.open_class("Evening Flow")
    page = phone.page
    the_number_is_stepped_and_the_total_follows(page)
    phone.tap_button("Continue · £12.00")
    fill_in_booker(page)
    phone.tap_button("Pay £12.00")
    expect(page.get_by_label("Test card")).to_be_visible()
    pay_by_card(page)
    phone.taps += 1
    expect_booked(page)
    assert phone.taps == 4


def the_number_is_stepped_and_the_total_follows(page: Page) -> None:
    number, more, fewer = (
        page.get_by_label("Number of “Drop-in”"),
        page.get_by_role("button", name="One more: Drop-in"),
        page.get_by_role("button", name="One fewer: Drop-in"),
    )
    way_on = page.get_by_role("button", name="Continue")
    expect(way_on).to_be_in_viewport()
    expect(number).to_have_value("1")
    more.tap()
    expect(way_on).to_have_text("Continue · £24.00")
    number.fill("4")
    expect(way_on).to_have_text("Continue · £48.00")
    for _ in range(4):
        fewer.tap()
    expect(way_on).to_have_text("Continue")
    expect(fewer).to_be_disabled()
    expect(number).to_be_focused()
    more.tap()
    assert list_problems(page) == []
