"""Coming back from Stripe: paid, declined, left, gone meanwhile, and Stripe that does not answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe.shopper import ASKS_ALWAYS, DECLINED
from tests.browsing import open_browser, page_text
from tests.sentences import BASKET_EXPIRED, BOOKED_AND_EMAILED, HAS_CANCELLED
from tests.tickets.public.basket import basket_cookie_of, basket_path, button_labels, open_browser_with_basket
from tests.worlds.till import Till, open_till, payment_of
from tickets.booking.hold import release_basket
from tickets.checkout.settling import settle_payment
from tickets.models import Booking, BookingState, Refund, RefundReason
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def basket(till: Till) -> Booking:
    entry = till.entry(title="Morning yoga")
    return till.fill(entry, till.ticket(entry, 1200))


def back(till: Till, basket: Booking, how: str = "paid") -> str:
    return f"{basket_path(till)}?{how}={basket.uuid}"


def page_of(basket: Booking) -> str:
    return f"/my/bookings/{basket.uuid}/"


@pytest.mark.parametrize("news", ["late", "early", "never"])
def test_what_was_paid_is_booked_and_shown(
    till: Till, basket: Booking, news: str, process_stripe_events: Callable[[Connection], None]
) -> None:
    client, shopper = open_browser_with_basket(basket), till.seller.sandbox.shopper
    shopper.pay(till.check_out(basket))
    if news == "early":
        process_stripe_events(till.seller.connection)
    for _twice in range(2):
        answer = client.get(back(till, basket))
        assert (answer.status_code, answer["Location"]) == (303, page_of(basket))
    if news == "late":
        process_stripe_events(till.seller.connection)
    basket.refresh_from_db()
    assert (basket.state, payment_of(basket).amount, basket_cookie_of(client, basket)) == (
        BookingState.BOOKED,
        1200,
        "",
    )
    told = f"{BOOKED_AND_EMAILED} {basket.customer.email}."
    assert told in page_text(client.get(page_of(basket)))


def test_the_banks_question_is_answered_on_the_way(till: Till, basket: Booking) -> None:
    shopper, url = till.seller.sandbox.shopper, till.check_out(basket)
    asked = shopper.pay(url, ASKS_ALWAYS).location
    assert asked is not None
    shopper.authenticate(asked if asked.startswith("http") else f"{till.seller.sandbox.url}{asked}")
    assert open_browser_with_basket(basket).get(back(till, basket))["Location"] == page_of(basket)


def test_another_basket_that_is_carried_by_then_stays(till: Till, basket: Booking) -> None:
    till.pay(basket)
    entry = till.entry()
    other = till.fill(entry, till.ticket(entry))
    client = open_browser_with_basket(other)
    assert client.get(back(till, basket))["Location"] == page_of(basket)
    assert basket_cookie_of(client, other) == str(other.uuid)


def test_while_stripe_says_nothing_the_page_waits_and_asks_again(till: Till, basket: Booking) -> None:
    client = open_browser_with_basket(basket)
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    till.seller.sandbox.arm("error", times=20)
    page = client.get(back(till, basket))
    assert (page.status_code, page["Refresh"], button_labels(page)) == (
        200,
        "10",
        ["Check again", "I haven’t paid yet"],
    )
    assert "Confirming your payment… If you’ve paid, your payment is safe with Stripe" in page_text(page)
    till.seller.sandbox.platform.faults.clear()
    till.seller.sandbox.arm("drop", times=1_000_000)
    assert client.get(back(till, basket))["Location"] == page_of(basket)


def test_whoever_says_they_paid_but_did_not_waits(till: Till, basket: Booking) -> None:
    till.check_out(basket)
    assert open_browser_with_basket(basket).get(back(till, basket)).status_code == 200
    basket.refresh_from_db()
    assert basket.state == BookingState.PAYING


def test_a_declined_card_leads_back_to_the_basket_with_what_to_do(till: Till, basket: Booking) -> None:
    client, shopper = open_browser_with_basket(basket), till.seller.sandbox.shopper
    url = till.check_out(basket)
    shopper.pay(url, DECLINED)
    assert shopper.abandon(url).location == f"{settings.SITE_URL}{back(till, basket, 'left')}"
    answer = client.get(back(till, basket, "left"))
    assert (answer.status_code, answer["Location"]) == (303, basket_path(till))
    page = client.get(basket_path(till))
    assert (
        "You left the checkout, so you haven’t been charged. Continue to payment, with a different card if yours was "
        "declined, or reopen your basket."
    ) in page_text(page)
    assert button_labels(page) == ["Continue to payment", "Reopen basket"]


def test_whoever_left_after_it_was_paid_comes_to_the_booking(till: Till, basket: Booking) -> None:
    till.pay(basket)
    answer = open_browser_with_basket(basket).get(back(till, basket, "left"))
    assert answer["Location"] == page_of(basket)


def test_the_page_of_a_basket_that_the_webhook_booked_leads_to_the_booking(till: Till, basket: Booking) -> None:
    till.pay(basket)
    client = open_browser_with_basket(basket)
    assert client.get(basket_path(till))["Location"] == page_of(basket)
    assert "Your basket is empty" in page_text(client.get(basket_path(till)))


def test_what_was_gone_when_it_was_paid_is_refunded_with_an_apology(till: Till, basket: Booking) -> None:
    other = till.entry(title="Stretch")
    till.fill(other, till.ticket(other, 700), basket=basket)
    client, url = open_browser_with_basket(basket), till.check_out(basket)
    cancel_entry(other, now=timezone.now())
    till.seller.sandbox.shopper.pay(url)
    for _twice in range(2):
        page = client.get(back(till, basket))
        told = page_text(page)
        assert "Some of your spaces were taken before your payment arrived. We’ve refunded you for those." in told
        assert "We’ve refunded £7.00. It will reach the card or account you paid with in five to ten days." in told
        assert f"{till.account.name} {HAS_CANCELLED} £7.00" in told
        assert "Morning yoga" not in told
        assert button_labels(page) == ["See your booking", "Find another event"]
    assert Refund.objects.get().amount == 700


def test_where_all_of_it_was_gone_there_is_another_date(till: Till, basket: Booking) -> None:
    url = till.check_out(basket)
    cancel_entry(basket.seats.get().entry, now=timezone.now())
    till.seller.sandbox.shopper.pay(url)
    page = open_browser_with_basket(basket).get(back(till, basket))
    assert "Your spaces were taken before your payment arrived. We’ve refunded you in full." in page_text(page)
    assert "We’ve refunded £12.00." in page_text(page)
    assert (button_labels(page), Refund.objects.get().reason) == (["Find another event"], RefundReason.TOO_LATE)


def test_what_was_let_go_of_before_it_was_paid_is_refunded(till: Till, basket: Booking) -> None:
    url = till.check_out(basket)
    release_basket(basket.pk, now=timezone.now(), when=BookingState.PAYING)
    till.seller.sandbox.shopper.pay(url)
    page = open_browser_with_basket(basket).get(back(till, basket))
    assert "We’ve refunded £12.00." in page_text(page)
    assert "No longer available Morning yoga" in page_text(page)


@pytest.mark.parametrize("secret", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_secret_is_not_found(till: Till, secret: str) -> None:
    assert Client().get(f"{basket_path(till)}?paid={secret}").status_code == 404
    assert Client().get(f"{basket_path(till)}?left={secret}")["Location"] == basket_path(till)


def test_whoever_leaves_a_checkout_that_another_tab_took_back_comes_to_the_basket(till: Till, basket: Booking) -> None:
    client, left = open_browser_with_basket(basket), back(till, basket, "left")
    till.check_out(basket)
    client.post(basket_path(till, "change/"))
    assert client.get(left)["Location"] == basket_path(till)
    assert button_labels(client.get(basket_path(till)))[-1] == "Pay £12.00"


def test_a_basket_of_another_account_or_another_login_is_not_found(till: Till, basket: Booking) -> None:
    elsewhere = open_till(till.seller.sandbox)
    assert Client().get(back(elsewhere, basket)).status_code == 404
    entry = till.entry()
    theirs = till.fill(entry, till.ticket(entry), customer=till.customer_with_login())
    assert open_browser(till.customer_with_login()).get(back(till, theirs)).status_code == 404
    assert open_browser(theirs.customer).get(back(till, theirs))["Location"] == basket_path(till)


def test_the_return_in_another_browser_than_the_one_that_left_is_right_too(till: Till, basket: Booking) -> None:
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    assert Client().get(back(till, basket))["Location"] == page_of(basket)


def test_a_checkout_whose_time_was_up_ends_when_the_page_is_looked_at(till: Till, basket: Booking) -> None:
    till.check_out(basket)
    Booking.objects.filter(pk=basket.pk).update(held_until=timezone.now() - timedelta(minutes=1))
    assert BASKET_EXPIRED in page_text(open_browser_with_basket(basket).get(basket_path(till)))
    basket.refresh_from_db()
    assert basket.state == BookingState.RELEASED


def test_the_time_of_what_stripe_says_nothing_of_goes_on(till: Till, basket: Booking) -> None:
    till.check_out(basket)
    Booking.objects.filter(pk=basket.pk).update(held_until=timezone.now() - timedelta(minutes=1))
    till.seller.sandbox.arm("error", times=20)
    assert button_labels(open_browser_with_basket(basket).get(basket_path(till))) == [
        "Continue to payment",
        "Reopen basket",
    ]


def test_settling_twice_at_one_instant_books_once(till: Till, basket: Booking) -> None:
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    payment = payment_of(basket)
    assert open_browser_with_basket(basket).get(back(till, basket))["Location"] == page_of(basket)
    settle_payment(payment, now=timezone.now())
    assert (Refund.objects.count(), basket.seats.filter(cancelled_at=None).count()) == (0, 1)
