"""A customer in a real browser: without JavaScript, on a small screen, in light and dark."""

from collections.abc import Generator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Customer
from groups.models import Standing
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
)
from tests.journeys.steps import list_problems
from tests.worlds.river import RiverStudio
from tickets.models import EntryPlaces


@pytest.fixture
def today(transactional_db: None) -> RiverStudio:
    """River Studio at this very time, its names as long as names may be; its event ends on another day."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    account = AccountFactory.create(name="River Studio for Movement, Music and Mindfulness", slug="river")
    page = SchedulePageFactory.create(account=account, slug="river", title="River Studio", description="By the water.")
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
    entry = EntryFactory.create(
        page=page,
        title="Morning yoga",
        location=long,
        description=long,
        starts_at=start,
        ends_at=start + timedelta(days=1),
    )
    group = GroupFactory.create(account=account, name="Gold")
    drop_in = TicketFactory.create(entry=entry, name="Drop-in", position=1, description=long)
    gold = TicketFactory.create(entry=entry, group=group, name="Gold place", position=2)
    OfferFactory.create(group=group, page=page, limit=3, additional_attendees=2)
    return RiverStudio(account, page, entry, drop_in, gold, group)


@pytest.fixture
def member(today: RiverStudio) -> Customer:
    customer = create_customer_with_login(today.account, name="Ada Lovelace")
    add_member(today.group, customer)
    Standing.objects.update(since=timezone.now() - timedelta(days=40), anchor=timezone.now().date())
    return customer


@pytest.fixture
def plain(browser: Browser, base_url: str) -> Generator[Page]:
    """A browser without JavaScript."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def log_in(page: Page, customer: Customer) -> None:
    page.get_by_label("Email address").fill(customer.email)
    page.get_by_label("Password", exact=True).fill("correct horse")
    page.get_by_role("button", name="Log in").click()


def test_a_member_comes_from_the_schedule_to_a_booking_and_back_without_javascript(
    plain: Page, today: RiverStudio, member: Customer
) -> None:
    plain.goto("/river/")
    plain.get_by_role("link", name="Morning yoga").click()
    plain.get_by_role("article").filter(has_text="Gold place").get_by_role("link", name="Log in").click()
    log_in(plain, member)

    expect(plain.get_by_label("Number of “Gold place”")).to_have_value("1")
    plain.get_by_label("Number of “Gold place”").fill("2")
    plain.get_by_role("button", name="Continue").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Check your booking")
    expect(plain.get_by_text("1 ticket left after this")).to_be_visible()
    second = plain.get_by_role("region", name="Gold place 2 of 2")
    plain.get_by_role("button", name="Confirm booking").click()
    expect(plain).to_have_title("Error: Check your booking – River Studio for Movement, Music and Mindfulness")
    second.get_by_label("Their name").fill("Ben")
    plain.get_by_role("button", name="Confirm booking").click()

    expect(plain.get_by_text(f"We’ve emailed your confirmation to {member.email}.")).to_be_visible()
    plain.get_by_role("link", name="Cancel Ben").click()
    plain.get_by_role("button", name="Cancel ticket").click()
    expect(plain.get_by_text("Gold: 1 ticket returned to your allowance")).to_be_visible()

    plain.get_by_role("banner").get_by_role("link", name="My bookings").first.click()
    expect(plain.get_by_text("1 of 3 used")).to_be_visible()
    expect(plain.get_by_text("1 ticket", exact=True)).to_be_visible()


def test_every_page_is_accessible_and_fits_a_small_screen(page: Page, today: RiverStudio, member: Customer) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    other = EntryFactory.create(page=today.page, title="Full", starts_at=today.entry.starts_at)
    TicketFactory.create(entry=other, group=today.group)
    EntryPlaces.objects.filter(entry=other).update(taken=10)
    cancelled = EntryFactory.create(page=today.page, starts_at=today.entry.starts_at, cancelled_at=timezone.now())
    quiet = SchedulePageFactory.create(account=today.account, slug="quiet")

    found = [
        problem
        for path in (
            "/river/",
            "/river/?from=2999-01-01",
            f"/{quiet.slug}/",
            today.entry_path,
            f"/river/entries/{other.uuid}/",
            f"/river/entries/{cancelled.uuid}/",
            today.review_path(),
            today.review_path(drop_in=2, gold=1),
        )
        for problem in list_problems(page, path)
    ]
    page.goto("/my/")
    log_in(page, member)
    for path in ("/my/", today.entry_path, today.review_path(drop_in=1, gold=2), "/my/?show=past"):
        found += list_problems(page, path)
    page.goto(today.review_path(gold=2))
    page.get_by_role("button", name="Confirm booking").click()
    found += list_problems(page)
    page.get_by_label("Their name").last.fill("W" * 200)
    page.get_by_role("button", name="Confirm booking").click()
    found += list_problems(page)
    booking = page.url
    for path in (today.entry_path, "/my/", f"{booking}cancel/"):
        found += list_problems(page, path)
    page.get_by_role("button", name="Cancel booking").click()
    # Opened anew: a toast that fades away has no contrast in the end.
    found += list_problems(page, booking)

    assert found == []
