"""Buying what is in the basket: on to Stripe or booked at once, what changed meanwhile, and what Stripe refuses."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from memberships.catalogue import set_published
from memberships.models import Price, Subscription
from memberships.sync import sync_subscription
from tests.browsing import open_browser, page_text
from tests.sentences import ALREADY_BOOKED, BASKET_EXPIRED, BOOKED_AND_EMAILED, HAS_CANCELLED, MEMBERSHIP_NOT_ON_SALE
from tests.tickets.public.basket import (
    basket_cookie_of,
    basket_path,
    button_labels,
    open_browser_with_basket,
    shown_basket_version,
)
from tests.worlds.till import Till, payment_of, person_of
from tickets.booking.hold import release_basket
from tickets.checkout.basket import add_membership, remove_tickets
from tickets.models import Booking, BookingState, Entry, Payment, PaymentState, Seat, Ticket
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


def open_basket(till: Till, price: int = 1200) -> tuple[Booking, Client, str]:
    """A basket with one ticket, the browser that carries it, and what its page shows."""
    entry = till.entry(title="Morning yoga")
    basket = till.fill(entry, till.ticket(entry, price))
    client = open_browser_with_basket(basket)
    return basket, client, shown_basket_version(client.get(basket_path(till)))


def test_paying_leads_to_stripe_and_a_second_click_to_the_same_checkout(till: Till) -> None:
    basket, client, shown = open_basket(till)
    answers = [client.post(basket_path(till, "pay/"), {"basket_version": shown}) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert answers[0]["Location"].startswith(till.seller.sandbox.url)
    assert (basket.payments.count(), payment_of(basket).amount) == (1, 1200)


@pytest.mark.parametrize(
    "sent",
    ["9" * 5000 + ":1:1", "1:" + "9" * 5000 + ":1", "m" + "9" * 30 + ":1", "٣:1:1", "²:1:1", "1:1:1," * 9000, "\0"],
)
def test_a_basket_that_no_page_showed_is_charged_to_nobody(till: Till, sent: str) -> None:
    basket, client, _shown = open_basket(till)
    answer = client.post(basket_path(till, "pay/"), {"basket_version": sent})
    assert (answer.status_code, basket.payments.count()) == (409, 0)
    assert "Your basket has changed. You haven’t been charged. Check it, then confirm again." in page_text(answer)


def test_what_costs_nothing_is_booked_at_once_and_once(till: Till) -> None:
    basket, client, shown = open_basket(till, 0)
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    booking = f"/my/bookings/{basket.uuid}/"
    assert (answer.status_code, answer["Location"], basket_cookie_of(client, basket)) == (303, booking, "")
    told = f"{BOOKED_AND_EMAILED} {basket.customer.email}."
    assert told in page_text(client.get(booking))
    # The second of two clicks, which went out without the cookie.
    again = Client().post(basket_path(till, "pay/"), {"basket_version": shown, "basket": str(basket.uuid)})
    assert again["Location"] == booking
    assert Seat.objects.count() == 1


def test_whoever_has_no_basket_comes_to_the_empty_page(till: Till) -> None:
    for address in ("pay/", "change/", "remove/", "empty/", "membership/", "again/"):
        assert Client().post(basket_path(till, address))["Location"] == basket_path(till)
    assert Client().post(basket_path(till, "pay/"), {"basket": "nonsense"})["Location"] == basket_path(till)


def raise_price(entry: Entry, _till: Till) -> None:
    Ticket.objects.filter(series=entry.series).update(price=1400)


def lower_price(entry: Entry, _till: Till) -> None:
    Ticket.objects.filter(series=entry.series).update(price=1000)


def move_entry(entry: Entry, _till: Till) -> None:
    hours = timedelta(hours=2)
    Entry.objects.filter(pk=entry.pk).update(starts_at=entry.starts_at + hours, ends_at=entry.ends_at + hours)


@pytest.mark.parametrize(
    ("change", "sentence", "label"),
    [
        (raise_price, "the price has gone up from £12.00 to £14.00.", "Pay £14.00"),
        (lower_price, "the price has gone down from £12.00 to £10.00.", "Pay £10.00"),
        (
            move_entry,
            "this has moved to Friday 18 January 2030, 14:00. It was Friday 18 January 2030, 12:00.",
            "Pay £12.00",
        ),
    ],
)
def test_what_changed_meanwhile_is_told_before_anything_is_paid(
    till: Till, change: Callable[[Entry, Till], None], sentence: str, label: str
) -> None:
    basket, client, shown = open_basket(till)
    change(basket.seats.get().entry, till)
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    assert answer.status_code == 409
    assert (
        "Your basket has changed. You haven’t been charged. Check it, then confirm again."
        f" “Morning yoga” for Attendee 0: {sentence}"
    ) in page_text(answer)
    assert button_labels(answer)[-1] == label
    assert Payment.objects.count() == 0
    assert client.post(basket_path(till, "pay/"), {"basket_version": shown_basket_version(answer)}).status_code == 303


def test_what_was_cancelled_meanwhile_is_told_and_the_rest_can_be_bought(till: Till) -> None:
    basket, client, _shown = open_basket(till)
    other = till.entry(title="Stretch")
    till.fill(other, till.ticket(other, 700), basket=basket)
    shown = shown_basket_version(client.get(basket_path(till)))
    cancel_entry(other, now=timezone.now())
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    assert f"“Stretch” for Attendee 0: {till.account.name} {HAS_CANCELLED}" in page_text(answer)
    assert (answer.status_code, button_labels(answer)[-1]) == (409, "Pay £12.00")


def test_a_basket_that_lost_everything_says_what_it_was(till: Till) -> None:
    basket, client, shown = open_basket(till)
    cancel_entry(basket.seats.get().entry, now=timezone.now())
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    assert (answer.status_code, button_labels(answer)) == (409, ["See what’s on"])
    assert f"“Morning yoga” for Attendee 0: {till.account.name} {HAS_CANCELLED}" in page_text(answer)
    empty = client.post(basket_path(till, "pay/"), {"basket_version": ""})
    assert empty.status_code == 409
    assert "Your basket is empty. Choose something from the schedule." in page_text(empty)


def test_a_page_of_another_tab_is_told_what_was_removed_and_added(till: Till) -> None:
    basket, client, shown = open_basket(till)
    entry = till.entry(title="Stretch")
    till.fill(entry, till.ticket(entry, 700), basket=basket)
    remove_tickets(basket, [basket.seats.order_by("pk")[0].pk], person_of(basket.customer), now=timezone.now())
    told = page_text(client.post(basket_path(till, "pay/"), {"basket_version": shown}))
    assert "“Morning yoga” for Attendee 0: this is no longer in your basket." in told
    assert "“Stretch” for Attendee 0: this has been added." in told


@pytest.mark.parametrize("made_up", ["", "1:2:3,x:y", "m99:1", "999999999999:1:999999999999", "²:1:1", "::::,,"])
def test_what_somebody_made_up_is_no_error(till: Till, made_up: str) -> None:
    _basket, client, _shown = open_basket(till)
    assert client.post(basket_path(till, "pay/"), {"basket_version": made_up}).status_code == 409


def test_a_membership_that_is_no_longer_sold_leaves_the_basket(till: Till) -> None:
    customer = till.customer_with_login()
    basket = add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    client = open_browser(customer)
    shown = shown_basket_version(client.get(basket_path(till)))
    set_published(till.seller.membership, published=False)
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    assert answer.status_code == 409
    assert (
        f"{MEMBERSHIP_NOT_ON_SALE} Gold: this membership is no longer in your "
        f"basket. {till.account.name} may have stopped selling it."
    ) in page_text(answer)
    assert basket.payments.count() == 0


def test_a_membership_that_was_bought_in_another_tab_is_not_bought_again(till: Till) -> None:
    customer = till.customer_with_login()
    add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    client = open_browser(customer)
    shown = shown_basket_version(client.get(basket_path(till)))
    bought = till.seller.sell(customer)
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    assert answer["Location"] == f"/{till.page.slug}/memberships/bought/{bought.uuid}/"
    assert Subscription.objects.count() == 1


def test_a_membership_that_the_studio_gave_meanwhile_is_not_bought_again(till: Till) -> None:
    customer = till.customer_with_login(email="bea@example.org")
    basket = add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    till.seller.sell()  # so that Stripe has the price
    till.seller.price.refresh_from_db()
    client = open_browser(customer)
    shown = shown_basket_version(client.get(basket_path(till)))
    sync_subscription(till.account, till.seller.subscribe_at_stripe(), now=timezone.now())
    told = page_text(client.post(basket_path(till, "pay/"), {"basket_version": shown}))
    assert (
        "You already have this membership, so we’ve removed it from your basket. You haven’t been charged."
        " Gold: you already have this membership, so it’s no longer in your basket."
    ) in told
    assert basket.payments.count() == 0


def test_stripe_is_down(till: Till) -> None:
    basket, client, shown = open_basket(till)
    till.seller.sandbox.arm("error", times=20)
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    assert answer.status_code == 503
    assert "We can’t reach Stripe, which handles payments, at the moment. Nothing has been changed or charged. Try" in (
        page_text(answer)
    )
    basket.refresh_from_db()
    assert (basket.state, button_labels(answer)[-1]) == (BookingState.BASKET, "Pay £12.00")


def test_the_studio_is_not_connected_any_more(till: Till) -> None:
    _basket, client, shown = open_basket(till)
    till.account.connection = None
    till.account.save()
    answer = client.post(basket_path(till, "pay/"), {"basket_version": shown})
    name = till.account.name
    assert answer.status_code == 503
    assert (
        f"{name} can’t take payments at the moment. You haven’t been charged, and we’re still holding your basket."
        f" Contact {name} ({till.account.contact}) to book."
    ) in page_text(answer)


def test_what_stripe_refuses_is_told_with_what_may_help(till: Till) -> None:
    customer = till.customer_with_login()
    add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    client = open_browser(customer)
    till.seller.sell()  # so that Stripe has the price
    till.seller.price.refresh_from_db()
    till.seller.membership.refresh_from_db()
    once = till.seller.stripe.prices.create(
        {"product": till.seller.membership.product, "unit_amount": 4000, "currency": "gbp"}
    )
    Price.objects.update(stripe_id=once.id)  # nobody can subscribe to what is sold once
    answer = client.post(
        basket_path(till, "pay/"), {"basket_version": shown_basket_version(client.get(basket_path(till)))}
    )
    assert answer.status_code == 409
    assert (
        "Stripe couldn’t take this payment. You haven’t been charged."
        f" Contact {till.account.name} ({till.account.contact}) to book."
    ) in page_text(answer)


def test_whoever_left_the_checkout_goes_on_or_changes_the_basket(till: Till) -> None:
    basket, client, shown = open_basket(till)
    url = client.post(basket_path(till, "pay/"), {"basket_version": shown})["Location"]
    page = client.get(basket_path(till))
    assert "You haven’t paid yet. Continue to payment, or reopen your basket to change it." in page_text(page)
    assert button_labels(page) == ["Continue to payment", "Reopen basket"]
    assert client.post(basket_path(till, "pay/"))["Location"] == url
    assert client.post(basket_path(till, "remove/"), {"seat": basket.seats.get().uuid})["Location"] == basket_path(till)
    assert "Your basket is at the checkout. Choose “Reopen basket” first." in page_text(client.get(basket_path(till)))
    for _twice in range(2):
        assert client.post(basket_path(till, "change/"))["Location"] == basket_path(till)
    assert button_labels(client.get(basket_path(till)))[-1] == "Pay £12.00"
    assert list(basket.payments.values_list("state", flat=True)) == [PaymentState.ABANDONED]


@pytest.mark.parametrize("address", ["pay/", "change/"])
def test_what_was_paid_meanwhile_in_another_tab_leads_to_the_booking(till: Till, address: str) -> None:
    basket, client, shown = open_basket(till)
    till.seller.sandbox.shopper.pay(client.post(basket_path(till, "pay/"), {"basket_version": shown})["Location"])
    answer = client.post(basket_path(till, address))
    assert answer["Location"] == f"/my/bookings/{basket.uuid}/"
    assert ALREADY_BOOKED in page_text(client.get(answer["Location"]))
    basket.refresh_from_db()
    assert basket.state == BookingState.BOOKED


def test_the_basket_stays_at_the_checkout_while_stripe_cannot_end_it(till: Till) -> None:
    basket, client, shown = open_basket(till)
    client.post(basket_path(till, "pay/"), {"basket_version": shown})
    till.seller.sandbox.arm("error", times=20)
    assert client.post(basket_path(till, "change/"))["Location"] == basket_path(till)
    basket.refresh_from_db()
    assert basket.state == BookingState.PAYING
    assert "We can’t reach Stripe" in page_text(client.get(basket_path(till)))


def test_a_basket_whose_time_was_up_is_not_paid_for(till: Till) -> None:
    basket, client, shown = open_basket(till)
    release_basket(basket.pk, now=timezone.now())
    assert client.post(basket_path(till, "pay/"), {"basket_version": shown})["Location"] == basket_path(till)
    assert BASKET_EXPIRED in page_text(client.get(basket_path(till)))
