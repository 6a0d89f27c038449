"""Every way in which a payment goes, and goes wrong: on the sandbox's checkout, in a browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from time_machine import travel

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import ASKS_ALWAYS, DECLINED
from tests import dashboard_sentences as says
from tests.journeys.steps import (
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
from tests.sentences import (
    ALREADY_BOOKED,
    BANKS_TAKE_DAYS,
    BASKET_EXPIRED,
    HAS_CANCELLED,
    ON_ITS_WAY,
    SORRY_UNAVAILABLE,
)
from tests.worlds.new_studio import NewStudio
from tickets.models import BookingState, Payment, PaymentState
from tickets.tasks import sweep_baskets, sweep_refunds

pytestmark = pytest.mark.journey

News = Callable[[], None]
BASKET = "/river-studio/basket/"


def payments() -> list[tuple[str, int, int]]:
    """State, amount and what was refunded, oldest first."""
    return list(Payment.objects.order_by("pk").values_list("state", "amount", "refunded"))


def expect_basket(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Your basket")


def test_a_card_is_declined_a_bank_asks_and_a_checkout_is_left(
    page: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    another_card_works_after_one_was_declined_and_the_bank_asked(page)
    who_left_the_checkout_goes_on_or_changes_the_basket(page)
    deliver_stripe_events()
    assert payments() == [(PaymentState.PAID, 1200, 0), (PaymentState.ABANDONED, 2400, 0), (PaymentState.PAID, 1200, 0)]
    assert_books_balance()


def another_card_works_after_one_was_declined_and_the_bank_asked(page: Page) -> None:
    fill_basket(page, "Evening Flow")
    go_to_checkout(page, "£12.00")
    pay_by_card(page, DECLINED)
    expect(page.get_by_text("Your card was declined.")).to_be_visible()
    pay_by_card(page, ASKS_ALWAYS)
    page.get_by_role("button", name="Fail authentication").click()
    expect(page.get_by_text("We are unable to authenticate your payment method.")).to_be_visible()
    assert newest_booking().state == BookingState.PAYING
    pay_by_card(page, ASKS_ALWAYS)
    page.get_by_role("button", name="Complete authentication").click()
    expect_booked(page)


def who_left_the_checkout_goes_on_or_changes_the_basket(page: Page) -> None:
    fill_basket(page, "Evening Flow", "Byron", again=True)
    checkout = go_to_checkout(page, "£24.00")
    page.get_by_role("button", name="Back to the shop").click()
    expect(page.get_by_text("You left the checkout, so you haven’t been charged.")).to_be_visible()
    assert list_problems(page) == []
    page.get_by_role("button", name="Continue to payment").click()
    expect(page).to_have_url(checkout)
    page.get_by_role("button", name="Back to the shop").click()
    page.get_by_role("button", name="Reopen basket").click()
    page.get_by_role("button", name="Remove Byron, Evening Flow").click()
    expect(page.get_by_text("Byron", exact=True)).to_have_count(0)
    go_to_checkout(page, "£12.00")
    pay_by_card(page)
    expect_booked(page)


def test_one_basket_in_three_tabs_is_paid_once(
    page: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    fill_basket(page, "Evening Flow")
    second, third = page.context.new_page(), page.context.new_page()
    second.goto(BASKET)
    third.goto(BASKET)
    assert go_to_checkout(page, "£12.00") == go_to_checkout(second, "£12.00")
    pay_by_card(page)
    expect_booked(page)
    pay_by_card(second)
    expect(second.get_by_text("This checkout is complete.")).to_be_visible()
    third.get_by_role("button", name="Pay £12.00").click()
    expect(third.get_by_text(ALREADY_BOOKED)).to_be_visible()
    deliver_stripe_events()
    assert payments() == [(PaymentState.PAID, 1200, 0)]
    assert len(list_letters()) == 1
    assert_books_balance()


def test_the_webhook_comes_late_first_or_never(
    page: Page, stripe_studio: NewStudio, stripe_here: Sandbox, deliver_stripe_events: News
) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    it_comes_late_and_finds_the_booking_done(page, deliver_stripe_events)
    it_comes_first_when_the_customer_is_slow_to_come_back(page, stripe_here, deliver_stripe_events)
    it_never_comes_and_the_sweep_finds_it_paid(page, stripe_here)
    assert payments() == [(PaymentState.PAID, 1200, 0)] * 3
    assert len(list_letters()) == 3
    assert_books_balance()


def it_comes_late_and_finds_the_booking_done(page: Page, deliver_stripe_events: News) -> None:
    fill_basket(page, "Evening Flow")
    go_to_checkout(page, "£12.00")
    pay_by_card(page)
    expect_booked(page)
    deliver_stripe_events()
    page.reload()
    expect(page.get_by_role("rowheader")).to_have_text(["Ada Lovelace"])
    assert len(list_letters()) == 1


def it_comes_first_when_the_customer_is_slow_to_come_back(
    page: Page, stripe_here: Sandbox, deliver_stripe_events: News
) -> None:
    fill_basket(page, "Evening Flow", again=True)
    back = stripe_here.shopper.pay(go_to_checkout(page, "£12.00")).location
    assert back is not None
    assert newest_booking().state == BookingState.PAYING
    deliver_stripe_events()
    assert newest_booking().state == BookingState.BOOKED
    page.goto(back)
    expect_booked(page)


def it_never_comes_and_the_sweep_finds_it_paid(page: Page, stripe_here: Sandbox) -> None:
    stripe_here.arm("drop", times=1_000)
    fill_basket(page, "Evening Flow", again=True)
    stripe_here.shopper.pay(go_to_checkout(page, "£12.00"))
    with travel(timezone.now() + timedelta(minutes=16), tick=True):
        sweep_baskets()
        assert newest_booking().state == BookingState.BOOKED
        page.goto(BASKET)
        expect(page.get_by_text(ALREADY_BOOKED)).to_be_visible()


def test_the_time_is_up_at_the_checkout_and_it_is_held_again(
    page: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    entry = put_entry_on_sale(stripe_studio, "Evening Flow")
    fill_basket(page, "Evening Flow", "Byron")
    go_to_checkout(page, "£24.00")
    with travel(timezone.now() + timedelta(minutes=16), tick=True):
        sweep_baskets()
        entry.places.refresh_from_db()
        assert (newest_booking().state, entry.places.taken) == (BookingState.RELEASED, 0)
        pay_by_card(page)
        expect(page.get_by_text("This checkout is expired.")).to_be_visible()
        page.goto(BASKET)
        expect(page.get_by_role("heading", level=1)).to_have_text(BASKET_EXPIRED)
        assert list_problems(page) == []
        page.get_by_role("button", name="Restore basket").click()
        expect_basket(page)
        go_to_checkout(page, "£24.00")
        pay_by_card(page)
        expect_booked(page)
        deliver_stripe_events()
        assert payments() == [(PaymentState.ABANDONED, 2400, 0), (PaymentState.PAID, 2400, 0)]
        assert_books_balance()


def test_what_the_studio_changes_while_somebody_pays(
    page: Page, customer: Page, stripe_studio: NewStudio, deliver_stripe_events: News
) -> None:
    put_entry_on_sale(stripe_studio, "Evening Flow")
    put_entry_on_sale(stripe_studio, "Morning Flow", 1000)
    open_dashboard(page, stripe_studio)
    fill_basket(customer, "Evening Flow")
    fill_basket(customer, "Morning Flow")
    the_price_changes_and_is_told_before_it_is_paid(page, customer)
    the_entry_is_cancelled_while_the_card_is_typed(page, customer)
    the_customer_has_an_apology_and_the_rest(customer)
    the_money_goes_back_by_itself(customer)
    deliver_stripe_events()
    assert_books_balance()


def the_price_changes_and_is_told_before_it_is_paid(page: Page, customer: Page) -> None:
    open_menu(page, "Schedule")
    page.get_by_role("link", name="Morning Flow").click()
    page.get_by_role("link", name="Tickets & Costs").click()
    choose_action(page, "Actions for Drop-in", "Edit ticket")
    page.get_by_label("Price", exact=True).fill("11")
    page.get_by_role("button", name="Save").click()
    customer.get_by_role("button", name="Pay £22.00").click()
    alert = customer.get_by_role("alert")
    expect(alert).to_contain_text("Your basket has changed. You haven’t been charged. Check it, then confirm again.")
    expect(alert).to_contain_text("“Morning Flow” for Ada Lovelace: the price has gone up from £10.00 to £11.00.")
    assert payments() == []


def the_entry_is_cancelled_while_the_card_is_typed(page: Page, customer: Page) -> None:
    go_to_checkout(customer, "£23.00")
    open_menu(page, "Schedule")
    page.get_by_role("link", name="Evening Flow").click()
    choose_action(page, "Actions for Evening Flow", "Cancel entry")
    expect(
        page.get_by_text("Late payments are refunded automatically, and we email the customer an apology.")
    ).to_be_visible()
    page.get_by_role("button", name="Cancel this entry").click()
    expect(page.get_by_text(says.ENTRY_CANCELLED)).to_be_visible()


def the_customer_has_an_apology_and_the_rest(customer: Page) -> None:
    pay_by_card(customer)
    expect(customer.get_by_role("heading", level=1)).to_have_text("We’re sorry")
    expect(customer.get_by_text("We’ve refunded £12.00.")).to_be_visible()
    expect(customer.get_by_text(f"River Studio {HAS_CANCELLED}")).to_be_visible()
    assert list_problems(customer) == []
    assert list_letters()[-1] == SORRY_UNAVAILABLE
    expect(customer.get_by_role("link", name="Find another event")).to_be_visible()
    customer.get_by_role("link", name="See your booking").click()
    expect(customer.get_by_text(f"£12.00 {ON_ITS_WAY} {BANKS_TAKE_DAYS}")).to_be_visible()


def the_money_goes_back_by_itself(customer: Page) -> None:
    sweep_refunds()
    customer.reload()
    expect(customer.get_by_text("£12.00 was refunded on")).to_be_visible()
    assert payments() == [(PaymentState.PAID, 2300, 1200)]
