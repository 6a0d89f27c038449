"""A studio’s week on a phone: booked for a member who rings, moved to another day, and a class called off."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Customer, Letter
from groups.models import Group
from groups.services import add_customers
from offers.models import UsagePeriod
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.journeys.steps import assert_books_balance, list_problems, log_in_to
from tests.worlds.new_studio import NewStudio
from tickets.models import Entry, Seat

pytestmark = pytest.mark.journey


class Fingers:
    """Taps on a phone, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def link(self, name: str, *, exact: bool = True) -> None:
        self.taps += 1
        self.page.get_by_role("link", name=name, exact=exact).first.click()

    def button(self, name: str, *, exact: bool = True) -> None:
        self.taps += 1
        self.page.get_by_role("button", name=name, exact=exact).first.click()


@pytest.fixture
def phone(browser: Browser, base_url: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=base_url, locale="en-GB", timezone_id="Europe/London", viewport={"width": 390, "height": 844}
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def classes(studio: NewStudio) -> list[Entry]:
    """A class today and one in three days, for members who have ten tickets a month."""
    group: Group = GroupFactory.create(account=studio.account, name="Ten a month")
    OfferFactory.create(group=group, page=studio.page, limit=10)
    made = []
    for title, ahead in (("Monday Flow", 5), ("Wednesday Flow", 77)):
        starts_at = timezone.now() + timedelta(hours=ahead)
        entry = EntryFactory.create(page=studio.page, title=title, starts_at=starts_at)
        TicketFactory.create(entry=entry, group=group, name="Member")
        made.append(entry)
    return made


def add_anna(studio: NewStudio) -> Customer:
    anna = CustomerFactory.create(account=studio.account, name="Anna Smith", email="anna@example.org")
    group = Group.objects.get(account=studio.account)
    add_customers(group, {anna.email: anna.name}, now=timezone.now())
    Letter.objects.all().delete()
    return anna


def test_a_member_rings_is_booked_moved_and_told(studio: NewStudio, classes: list[Entry], phone: Page) -> None:
    add_anna(studio)
    monday, wednesday = classes
    log_in_to(phone, studio.owner, f"/dashboard/{studio.account.slug}/schedule/{monday.pk}/")
    phone.wait_for_url(f"**/schedule/{monday.pk}/")

    finger = Fingers(phone)
    finger.link("Book for someone")
    phone.get_by_label("Name or email address").fill("smi")
    finger.link("Anna Smith")
    expect(phone.get_by_text("1 of Anna Smith’s 10 tickets (Ten a month) is used.")).to_be_visible()
    assert list_problems(phone) == []
    finger.button("Book spaces")
    expect(phone.get_by_text("1 space booked")).to_be_visible()
    assert (finger.taps, UsagePeriod.objects.get().used) == (3, 1)

    finger = Fingers(phone)
    finger.button("Actions for Anna Smith")
    finger.link("Move to another entry")
    assert list_problems(phone) == []
    finger.link("Wednesday Flow")
    assert list_problems(phone) == []
    finger.button("Move")
    expect(phone.get_by_text("Anna Smith moved to Wednesday Flow and emailed.")).to_be_visible()
    assert (finger.taps, Seat.objects.get().entry) == (4, wednesday)

    phone.goto(f"/dashboard/{studio.account.slug}/schedule/{wednesday.pk}/")
    finger = Fingers(phone)
    finger.button("Actions for Wednesday Flow")
    finger.link("Cancel entry")
    phone.get_by_label("Reason").fill("Mo is ill")
    phone.get_by_label("Message to everyone booked").fill("Mo has lost her voice. See you on Monday!")
    finger.button("Preview the email")
    expect(phone.get_by_text("See you on Monday!").last).to_be_visible()
    assert list_problems(phone) == []
    finger.button("Cancel this entry")
    expect(phone.get_by_text("Entry cancelled and 1 person emailed.")).to_be_visible()
    assert finger.taps == 4
    kinds = list(Letter.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["booked", "seat_moved", "cancelled"]
    assert "See you on Monday!" in Letter.objects.latest("pk").text
    assert_books_balance()


def test_without_a_script_the_search_is_sent(
    studio: NewStudio, classes: list[Entry], browser: Browser, base_url: str
) -> None:
    add_anna(studio)
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = context.new_page()
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/schedule/{classes[0].pk}/book/")

    page.get_by_label("Name or email address").fill("anna")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Anna Smith").click()
    page.get_by_role("button", name="Book spaces").click()

    expect(page.get_by_text("1 space booked")).to_be_visible()
    context.close()
