"""Where the checkout leads back to: right whether the webhook came early, late, twice or never."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Letter
from accounts.public.phrases import format_day
from bookwhen.sandbox.stripe.shopper import DECLINED
from groups.queries import members_of
from memberships.catalogue import PriceTerms, add_price, set_published
from memberships.models import Subscription, SubscriptionStatus
from tests.browsing import form_fields, open_browser, page_text
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import OfferFactory, TicketFactory
from tests.memberships.public.test_views import GIFT, ahead
from tests.sentences import NOT_CHARGED_AGAIN, WELCOME
from tests.worlds.gold_shop import GoldShop
from tickets.models import Booking

OPEN = (
    "You haven’t paid yet Gold You haven’t been charged. Your checkout is still open, so you can pick up where you "
    "left off. "
    "Continue to payment View membership"
)
LEFT = (
    "You haven’t joined Gold The payment wasn’t completed in time, so you haven’t been charged. You can start again "
    "whenever you like. Start again"
)
UNKNOWN = (
    "We’re still waiting for Stripe Gold We can’t reach Stripe at the moment. If you’ve paid, your payment is safe "
    "with Stripe and you don’t need to pay again. We’ll check again automatically, and email you as soon as your "
    "membership starts. Check again"
)


def path(purchase: Subscription) -> str:
    return f"/river/memberships/bought/{purchase.uuid}/"


def welcome(shop: GoldShop, purchase: Subscription) -> str:
    purchase.refresh_from_db()
    due = format_day(purchase.period_end, shop.seller.account)
    return (
        f"{WELCOME} Gold Your membership Active {GIFT} Next payment: £40.00 on {due} Manage "
        "membership "
        f"You can book these now {ahead(shop)}"
    )


@pytest.mark.parametrize("webhook", ["never", "before", "after", "twice"])
def test_who_paid_is_in_whatever_the_webhook_did(shop: GoldShop, webhook: str) -> None:
    ada = shop.create_ada()
    purchase, url = shop.seller.start_checkout(ada)
    back = shop.seller.sandbox.shopper.pay(url).location
    assert back == f"http://testserver/river/basket/?paid={Booking.objects.get().uuid}"
    begun = shop.seller.stripe.checkout.sessions.retrieve(purchase.session).subscription
    client = open_browser(ada)

    def hear() -> None:
        shop.seller.sync_subscription(Subscription(stripe_id=begun))

    if webhook in {"before", "twice"}:
        hear()
    first = client.get(back, follow=True)
    if webhook in {"after", "twice"}:
        hear()
    second = client.get(path(purchase))

    assert first.redirect_chain == [(path(purchase), 303)]
    assert (first.status_code, page_text(first), page_text(second)) == (
        200,
        welcome(shop, purchase),
        welcome(shop, purchase),
    )
    assert [member.customer for member in members_of(shop.seller.membership.group, now=timezone.now())] == [ada]
    assert [letter.kind for letter in Letter.objects.all()] == ["membership_started"]


def test_a_trial_says_when_the_first_payment_is(shop: GoldShop) -> None:
    ada = shop.create_ada()
    price = add_price(shop.seller.membership, PriceTerms(title="Try", amount=500, trial_days=7), now=timezone.now())
    sold = shop.sell(ada, price=price)

    said = page_text(open_browser(ada).get(path(sold)))

    until = format_day(sold.trial_end, shop.seller.account)
    assert f"Your membership On trial until {until} " in said
    assert f" First payment: £5.00 on {until} Manage membership" in said


def test_hidden_tickets_are_named_to_the_new_member(shop: GoldShop) -> None:
    ticket = TicketFactory.create(entry=shop.entry, group=shop.seller.membership.group, name="Secret", shown=False)
    OfferFactory.create(group=shop.seller.membership.group, ticket=ticket)
    ada = shop.create_ada()

    assert "Unlimited tickets, for you only. “ Secret ”" in page_text(open_browser(ada).get(path(shop.sell(ada))))


def test_who_has_not_paid_can_go_on(shop: GoldShop) -> None:
    ada = shop.create_ada()
    purchase, url = shop.seller.start_checkout(ada)
    client = open_browser(ada)

    response = client.get(path(purchase))

    assert (response.status_code, page_text(response)) == (200, OPEN)
    again = client.post(shop.gold, form_fields(response))
    assert (again.status_code, again["Location"]) == (303, url)


def test_a_declined_card_leaves_it_open(shop: GoldShop) -> None:
    ada = shop.create_ada()
    purchase, url = shop.seller.start_checkout(ada)
    shop.seller.sandbox.shopper.pay(url, DECLINED)

    assert page_text(open_browser(ada).get(path(purchase))) == OPEN


def test_a_checkout_that_expired_can_be_started_again(shop: GoldShop) -> None:
    ada = shop.create_ada()
    purchase, _url = shop.seller.start_checkout(ada)
    shop.seller.stripe.checkout.sessions.expire(purchase.session)

    assert [page_text(open_browser(ada).get(path(purchase))) for _ in range(2)] == [LEFT, LEFT]


def test_one_that_has_ended_says_so(shop: GoldShop) -> None:
    ada = shop.create_ada()
    sold = shop.sell(ada)
    shop.seller.stripe.subscriptions.cancel(sold.stripe_id)

    assert page_text(open_browser(ada).get(path(sold))) == (
        f"This membership has ended Gold {NOT_CHARGED_AGAIN} View membership"
    )


def test_stripe_cannot_be_reached(shop: GoldShop) -> None:
    ada = shop.create_ada()
    purchase, url = shop.seller.start_checkout(ada)
    shop.seller.sandbox.shopper.pay(url)
    shop.seller.sandbox.arm("error", "GET /v1/checkout/sessions", times=10)

    response = open_browser(ada).get(path(purchase))

    assert (response.status_code, page_text(response)) == (200, UNKNOWN)
    assert f'href="{path(purchase)}"' in response.content.decode()
    shop.seller.sandbox.platform.faults.clear()
    assert page_text(open_browser(ada).get(path(purchase))) == welcome(shop, purchase)


def test_what_runs_already_runs_though_stripe_cannot_be_reached(shop: GoldShop) -> None:
    ada = shop.create_ada()
    sold = shop.sell(ada)
    shop.seller.sandbox.arm("error", "GET /v1/subscriptions", times=10)

    assert page_text(open_browser(ada).get(path(sold))) == welcome(shop, sold)


def test_a_payment_that_the_bank_holds_up_is_not_called_paid(shop: GoldShop) -> None:
    ada = shop.create_ada()
    sold = shop.sell(ada)
    Subscription.objects.filter(pk=sold.pk).update(status=SubscriptionStatus.INCOMPLETE)
    shop.seller.sandbox.arm("error", "GET /v1/subscriptions", times=10)

    assert page_text(open_browser(ada).get(path(sold))) == UNKNOWN


def test_whoever_is_not_logged_in_comes_back_after_it(client: Client, shop: GoldShop) -> None:
    purchase, _url = shop.seller.start_checkout(shop.create_ada())

    response = client.get(path(purchase))

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path(purchase)}")


def test_to_everybody_else_it_does_not_exist(shop: GoldShop) -> None:
    purchase, _url = shop.seller.start_checkout(shop.create_ada())
    SchedulePageFactory.create(slug="other")
    theirs = open_browser(purchase.customer)

    answers = [
        open_browser(shop.create_ada()).get(path(purchase)).status_code,
        theirs.get(path(Subscription(uuid=uuid4()))).status_code,
        theirs.get(path(purchase).replace("river", "other")).status_code,
    ]

    assert answers == [404, 404, 404]


def test_it_stays_out_of_caches_and_search_engines(shop: GoldShop) -> None:
    ada = shop.create_ada()

    response = open_browser(ada).get(path(shop.sell(ada)))

    assert (response["X-Robots-Tag"], "no-store" in response["Cache-Control"]) == ("noindex", True)


@pytest.mark.parametrize("count", [1, 3])
def test_costs_the_same_however_much_it_opens(
    shop: GoldShop, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ada = shop.create_ada()
    sold = shop.sell(ada)
    for _ in range(count - 1):
        OfferFactory.create(group=shop.seller.membership.group, page=shop.seller.page)
    client = open_browser(ada)

    with django_assert_num_queries(17):
        client.get(path(sold))


def test_one_bought_before_it_was_withdrawn_is_shown(shop: GoldShop) -> None:
    ada = shop.create_ada()
    sold = shop.sell(ada)
    set_published(shop.seller.membership, published=False)

    assert page_text(open_browser(ada).get(path(sold))) == welcome(shop, sold)
