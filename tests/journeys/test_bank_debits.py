"""A bank debit from the studio's switch to its end, paid and refused, in a browser and on the sandbox's checkout."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import ACCOUNT_PAYS, ACCOUNT_REFUSES
from tests.journeys.steps import (
    assert_books_balance,
    fill_basket,
    go_to_checkout,
    list_letters,
    list_problems,
    newest_booking,
    open_dashboard,
    open_menu,
    put_entry_on_sale,
)
from tests.worlds.new_studio import NewStudio

pytestmark = pytest.mark.journey

News = Callable[[], None]


def test_p3_a_debit_is_on_its_way_and_arrives_or_fails(
    page: Page, customer: Page, stripe_studio: NewStudio, stripe_here: Sandbox, deliver_stripe_events: News
) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    open_dashboard(page, stripe_studio)
    the_studio_accepts_bank_debits(page)

    they_pay_by_debit(customer, ACCOUNT_PAYS)
    the_studio_sees_it_on_its_way(page)
    stripe_here.end_debits(paid=True)
    deliver_stripe_events()
    it_has_arrived(customer)

    they_pay_by_debit(customer, ACCOUNT_REFUSES, again=True)
    stripe_here.end_debits(paid=False)
    deliver_stripe_events()
    it_has_failed(customer)
    the_studio_counts_what_was_paid(page)
    assert_books_balance()


def the_studio_accepts_bank_debits(page: Page) -> None:
    open_menu(page, "Settings")
    page.get_by_role("link", name="Payments", exact=True).last.click()
    page.get_by_label("Accept bank debits").check()
    page.locator("form[action$='bank-debits/']").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Settings saved")).to_be_visible()
    expect(page.get_by_label("Accept bank debits")).to_be_checked()
    assert list_problems(page) == []


def they_pay_by_debit(page: Page, account: str, *, again: bool = False) -> None:
    fill_basket(page, "Evening Flow", again=again)
    go_to_checkout(page, "£12.00")
    page.get_by_label("Test bank account").select_option(account)
    page.get_by_role("button", name="Pay by bank debit").click()
    expect(page.get_by_text("Your payment of £12.00 is on its way.")).to_be_visible()
    assert list_problems(page) == []
    page.goto("/river-studio/basket/")
    expect(page.get_by_text("Your basket is empty")).to_be_visible()


def the_studio_sees_it_on_its_way(page: Page) -> None:
    open_menu(page, "Payments")
    expect(page.get_by_role("row", name="Ada Lovelace")).to_contain_text("Payment on its way")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_text("The payment of £12.00 is on its way.")).to_be_visible()
    assert list_problems(page) == []


def it_has_arrived(page: Page) -> None:
    page.goto(f"/my/bookings/{newest_booking().uuid}/")
    expect(page.get_by_text("Paid by bank debit")).to_be_visible()
    expect(page.get_by_text("is on its way")).to_have_count(0)


def it_has_failed(page: Page) -> None:
    page.goto(f"/my/bookings/{newest_booking().uuid}/")
    expect(page.get_by_text("Your payment didn’t go through.")).to_be_visible()
    assert list_problems(page) == []
    page.get_by_role("link", name="Book again").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Evening Flow")


def the_studio_counts_what_was_paid(page: Page) -> None:
    open_menu(page, "Payments")
    expect(page.get_by_role("row", name="Payment failed")).to_have_count(1)
    expect(page.get_by_text("Net")).to_be_visible()
    assert list_problems(page) == []
    assert [subject.split(",")[0] for subject in list_letters()] == [
        "Booked: Evening Flow",
        "Your payment of £12.00 to River Studio has arrived",
        "Booked: Evening Flow",
        "Your payment of £12.00 to River Studio didn’t go through",
    ]
