"""How many taps a booking takes on a phone: a member's, logged in and not, and a guest's with a card."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from groups.models import Standing
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import ADA, expect_booked, fill_in_booker, list_problems, pay_by_card, put_entry_on_sale
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.models import Seat, TicketCost

pytestmark = pytest.mark.journey


@pytest.fixture
def finger(browser: Browser, base_url: str) -> Iterator[Hand]:
    with phone(browser, base_url, {"width": 390, "height": 700}) as hand:
        yield hand


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


def test_a_member_needs_five_taps_and_a_password_and_then_three(finger: Hand, members_class: str) -> None:
    page = finger.page
    page.goto("/river-studio/")
    with finger.counted(5):
        finger.link(members_class, exact=False)
        finger.press(page.locator("#tickets").get_by_role("link", name="Log in"))
        expect(page.get_by_text(f"You’ll then go on to book “{members_class}” at River Studio.")).to_be_visible()
        with finger.aside():
            the_password_can_be_seen(page)
        page.get_by_label("Email address").fill(ADA)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        finger.button("Log in")
        expect(page.get_by_label("Book “Members’ ticket”")).to_be_checked()
        finger.button("Continue")
        finger.button("Confirm booking")
        expect_booked(page)
    assert Seat.objects.get().ticket.name == "Members’ ticket"
    expect(page.get_by_role("link", name="Book another event")).to_be_visible()

    page.goto("/river-studio/")
    with finger.counted(3):
        finger.link("Long Sit", exact=False)
        assert list_problems(page) == []
        finger.button("Continue")
        finger.button("Confirm booking")
        expect_booked(page)


def the_password_can_be_seen(page: Page) -> None:
    typed = page.get_by_label("Password", exact=True)
    typed.fill("three wet otters")
    page.get_by_role("button", name="Show what you type").tap()
    expect(typed).to_have_attribute("type", "text")
    page.get_by_role("button", name="Show what you type").tap()
    expect(typed).to_have_attribute("type", "password")
    assert list_problems(page) == []


def test_a_guest_needs_four_and_their_card(finger: Hand, stripe_studio: NewStudio) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    page = finger.page
    page.goto("/river-studio/")
    with finger.counted(4):
        finger.link("Evening Flow", exact=False)
        with finger.aside():
            the_number_is_stepped_and_the_total_follows(page)
        finger.button("Continue · £12.00")
        fill_in_booker(page)
        finger.button("Pay £12.00")
        expect(page.get_by_label("Test card")).to_be_visible()
        pay_by_card(page)
        expect_booked(page)


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
