"""A studio’s week on a phone: booked for a member who rings, moved to another day, and a class called off."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Route, expect

from accounts.models import Customer, Letter
from groups.models import Group
from groups.services import add_customers
from offers.models import UsagePeriod
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.journeys.hand import Hand, phone
from tests.journeys.steps import assert_books_balance, list_problems, log_in_to
from tests.worlds.new_studio import NewStudio
from tickets.models import Entry, Seat

pytestmark = pytest.mark.journey


@pytest.fixture
def finger(browser: Browser, base_url: str) -> Iterator[Hand]:
    with phone(browser, base_url) as hand:
        yield hand


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


def test_who_is_typed_before_the_script_has_come_is_found_too(
    studio: NewStudio, classes: list[Entry], finger: Hand
) -> None:
    add_anna(studio)
    page, held = finger.page, list[Route]()
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/schedule/{classes[0].pk}/")
    page.wait_for_url(f"**/schedule/{classes[0].pk}/")
    page.route("**/find*.js", lambda route: held.append(route))  # noqa: PLW0108 - it marks its handler

    with page.expect_request("**/find*.js"):
        page.goto(f"/dashboard/{studio.account.slug}/schedule/{classes[0].pk}/book/", wait_until="commit")
    page.get_by_label("Name, email address or phone").fill("smi")
    assert page.get_by_role("link", name="Anna Smith").count() == 0
    for script in held:
        script.continue_()

    expect(page.get_by_role("link", name="Anna Smith")).to_be_visible()


def test_a_member_rings_is_booked_moved_and_told(studio: NewStudio, classes: list[Entry], finger: Hand) -> None:
    add_anna(studio)
    page, (monday, wednesday) = finger.page, classes
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/schedule/{monday.pk}/")
    page.wait_for_url(f"**/schedule/{monday.pk}/")

    with finger.counted(3):
        finger.link("Book for someone")
        page.get_by_label("Name, email address or phone").fill("smi")
        finger.link("Anna Smith")
        expect(page.get_by_text("1 of Anna Smith’s 10 tickets (Ten a month) is used.")).to_be_visible()
        assert list_problems(page) == []
        finger.button("Book spaces")
        expect(page.get_by_text("1 space booked")).to_be_visible()
    assert UsagePeriod.objects.get().used == 1

    with finger.counted(4):
        finger.action("Anna Smith", "Move to another entry")
        assert list_problems(page) == []
        finger.link("Wednesday Flow")
        assert list_problems(page) == []
        finger.button("Move")
        expect(page.get_by_text("Anna Smith moved to Wednesday Flow and emailed.")).to_be_visible()
    assert Seat.objects.get().entry == wednesday

    page.goto(f"/dashboard/{studio.account.slug}/schedule/{wednesday.pk}/")
    with finger.counted(4):
        finger.action("Wednesday Flow", "Cancel entry")
        page.get_by_label("Reason").fill("Mo is ill")
        page.get_by_label("Message to everyone booked").fill("Mo has lost her voice. See you on Monday!")
        finger.button("Preview the email")
        expect(page.get_by_text("See you on Monday!").last).to_be_visible()
        assert list_problems(page) == []
        finger.button("Cancel this entry")
        expect(page.get_by_text("Entry cancelled and 1 person emailed.")).to_be_visible()
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

    page.get_by_label("Name, email address or phone").fill("anna")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Anna Smith").click()
    page.get_by_role("button", name="Book spaces").click()

    expect(page.get_by_text("1 space booked")).to_be_visible()
    context.close()
