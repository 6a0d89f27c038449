"""A phone shows much of a timetable at once: fifty events of a week, to a visitor and to the studio."""

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect

from accounts.models import Customer, SchedulePage
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import TicketFactory, load_entry
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Entry
from tickets.schedule.details import EntryDetails, Labels
from tickets.schedule.entries import create_entries
from tickets.schedule.recurrence import Repeat, Repeats

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
CLASSES: Final = (
    (7, "Early yoga", "Anna", "River Room"), (9, "Vinyasa flow", "Ben", "Loft"), (10, "Pilates", "Clara", "Loft"),
    (12, "Lunch stretch", "Anna", "River Room"), (15, "Yoga for beginners", "Dora", "River Room"),
    (17, "Power yoga", "Ben", "Loft"), (18, "Yin yoga", "Clara", "River Room"), (20, "Meditation", "Dora", "Loft"),
)  # fmt: skip
"""Eight a day, as at the studio of week.md."""
VISITOR: Final = 3_129
"""Half of the 6,258 pixels that fifty took at first."""
STUDIO: Final = 4_500
TWO_LINES: Final = 70
"""Pixels of a row of two lines and the space around them."""


@pytest.fixture
def timetable(studio: NewStudio) -> SchedulePage:
    tomorrow = timezone.now().date() + timedelta(days=1)
    for hour, title, leader, location in CLASSES:
        details = EntryDetails(
            title=title,
            starts=datetime(tomorrow.year, tomorrow.month, tomorrow.day, hour),  # noqa: DTZ001 - a wall-clock time
            duration=timedelta(hours=1),
            capacity=10,
            location=location,
            labels=Labels((leader, "Katharina Winterbottom"), ("Yoga", "Beginners", "Outdoors")),
        )
        made = create_entries(studio.page, details, repeat=Repeat(kind=Repeats.DAILY, count=7))
        TicketFactory.create(entry=made[0], name="Drop-in", cost="cost", price=1200)
    return studio.page


def height(page: Page) -> int:
    """How high the page is, once its styles have come; that nothing of it is beside the screen."""
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    found: int = page.evaluate("document.documentElement.scrollHeight")
    return found


def test_fifty_events_are_low_on_a_phone(
    timetable: SchedulePage, studio: NewStudio, browser: Browser, base_url: str
) -> None:
    context = browser.new_context(base_url=base_url, viewport=PHONE, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"/{timetable.slug}/")
    assert page.locator(".entry").count() == 50
    assert height(page) <= VISITOR
    # Each is as high as a button.
    assert page.evaluate("Math.min(...[...document.querySelectorAll('.entry')].map(each => each.offsetHeight))") >= 41

    page.goto("/accounts/login/?next=/dashboard/river/schedule/")
    page.get_by_label("Email address").fill(studio.owner)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#entries tbody td.when")).to_have_count(50)
    assert height(page) <= STUDIO
    member = add_customer(studio)
    page.goto(f"/dashboard/river/customers/{member.pk}/book/")
    assert row_height(page, "#entries") <= TWO_LINES
    first = Entry.objects.order_by("starts_at").first()
    assert first is not None
    page.goto(f"/dashboard/river/schedule/{first.pk}/cancel/?dates=following")
    assert row_height(page, "#cancelled-dates-table") <= TWO_LINES
    wanted = [WantedTicket(ticket=first.series.tickets.get().pk, name="Mia")]
    made = book_by_studio(load_entry(first), member, wanted, key=uuid4(), now=timezone.now())
    page.goto(f"/dashboard/river/spaces/{made.booking.seats.get().pk}/move/")
    assert row_height(page, "#entries") <= TWO_LINES
    context.close()


def add_customer(studio: NewStudio) -> Customer:
    return CustomerFactory.create(account=studio.page.account, name="Mia")


def row_height(page: Page, table: str) -> int:
    """How high the highest row of a table is that somebody chooses from."""
    rows = page.locator(f"{table} tbody tr")
    assert rows.count() >= 5
    height(page)
    found: int = page.evaluate(
        f"Math.max(...[...document.querySelectorAll('{table} tbody tr')].map(each => each.offsetHeight))"
    )
    return found
