"""A membership alone is a basket of one: bought in one click, and no booking to anybody afterwards."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Letter
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe.shopper import ACCOUNT_PAYS, ACCOUNT_REFUSES_INCOMPLETE
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Price, Subscription, SubscriptionStatus
from offers.models import OfferKind
from tests.browsing import open_browser, page_text, submit_form
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory
from tests.sentences import WELCOME
from tests.tickets.public.basket import button_labels, shown_basket_version
from tests.worlds.dashboard import open_dashboard
from tests.worlds.gold_shop import GoldShop
from tests.worlds.till import person_of
from tickets.booking.hold import release_basket
from tickets.checkout.settling import settle_overdue, settle_purchase
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Payment, PaymentState, TicketCost

BASKET = "/river/basket/"


def wrong() -> list[str]:
    return [each.kind for each in check_books(now=timezone.now())]


def states() -> list[tuple[str, str, str]]:
    """Every basket with its payment, and its purchase."""
    return [
        (row.booking.state, row.state, row.booking.purchase.status if row.booking.purchase else "")
        for row in Payment.objects.select_related("booking__purchase").order_by("pk")
    ]


def silver(shop: GoldShop) -> Price:
    now = timezone.now()
    made = create_membership(shop.seller.account, MembershipDetails(title="Silver"), group=None, now=now)
    price = add_price(made, PriceTerms(title="Monthly", amount=2000), now=now)
    set_published(made, published=True)
    return price


def put_a_ticket_in(shop: GoldShop, client: Client) -> None:
    entry = EntryFactory.create(page=shop.seller.page, title="Stretch")
    ticket = TicketFactory.create(entry=entry, name="Drop-in", cost=TicketCost.COST, price=1200)
    submit_form(client, f"/river/entries/{entry.uuid}/book/?t{ticket.pk}=1")


def test_it_is_no_booking_in_any_list(shop: GoldShop) -> None:
    ada = shop.create_ada()
    sold = shop.sell(ada)
    booking = Booking.objects.get()
    at = open_dashboard(shop.seller.account)

    assert states() == [(BookingState.JOINED, PaymentState.PAID, SubscriptionStatus.ACTIVE)]
    assert (Payment.objects.get().amount, booking.seats.count(), wrong()) == (0, 0, [])
    assert [letter.kind for letter in Letter.objects.all()] == ["membership_started"]
    assert "No bookings yet" in page_text(at.get("bookings"))
    assert at.get("booking", pk=booking.pk).status_code == 404
    assert at.get("payment_list").context["payments"].rows == []
    assert b"".join(at.get("payments_csv")).decode().count("\n") == 1
    assert "Associated booking" not in page_text(at.get("subscription", pk=sold.pk))
    client = open_browser(ada)
    assert "You have a basket" not in client.get("/my/").content.decode()
    welcome = f"/river/memberships/bought/{sold.uuid}/"
    assert client.get(f"/my/bookings/{booking.uuid}/")["Location"] == welcome
    assert client.get(f"/my/bookings/{booking.uuid}/receipt/").status_code == 404


def test_while_it_is_in_a_basket_or_left_it_is_none_either(shop: GoldShop) -> None:
    ada, at = shop.create_ada(), open_dashboard(shop.seller.account)
    shop.seller.start_checkout(ada)

    assert at.get("bookings").context["bookings"].rows == []
    settle_overdue(Booking.objects.get().pk, now=timezone.now() + timedelta(hours=2))

    assert states() == [(BookingState.RELEASED, PaymentState.ABANDONED, "")]
    assert (at.get("bookings").context["bookings"].rows, wrong()) == ([], [])


def test_whoever_has_tickets_in_the_basket_sees_it_there(shop: GoldShop) -> None:
    client = open_browser(shop.create_ada())
    put_a_ticket_in(shop, client)

    answer = client.post(shop.gold, shop.price_form)

    basket = Booking.objects.get()
    assert (answer["Location"], basket.state) == (BASKET, BookingState.BASKET)
    assert basket.membership_price == shop.seller.price
    assert button_labels(client.get(BASKET))[-1] == "Pay £52.00"


def test_another_membership_in_the_basket_is_replaced(shop: GoldShop) -> None:
    client = open_browser(shop.create_ada())
    price = silver(shop)
    client.post(f"/river/memberships/{price.membership_id}/", {"price": price.uuid, "basket": ""})

    assert client.post(shop.gold, shop.price_form)["Location"].startswith(shop.seller.sandbox.url)

    assert Booking.objects.get().membership_price == shop.seller.price
    assert [purchase.membership.title for purchase in Subscription.objects.all()] == ["Gold"]


def test_another_membership_at_the_checkout_is_taken_back_first(shop: GoldShop) -> None:
    client = open_browser(shop.create_ada())
    price = silver(shop)
    first = client.post(f"/river/memberships/{price.membership_id}/", {"price": price.uuid})["Location"]

    second = client.post(shop.gold, shop.price_form)["Location"]

    assert first != second
    assert list(Subscription.objects.order_by("pk").values_list("membership__title", "status")) == [
        ("Silver", SubscriptionStatus.ABANDONED),
        ("Gold", SubscriptionStatus.PENDING),
    ]
    open_ones = shop.seller.stripe.checkout.sessions.list({"status": "open"}).data
    assert [session.url for session in open_ones] == [second]


def test_tickets_at_the_checkout_are_finished_first(shop: GoldShop) -> None:
    client = open_browser(shop.create_ada())
    put_a_ticket_in(shop, client)
    url = client.post(f"{BASKET}pay/", {"basket_version": shown_basket_version(client.get(BASKET))})["Location"]

    answer = client.post(shop.gold, shop.price_form)

    assert answer["Location"] == BASKET
    assert "Your basket is at the checkout." in page_text(client.get(BASKET))
    assert (client.post(f"{BASKET}pay/")["Location"], Subscription.objects.count()) == (url, 0)


def test_whoever_left_goes_on_from_the_basket_or_the_membership(shop: GoldShop) -> None:
    client = open_browser(shop.create_ada())
    url = client.post(shop.gold, shop.price_form)["Location"]
    left = shop.seller.sandbox.shopper.abandon(url).location
    assert left is not None

    page = client.get(left, follow=True)

    assert "You left the checkout, so you haven’t been charged." in page_text(page)
    assert client.post(f"{BASKET}pay/")["Location"] == url
    assert client.post(shop.gold, shop.price_form)["Location"] == url
    client.post(f"{BASKET}change/")
    assert button_labels(client.get(BASKET))[-1] == "Pay £40.00"
    assert client.post(shop.gold, shop.price_form)["Location"] != url
    assert wrong() == []


@pytest.mark.parametrize("trial", [0, 7])
@pytest.mark.parametrize("news", ["webhook", "return", "sweep"])
def test_it_begins_by_whichever_news_comes(
    shop: GoldShop, trial: int, news: str, process_stripe_events: Callable[[Connection], None]
) -> None:
    ada = shop.create_ada()
    Price.objects.update(trial_days=trial)
    shop.seller.price.refresh_from_db()
    _purchase, url = shop.seller.start_checkout(ada)
    back = shop.seller.sandbox.shopper.pay(url).location
    assert back is not None

    if news == "webhook":
        process_stripe_events(shop.seller.connection)
    elif news == "sweep":
        settle_overdue(Booking.objects.get().pk, now=timezone.now() + timedelta(minutes=61))

    assert WELCOME in page_text(open_browser(ada).get(back, follow=True))
    begun = SubscriptionStatus.TRIALING if trial else SubscriptionStatus.ACTIVE
    assert states() == [(BookingState.JOINED, PaymentState.PAID, begun)]
    assert ([letter.kind for letter in Letter.objects.all()], wrong()) == (["membership_started"], [])


@pytest.mark.parametrize("status", ["active", "incomplete", "incomplete_expired"])
def test_p3_a_way_to_pay_that_takes_days_is_as_stripe_says(shop: GoldShop, status: str) -> None:
    """The checkout is complete, the money on its way: the membership runs, waits for it, or never began."""
    Account.objects.update(accepts_bank_debits=True)
    purchase, url = shop.seller.start_checkout(shop.create_ada())
    shop.seller.sandbox.shopper.debit(url, ACCOUNT_PAYS if status == "active" else ACCOUNT_REFUSES_INCOMPLETE)
    if status == "incomplete_expired":
        shop.seller.sandbox.end_debits(paid=False)
        shop.seller.sandbox.advance("week")

    settle_purchase(purchase, now=timezone.now())

    assert states() == [
        {
            "active": (BookingState.JOINED, PaymentState.OPEN, "active"),
            "incomplete": (BookingState.JOINED, PaymentState.OPEN, "incomplete"),
            "incomplete_expired": (BookingState.RELEASED, PaymentState.ABANDONED, "incomplete_expired"),
        }[status]
    ]
    assert wrong() == []


def test_what_was_let_go_of_before_it_was_paid_is_bought_all_the_same(
    shop: GoldShop, process_stripe_events: Callable[[Connection], None]
) -> None:
    ada = shop.create_ada()
    _purchase, url = shop.seller.start_checkout(ada)
    release_basket(Booking.objects.get().pk, now=timezone.now(), when=BookingState.PAYING)
    back = shop.seller.sandbox.shopper.pay(url).location
    assert back is not None

    process_stripe_events(shop.seller.connection)

    assert WELCOME in page_text(open_browser(ada).get(back, follow=True))
    assert states() == [(BookingState.JOINED, PaymentState.PAID, SubscriptionStatus.ACTIVE)]
    assert ([letter.kind for letter in Letter.objects.all()], wrong()) == (["membership_started"], [])


def test_tickets_that_a_discount_makes_free_are_a_booking_with_it(shop: GoldShop) -> None:
    ada = shop.create_ada()
    client = open_browser(ada)
    group, page = shop.seller.membership.group, shop.seller.page
    OfferFactory.create(group=group, page=page, kind=OfferKind.DISCOUNT, percent=100)
    put_a_ticket_in(shop, client)
    client.post(shop.gold, shop.price_form)
    url = client.post(f"{BASKET}pay/", {"basket_version": shown_basket_version(client.get(BASKET))})["Location"]
    back = shop.seller.sandbox.shopper.pay(url).location
    assert back is not None

    answer = client.get(back)

    booking = Booking.objects.get()
    assert answer["Location"] == f"/my/bookings/{booking.uuid}/"
    assert states() == [(BookingState.BOOKED, PaymentState.PAID, SubscriptionStatus.ACTIVE)]
    at = open_dashboard(shop.seller.account)
    assert [row.booking for row in at.get("bookings").context["rows"]] == [booking]
    assert at.get("payment_list").context["payments"].rows == []
    assert wrong() == []


def test_the_login_finds_it_on_another_device(shop: GoldShop) -> None:
    ada = shop.create_ada()
    url = open_browser(ada).post(shop.gold, shop.price_form)["Location"]
    elsewhere = open_browser(ada)

    assert button_labels(elsewhere.get(BASKET)) == ["Continue to payment", "Reopen basket"]
    assert elsewhere.post(shop.gold, shop.price_form)["Location"] == url
    assert person_of(ada).user == Booking.objects.get().filled_by_id
