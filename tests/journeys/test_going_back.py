"""*Back* after a confirmed booking, in a real browser: it may show the page as it was, or fetch it anew."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Letter
from tests.journeys.steps import list_problems, open_entry, put_entry_on_sale
from tests.worlds.new_studio import NewStudio
from tickets.models import Booking

pytestmark = pytest.mark.journey

TOLD = "You already booked this on"


def test_going_back_and_confirming_again_books_once_until_it_is_meant(customer: Page, studio: NewStudio) -> None:
    put_entry_on_sale(studio, "Evening Flow", 0)
    open_entry(customer, "Evening Flow")
    customer.get_by_role("button", name="Continue").click()
    fill_in(customer)
    customer.get_by_role("button", name="Confirm booking").click()
    expect(customer.get_by_text("Booked. We’ve emailed your confirmation")).to_be_visible()

    customer.go_back()
    expect(customer.get_by_text(TOLD)).to_be_visible()
    assert list_problems(customer) == []
    fill_in(customer)
    customer.get_by_role("button", name="Confirm booking").click()
    expect(customer.get_by_text("Nothing more has been booked.")).to_be_visible()
    assert list_problems(customer) == []
    assert (Booking.objects.count(), Letter.objects.count()) == (1, 1)

    customer.get_by_role("button", name="Book again").click()
    expect(customer.get_by_text("Booked. We’ve emailed your confirmation")).to_be_visible()
    assert (Booking.objects.count(), Letter.objects.count()) == (2, 2)


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Your email address").fill("ada@example.org")
