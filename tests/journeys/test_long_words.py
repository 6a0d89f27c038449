"""A word of sixty letters in what people type breaks: no table of money scrolls sideways for it, and no page."""

from typing import Final
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, ViewportSize, expect

from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import load_entry
from tests.journeys.steps import log_in_to, put_entry_on_sale
from tests.worlds.new_studio import NewStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import StudioOrder, WantedTicket
from tickets.models import MoneyMethod, Seat, StudioPayment, Ticket
from tickets.money.studio import Handed, take_money

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

WORD: Final = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunt"
SIZES: Final[tuple[ViewportSize, ...]] = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
SCROLLING: Final = """() => [document.documentElement, ...document.querySelectorAll("main .table")]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => `${each.className || "page"}: ${each.scrollWidth} > ${each.clientWidth}`)"""


@pytest.fixture
def owing(studio: NewStudio) -> Seat:
    """One of two spaces of 12.00, 5.00 of it paid at the studio."""
    now, entry = timezone.now(), put_entry_on_sale(studio, WORD)
    Ticket.objects.update(name=WORD)
    customer = CustomerFactory.create(account=studio.account, name=f"{WORD} Ray")
    wanted = [WantedTicket(ticket=Ticket.objects.get().pk, name=WORD) for _number in range(2)]
    booked = book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=now, order=StudioOrder())
    seat = booked.booking.seats.earliest("pk")
    handed = Handed(amount=500, method=MoneyMethod.CASH, at=now, note=WORD)
    take_money(studio.account, {seat.pk: 1200}, handed, by=None, key=uuid4(), now=now)
    return seat


def test_nothing_scrolls_sideways_for_it(studio: NewStudio, owing: Seat, browser: Browser, base_url: str) -> None:
    who, paid = owing.customer_id, StudioPayment.objects.get().pk
    paths = [
        *("money/", "money/cash-book/", f"money/taken/{paid}/", f"customers/{who}/money/"),
        *(f"customers/{who}/money/take/", f"customers/{who}/money/give-back/", f"spaces/{owing.pk}/take/"),
        *("reports/ledger/", "bookings/", f"bookings/{owing.booking_id}/", f"bookings/{owing.booking_id}/settled/"),
        *("customers/", f"customers/{who}/", f"spaces/{owing.pk}/move/"),
    ]
    page = browser.new_context(base_url=base_url, java_script_enabled=False, locale="en-GB").new_page()
    log_in_to(page, studio.owner, f"/dashboard/{studio.account.slug}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    found = {}
    for size in SIZES:
        page.set_viewport_size(size)
        for path in paths:
            page.goto(f"/dashboard/{studio.account.slug}/{path}")
            expect(page.locator("main").get_by_text(WORD).or_(page.locator("h1")).first).to_be_visible()
            if wide := page.evaluate(SCROLLING):
                found[size["width"], path] = wide
    assert found == {}
