"""Mother and daughter with one address, on a phone: the studio adds the daughter, and her mother books for her."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from accounts.models import Customer, Letter
from groups.services import add_known
from offers.models import UsagePeriod
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import assert_books_balance, list_problems, log_in_to
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.models import Seat

pytestmark = pytest.mark.journey

MARY = "mary@example.org"


@pytest.fixture
def finger(browser: Browser, base_url: str) -> Iterator[Hand]:
    with phone(browser, base_url) as hand:
        yield hand


@pytest.fixture
def mary(studio: NewStudio) -> Customer:
    customer = CustomerFactory.create(account=studio.account, name="Mary Ray", email=MARY)
    group = GroupFactory.create(account=studio.account, name="Kids")
    OfferFactory.create(group=group, page=studio.page, limit=4)
    entry = EntryFactory.create(
        page=studio.page, title="Kids’ Ballet", starts_at=timezone.now() + timedelta(days=2), capacity=8
    )
    TicketFactory.create(entry=entry, group=group, name="Member")
    return customer


def test_the_studio_adds_a_daughter_to_her_mothers_address(studio: NewStudio, mary: Customer, finger: Hand) -> None:
    page = finger.page
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/customers/")
    page.wait_for_url("**/customers/")

    with finger.counted(3):
        finger.link("Add without an address")
        assert list_problems(page) == []
        page.get_by_label("Name, email address or phone").fill("mary")
        finger.link("Mary Ray")
        page.get_by_label("Name").fill("Ann Ray")
        assert list_problems(page) == []
        finger.button("Add customer")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ann Ray")

    assert list_problems(page) == []
    expect(page.locator("#contact").get_by_role("link", name=MARY)).to_be_visible()
    assert Customer.objects.get(name="Ann Ray").reached_at == MARY


def test_a_mother_books_for_her_daughter(studio: NewStudio, mary: Customer, finger: Hand) -> None:
    ann = Customer.objects.create(account=studio.account, contact=mary, name="Ann Ray")
    group = studio.account.groups.get()
    add_known(group, [ann], now=timezone.now())
    login = UserFactory.create(email=MARY, name="Mary Ray", password=PASSWORD)
    Customer.objects.filter(pk=mary.pk).update(user=login)
    page = finger.page
    log_in_to(page, MARY, f"/{studio.page.slug}/")
    page.wait_for_url(f"**/{studio.page.slug}/")

    with finger.counted(4):
        finger.link("Kids’ Ballet")
        finger.link("Ann Ray")
        expect(page.get_by_role("link", name="Ann Ray")).to_have_attribute("aria-current", "true")
        expect(page.get_by_label("Book “Member”")).to_be_checked()
        assert list_problems(page) == []
        finger.button("Continue")
        expect(page.get_by_text("Booking for Ann Ray")).to_be_visible()
        assert list_problems(page) == []
        finger.button("Confirm booking")
        expect(page.get_by_text("We’ve emailed your confirmation to mary@example.org")).to_be_visible()

    seat, period = Seat.objects.get(), UsagePeriod.objects.get()
    assert (seat.attendee_name, seat.self_attendee_id, period.member.customer, period.used) == (
        "Ann Ray", ann.pk, ann, 1,
    )  # fmt: skip
    assert Letter.objects.get(kind="booked").recipient == MARY
    page.goto("/my/")
    expect(page.get_by_text("For Ann Ray")).to_be_visible()
    assert list_problems(page) == []
    assert_books_balance()
