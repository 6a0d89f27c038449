"""A studio writes to its people: to a group from a desk, to tonight's class from a phone; each with its presses."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Customer, Letter, Mailing
from accounts.operations.running import run_operation
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import EntryFactory, GroupFactory, TicketFactory, add_member, load_entry
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import list_problems, log_in_to
from tests.worlds.new_studio import NewStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Entry, Ticket

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hand(page: Page) -> Hand:
    return Hand(page)


@pytest.fixture
def pocket(browser: Browser, base_url: str) -> Iterator[Hand]:
    """The owner's phone."""
    with phone(browser, base_url) as found:
        yield found


def come_in(hand: Hand, studio: NewStudio) -> None:
    home = f"/dashboard/{studio.account.slug}/"
    log_in_to(hand.page, studio.owner, home)
    hand.page.wait_for_url(f"**{home}")


def book(entry: Entry, ticket: Ticket, name: str) -> None:
    customer = CustomerFactory.create(account=entry.account, name=name)
    wanted = [WantedTicket(ticket=ticket.pk, name=name)]
    book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=timezone.now())


def recipients() -> list[str]:
    """Whom the last message became emails for, once workers have written them."""
    operation = Mailing.objects.latest("pk").operation
    assert operation
    while run_operation(operation.pk):
        pass
    return sorted(Letter.objects.filter(mailing__isnull=False).values_list("recipient", flat=True))


def test_all_members_of_a_group_are_written_to(studio: NewStudio, hand: Hand) -> None:
    group = GroupFactory.create(account=studio.account, name="Gold")
    for name in ("Ada", "Bea", "Cleo"):
        add_member(group, CustomerFactory.create(account=studio.account, name=name, email=f"{name.lower()}@x.example"))
    come_in(hand, studio)
    page = hand.page

    with hand.counted(6):
        hand.menu("Customer groups")
        hand.link("Gold")
        hand.link("Message")
        hand.press(page.get_by_label("About their booking or membership"))
        page.get_by_label("Subject").fill("Closed on Monday")
        page.get_by_label("Message", exact=True).fill("Hello {first_name},\n\nwe’re closed on Monday.")
        assert list_problems(page) == []
        hand.button("Preview")
        expect(page.get_by_text("we’re closed on Monday.")).to_be_visible()
        assert list_problems(page) == []
        hand.button("Send to 3 customers")

    expect(page.get_by_role("heading", name="Closed on Monday")).to_be_visible()
    assert recipients() == ["ada@x.example", "bea@x.example", "cleo@x.example"]
    page.reload()
    expect(page.get_by_role("link", name="Waiting to go out")).to_be_visible()
    assert list_problems(page) == []


def test_tonights_class_is_told_on_a_phone_that_it_begins_later(studio: NewStudio, pocket: Hand) -> None:
    tonight = EntryFactory.create(page=studio.page, title="Vinyasa", starts_at=timezone.now() + timedelta(hours=2))
    ticket = TicketFactory.create(entry=tonight, name="Drop-in")
    for name in ("Ada", "Bea"):
        book(tonight, ticket, name)
    come_in(pocket, studio)
    page = pocket.page

    with pocket.counted(4):
        pocket.press(page.get_by_role("main").get_by_role("link", name="Vinyasa").first)
        pocket.link("Message")
        page.get_by_label("Subject").fill("We begin half an hour later")
        page.get_by_label("Message", exact=True).fill("Hello {first_name},\n\n{class} begins half an hour later today.")
        assert list_problems(page) == []
        pocket.button("Preview")
        expect(page.get_by_text("Vinyasa begins half an hour later today.")).to_be_visible()
        assert list_problems(page) == []
        pocket.button("Send to 2 customers")

    expect(page.get_by_role("heading", name="We begin half an hour later")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert recipients() == sorted(Customer.objects.values_list("email", flat=True))
