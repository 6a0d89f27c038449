"""Two customers who are one person become one in four presses, with a mouse and with a finger."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Customer
from groups.services import add_customers
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import list_problems, log_in_to
from tests.tickets.merging.acts import book_by_hand
from tests.worlds.new_studio import NewStudio
from tickets.models import Booking

pytestmark = pytest.mark.journey

PRESSES = 4


@pytest.fixture
def doubles(studio: NewStudio) -> tuple[Customer, Customer]:
    """Two of one name in one group, with a booking each."""
    group = GroupFactory.create(account=studio.account, name="Ten a month")
    OfferFactory.create(group=group, page=studio.page, limit=10)
    found = []
    for email in ("ada@example.org", "ada@old.example"):
        customer = CustomerFactory.create(account=studio.account, email=email, name="Ada Lovelace")
        add_customers(group, {email: ""}, now=timezone.now())
        entry = EntryFactory.create(
            page=studio.page, starts_at=timezone.now() + timedelta(days=2), title="Evening Flow"
        )
        book_by_hand(entry, TicketFactory.create(entry=entry, group=group), customer)
        found.append(customer)
    return found[0], found[1]


def merge(hand: Hand, studio: NewStudio, doubles: tuple[Customer, Customer]) -> None:
    ada, double = doubles
    page = hand.page
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/customers/{ada.pk}/")
    with hand.counted(PRESSES):
        hand.press(page.get_by_role("button", name="More").first)
        hand.press(page.locator("[popover]:popover-open").get_by_role("link", name="Merge with another customer"))
        expect(page.get_by_role("heading", name="Merge with another customer")).to_be_visible()
        assert list_problems(page) == []
        hand.press(page.locator("#others").get_by_role("link", name="Ada Lovelace"))
        expect(page.get_by_text("1 + 1 of 10 used → 2 of 10.")).to_be_visible()
        expect(page.get_by_text("They keep the better place in line")).to_have_count(0)
        assert list_problems(page) == []
        hand.button("Merge")
        expect(page.get_by_text("The two customers are one now")).to_be_visible()
    expect(page.get_by_text("ada@old.example").first).to_be_visible()
    assert list(Customer.objects.values_list("pk", flat=True)) == [ada.pk]
    assert set(Booking.objects.values_list("customer", flat=True)) == {ada.pk}
    page.goto(f"/dashboard/{studio.account.slug}/customers/{double.pk}/")
    expect(page).to_have_url(f"{page.url.split('/dashboard')[0]}/dashboard/{studio.account.slug}/customers/{ada.pk}/")


def test_with_a_mouse(page: Page, studio: NewStudio, doubles: tuple[Customer, Customer]) -> None:
    merge(Hand(page), studio, doubles)


def test_with_a_finger(browser: Browser, base_url: str, studio: NewStudio, doubles: tuple[Customer, Customer]) -> None:
    with phone(browser, base_url) as hand:
        merge(hand, studio, doubles)
