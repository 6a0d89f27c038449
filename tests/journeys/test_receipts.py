"""The owner turns receipts on with VAT, a customer pays and prints theirs, and the quarter goes to the bookkeeper."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.hand import Hand
from tests.journeys.steps import (
    assert_books_balance,
    choose_ticket,
    expect_booked,
    fill_in_booker,
    go_to_checkout,
    list_problems,
    newest_booking,
    open_dashboard,
    pay_by_card,
    put_entry_on_sale,
)
from tests.worlds.new_studio import NewStudio
from tickets.money.receipts.issuing import number_receipts

pytestmark = pytest.mark.journey

TURNED_ON, PRINTED, SENT = 3, 1, 3
"""How many presses each takes, from the overview, the booking's page and the overview."""


def test_from_turning_receipts_on_to_the_quarters_file(
    page: Page, customer: Page, stripe_studio: NewStudio, deliver_stripe_events: Callable[[], None]
) -> None:
    owner, guest = Hand(page), Hand(customer)
    put_entry_on_sale(stripe_studio, "Evening Flow")
    open_dashboard(page, stripe_studio)
    with owner.counted(TURNED_ON):
        the_owner_turns_them_on(owner)

    a_guest_pays(customer)
    deliver_stripe_events()
    the_receipt_is_on_its_way_and_then_there(guest, stripe_studio)

    page.goto(f"/dashboard/{stripe_studio.account.slug}/")
    with owner.counted(SENT):
        the_owner_downloads_the_quarter(owner)
    assert_books_balance()


def the_owner_turns_them_on(owner: Hand) -> None:
    page = owner.page
    owner.menu("Settings")
    owner.press(page.get_by_role("navigation", name="Settings").get_by_role("link", name="Receipts"))
    page.get_by_label("Business address").fill("1 Mill Lane\nLeeds")
    page.get_by_label("VAT number").fill("GB 123 4567 89")
    page.get_by_label("VAT rate of your tickets").fill("20")
    owner.button("Turn on numbered receipts")
    expect(page.get_by_text("The next one is number 1.")).to_be_visible()
    expect(page.get_by_role("table", name="VAT rates")).to_contain_text("20%")
    assert list_problems(page) == []


def a_guest_pays(customer: Page) -> None:
    customer.goto("/river-studio/")
    choose_ticket(customer, "Evening Flow")
    fill_in_booker(customer)
    customer.get_by_role("button", name="Add to basket", exact=True).click()
    go_to_checkout(customer, "£12.00")
    pay_by_card(customer)
    expect_booked(customer)


def the_receipt_is_on_its_way_and_then_there(guest: Hand, studio: NewStudio) -> None:
    customer = guest.page
    with guest.counted(PRINTED):
        guest.link("Receipt")
        expect(customer.get_by_text("Your receipt will be here in a minute.")).to_be_visible()
    assert list_problems(customer) == []
    number_receipts(studio.account.pk, now=timezone.now())
    customer.get_by_role("link", name="Reload this page").click()
    receipt = customer.get_by_role("article", name="Receipt 1")
    expect(receipt).to_contain_text("VAT number GB 123 4567 89")
    expect(receipt).to_contain_text(newest_booking().reference)
    expect(receipt).to_contain_text("VAT 20% (Standard)£2.00")
    expect(receipt).to_contain_text("Total£12.00")
    assert list_problems(customer) == []


def the_owner_downloads_the_quarter(owner: Hand) -> None:
    page = owner.page
    owner.menu("Receipts")
    expect(page.get_by_role("table", name="Receipts, newest first")).to_contain_text("£12.00")
    owner.link("VAT by month")
    expect(page.get_by_role("table", name="VAT by rate").first).to_contain_text("£10.00")
    with page.expect_download() as file:
        owner.link("Download CSV")
    assert file.value.suggested_filename == "receipts-river.csv"
    written = file.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert written[1].endswith('"Standard","20%","10.00","2.00","12.00","GBP"')
    assert list_problems(page) == []
