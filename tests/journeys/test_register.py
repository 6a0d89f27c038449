"""Who comes tonight: ten people ticked off on a phone, with a script and without one."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, ViewportSize, expect

from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import EntryFactory, TicketFactory, load_entry
from tests.worlds.new_studio import PASSWORD, NewStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Attendance, Entry

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

NAMES: Final = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana", "Ida", "Jo")
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}


@pytest.fixture
def tonight(studio: NewStudio) -> Entry:
    entry = EntryFactory.create(page=studio.page, title="Vinyasa", starts_at=timezone.now() + timedelta(minutes=20))
    ticket = TicketFactory.create(entry=entry, name="Drop-in")
    for name in NAMES:
        customer = CustomerFactory.create(account=studio.account, name=name)
        wanted = [WantedTicket(ticket=ticket.pk, name=name)]
        book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=timezone.now())
    return entry


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_ten_people_are_ticked_off_on_a_phone(
    scripts: bool,  # noqa: FBT001 - the two browsers
    tonight: Entry,
    studio: NewStudio,
    browser: Browser,
    base_url: str,
) -> None:
    context = browser.new_context(base_url=base_url, viewport=PHONE, java_script_enabled=scripts, locale="en-GB")
    page = context.new_page()
    page.goto(f"/accounts/login/?next=/dashboard/river/schedule/{tonight.pk}/")
    page.get_by_label("Email address").fill(studio.owner)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    register = page.get_by_role("list", name="Attendees")
    expect(register.get_by_role("listitem")).to_have_count(10)
    # Its style sheet has come too.
    page.wait_for_load_state()
    last = register.get_by_role("listitem").last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] < PHONE["height"] * 1.2
    page.evaluate("window.isHere = true")
    for number, name in enumerate(NAMES, 1):
        page.get_by_role("button", name=f"Present: {name}").click()
        expect(page.get_by_role("heading", name=f"{number} of 10 here")).to_be_visible()
    # The script marks without leaving the page.
    assert page.evaluate("window.isHere === true") is scripts
    page.get_by_role("button", name="Undo the mark of Jo").click()
    expect(page.get_by_role("heading", name="9 of 10 here")).to_be_visible()
    page.get_by_role("button", name="Absent: Jo").click()
    expect(page.get_by_text("1 absent")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert sorted(Attendance.objects.values_list("presence", flat=True)) == ["absent", *["present"] * 9]
    context.close()
