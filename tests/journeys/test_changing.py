"""What was paid for is cancelled, refunded, moved and called off: by the customer and by the studio, in browsers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from time_machine import travel

from accounts.models import Letter
from tests import dashboard_sentences as says
from tests.journeys.steps import (
    ADA,
    assert_books_balance,
    choose_action,
    expect_booked,
    fill_basket,
    go_to_checkout,
    list_letters,
    list_problems,
    newest_booking,
    open_dashboard,
    open_menu,
    pay_by_card,
    put_entry_on_sale,
)
from tests.sentences import BANKS_TAKE_DAYS, HAS_CANCELLED, ON_ITS_WAY
from tests.worlds.new_studio import NewStudio
from tickets.models import Entry, Payment, Refund, Seat
from tickets.tasks import sweep_refunds

pytestmark = pytest.mark.journey

News = Callable[[], None]
BEA = "bea@example.org"


def refunded() -> list[tuple[int, int]]:
    """What was paid and what went back, oldest payment first."""
    return list(Payment.objects.order_by("pk").values_list("amount", "refunded"))


def test_places_are_cancelled_and_money_goes_back(
    page: Page, customer: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    stripe_studio.account.late_refund_percent = 50
    stripe_studio.account.save(update_fields=["late_refund_percent"])
    entry = put_entry_on_sale(stripe_studio, "Evening Flow")
    fill_basket(customer, "Evening Flow", "Byron", "Clara")
    go_to_checkout(customer, "£36.00")
    pay_by_card(customer)
    expect_booked(customer)
    booking = customer.url

    open_dashboard(page, stripe_studio)
    one_place_is_cancelled_in_time(customer)
    with travel(entry.starts_at - timedelta(hours=2), tick=True):
        the_rest_is_cancelled_after_the_cut_off(customer, booking)
        the_studio_refunds_some_of_what_is_left(page)
        deliver_stripe_events()
        assert_books_balance()
    assert [(each.amount, each.reason, each.state) for each in Refund.objects.order_by("pk")] == [
        (1200, "customer", "done"),
        (1200, "customer", "done"),
        (500, "operator", "done"),
    ]


def one_place_is_cancelled_in_time(customer: Page) -> None:
    expect(
        customer.get_by_text("everything you paid will be refunded. After that, 50% of what you paid")
    ).to_be_visible()
    customer.get_by_role("link", name="Cancel Byron").click()
    expect(customer.get_by_text("The £12.00 you paid will be refunded to your card or account")).to_be_visible()
    assert list_problems(customer) == []
    customer.get_by_role("button", name="Cancel ticket").click()
    expect(customer.get_by_text(f"£12.00 {ON_ITS_WAY} {BANKS_TAKE_DAYS}")).to_be_visible()
    sweep_refunds()
    customer.reload()
    expect(customer.get_by_text("£12.00 was refunded on")).to_be_visible()
    expect(customer.get_by_role("row", name="Byron")).to_contain_text("Cancelled")
    letter = Letter.objects.filter(recipient=ADA).latest("pk")
    assert "- Byron: Drop-in – £12.00 will be refunded" in letter.text


def the_rest_is_cancelled_after_the_cut_off(customer: Page, booking: str) -> None:
    customer.goto(booking)
    customer.get_by_role("link", name="Cancel booking").click()
    expect(customer.get_by_text("£12.00 of the £24.00 you paid will be refunded to your card")).to_be_visible()
    expect(customer.get_by_text("After that, River Studio refunds 50% of the price.")).to_be_visible()
    customer.get_by_role("button", name="Cancel booking").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text("Evening Flow Cancelled")
    sweep_refunds()
    assert refunded() == [(3600, 2400)]


def the_studio_refunds_some_of_what_is_left(page: Page) -> None:
    open_menu(page, "Payments")
    page.get_by_role("link", name="Ada Lovelace").click()
    page.get_by_role("link", name="Refund payment", exact=True).click()
    expect(page.get_by_text("Ada Lovelace paid £36.00, and you can refund up to £12.00.")).to_be_visible()
    page.get_by_label("Amount").fill("5")
    page.get_by_label("Reason").fill("The heating was off.")
    page.get_by_role("button", name="Refund payment").click()
    expect(page.get_by_text(says.FIVE_POUNDS_REFUNDED)).to_be_visible()
    page.get_by_role("link", name="Refund payment", exact=True).click()
    page.get_by_label("Amount").fill("8")
    page.get_by_role("button", name="Refund payment").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter £7.00 or less. That’s all that’s left to refund.")
    assert list_problems(page) == []
    sweep_refunds()
    open_menu(page, "Payments")
    expect(page.get_by_role("row", name="Ada Lovelace")).to_contain_text("Partly refunded")
    assert (refunded(), list_letters()[-1]) == ([(3600, 2900)], "River Studio has refunded you £5.00")
    assert "Message from River Studio:\n\n> The heating was off." in Letter.objects.latest("pk").text


def test_an_entry_is_moved_and_called_off_and_somebody_is_booked_by_hand(
    page: Page, customer: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    entry = put_entry_on_sale(stripe_studio, "Evening Flow")
    fill_basket(customer, "Evening Flow")
    go_to_checkout(customer, "£12.00")
    pay_by_card(customer)
    expect_booked(customer)

    open_dashboard(page, stripe_studio)
    open_menu(page, "Schedule")
    page.get_by_role("link", name="Evening Flow").click()
    the_studio_books_for_somebody(page)
    it_moves_the_entry_and_both_are_told(page, entry)
    it_calls_the_entry_off(page)
    what_was_paid_goes_back(customer)
    deliver_stripe_events()
    assert_books_balance()


def the_studio_books_for_somebody(page: Page) -> None:
    page.get_by_role("link", name="Book for someone").click()
    page.get_by_role("textbox", name="Email address").fill(BEA)
    page.get_by_label("Name", exact=True).fill("Bea")
    expect(page.get_by_text("Drop-in · £12.00")).to_be_visible()
    page.get_by_label("Attendees").fill("Bea\nBen")
    page.get_by_role("main").get_by_role("button", name="Book spaces").click()
    expect(page.get_by_text(says.TWO_SPACES_BOOKED)).to_be_visible()
    expect(page.get_by_role("list", name="Attendees").get_by_role("listitem")).to_contain_text(
        ["Ada Lovelace", "Bea", "Ben"]
    )
    seats = newest_booking().seats
    assert (seats.count(), seats.filter(amount=0, payment=None).count()) == (2, 2)


def it_moves_the_entry_and_both_are_told(page: Page, entry: Entry) -> None:
    page.get_by_role("link", name="Edit entry").click()
    expect(page.get_by_text("3 spaces are taken.")).to_be_visible()
    moved = timezone.localtime(entry.starts_at, entry.account.zone) + timedelta(days=1)
    page.get_by_label("Date", exact=True).fill(moved.date().isoformat())
    page.get_by_label("Start", exact=True).fill("18:00")
    page.get_by_label("End", exact=True).fill("19:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("list", name="Attendees").get_by_role("listitem")).to_have_count(3)
    told = f"Changed: Evening Flow, now {moved.day} {moved:%B}, 18:00"
    assert (list_letters()[-1], list_letters(BEA)[-1]) == (told, told)
    assert refunded() == [(1200, 0)]


def it_calls_the_entry_off(page: Page) -> None:
    choose_action(page, "Actions for Evening Flow", "Cancel entry")
    expect(page.get_by_text("We refund £12.00 to 1 person who paid online.")).to_be_visible()
    expect(page.get_by_text(says.EMAIL_BOTH)).to_be_visible()
    assert list_problems(page) == []
    page.get_by_role("button", name="Cancel this entry").click()
    expect(page.get_by_text(says.ENTRY_CANCELLED)).to_be_visible()
    assert Seat.objects.filter(cancelled_at=None).count() == 0


def what_was_paid_goes_back(customer: Page) -> None:
    sweep_refunds()
    customer.reload()
    expect(customer.get_by_text(f"River Studio {HAS_CANCELLED}").first).to_be_visible()
    expect(customer.get_by_text("£12.00 was refunded on")).to_be_visible()
    letter = Letter.objects.filter(recipient=ADA).latest("pk")
    assert letter.subject.startswith("Cancelled: Evening Flow")
    assert "£12.00 will be refunded to the card or account you paid with" in letter.text
    assert "refunded" not in Letter.objects.filter(recipient=BEA).latest("pk").text
    assert refunded() == [(1200, 1200)]
