"""What we made at Stripe was deleted there, with all test data say: it is made again, once, at the next click."""

from itertools import combinations

import pytest
from django.utils import timezone

from bookwhen.payments import connections
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeDownError
from memberships.catalogue import (
    MembershipDetails,
    PriceTerms,
    add_price,
    archive_price,
    create_membership,
    edit_membership,
    restore_price,
)
from memberships.changing import SeenQuote, change_at_renewal, change_now, quote_change
from memberships.models import Membership, Price, Subscription
from tests.comparing import compare_memberships as reconcile
from tests.worlds.seller import Seller

KINDS = ("customer", "price", "product")
GONE = [gone for count in (1, 2, 3) for gone in combinations(KINDS, count)]


def delete(seller: Seller, *kinds: str) -> None:
    for kind in kinds:
        seller.sandbox.platform.worlds[seller.key].objects[kind].clear()


def count(seller: Seller, kind: str) -> int:
    return len(seller.sandbox.platform.worlds[seller.key].objects[kind])


@pytest.mark.parametrize("gone", GONE, ids="-".join)
def test_p9_the_next_click_makes_what_is_missing_and_nothing_else(seller: Seller, gone: tuple[str, ...]) -> None:
    customer = seller.customer()
    seller.sandbox.platform.worlds[seller.key].answered.clear()
    purchase, _url = seller.start_checkout(customer)
    seller.gateway.expire_session(purchase.session)
    before = {kind: count(seller, kind) for kind in KINDS}
    delete(seller, *gone)

    first = seller.buy(customer)
    assert seller.buy(customer) == first

    # A price without its product is of no use: it stays there, beside the new one.
    of_old = "product" in gone and "price" not in gone
    assert {kind: count(seller, kind) for kind in KINDS} == before | {"price": 1 + of_old}
    seller.sandbox.shopper.pay(first)
    price = Price.objects.get(pk=seller.price.pk)
    assert seller.stripe.prices.retrieve(price.stripe_id).product == Membership.objects.get().product


def test_p9_a_subscription_keeps_the_price_that_it_names(seller: Seller) -> None:
    bought, old = seller.sell(), seller.price.stripe_id
    delete(seller, "price")

    assert seller.sell().price.stripe_id != old

    reconcile(seller.connection, timezone.now())
    kept = Subscription.objects.get(pk=bought.pk)
    assert (kept.is_live, kept.price.stripe_id, kept.membership) == (True, old, seller.membership)
    assert Price.objects.filter(published=True).count() == 1


def test_p9_a_membership_is_renamed_and_its_price_put_away_and_taken_out_again(seller: Seller) -> None:
    price = Price.objects.select_related("membership__account__connection").get(pk=seller.price.pk)
    delete(seller, "price", "product")
    edit_membership(price.membership, MembershipDetails(title="Platinum"))
    archive_price(price, now=timezone.now())
    restore_price(price)
    assert seller.stripe.products.retrieve(Membership.objects.get().product).name == "Platinum"
    assert seller.stripe.prices.retrieve(Price.objects.get().stripe_id).active


@pytest.mark.parametrize("is_archived", [False, True])
def test_p15_settings_of_the_portal_that_are_gone_are_made_again_at_the_next_click(
    seller: Seller, *, is_archived: bool
) -> None:
    connections.check(seller.connection, now=timezone.now())
    seller.connection.refresh_from_db()
    world = seller.sandbox.platform.worlds[seller.key]
    theirs = world.objects["billing_portal.configuration"]
    old = seller.connection.portal_configuration
    customer = seller.stripe.customers.create({"email": "a@example.com"}).id
    if is_archived:
        theirs[old]["active"] = False
    else:
        del theirs[old]

    assert connections.open_portal(seller.connection, customer=customer, return_url="https://a.test/").startswith(
        "http"
    )
    assert connections.open_portal(seller.connection, customer=customer, return_url="https://a.test/").startswith(
        "http"
    )

    seller.connection.refresh_from_db()
    assert seller.connection.portal_configuration != old
    assert len([each for each in theirs.values() if each["active"] and not each["is_default"]]) == 1
    with pytest.raises(GoneError):
        connections.open_portal(seller.connection, customer="cus_gone", return_url="https://a.test/")


def archive(seller: Seller, *kinds: str) -> None:
    """Somebody archives what is sold in Stripe's dashboard."""
    for kind in kinds:
        for each in seller.sandbox.platform.worlds[seller.key].objects[kind].values():
            each["active"] = False


@pytest.mark.parametrize("kinds", [("price",), ("product",), ("price", "product")], ids="-".join)
def test_p9_what_was_archived_at_stripe_is_put_on_sale_again_by_the_next_click(
    seller: Seller, kinds: tuple[str, ...]
) -> None:
    archive(seller, *kinds)

    assert seller.sell().is_live

    (product,) = seller.stripe.products.list().data
    (price,) = seller.stripe.prices.list({"product": product.id}).data
    assert (product.active, price.active) == (True, True)


def test_p9_a_refusal_for_another_reason_is_told_and_changes_nothing(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_asked: object, **_more: object) -> None:
        raise DeclinedError

    monkeypatch.setattr(Gateway, "create_checkout", refuse)
    before = {kind: count(seller, kind) for kind in KINDS}
    with pytest.raises(DeclinedError):
        seller.buy(seller.customer())
    assert {kind: count(seller, kind) for kind in KINDS} == before | {"customer": before["customer"] + 1}


def test_p9_a_new_price_of_a_product_that_was_deleted_can_be_bought(seller: Seller) -> None:
    delete(seller, "product")
    membership = Membership.objects.get()
    price = add_price(membership, PriceTerms(title="Yearly", amount=40000, interval="year"), now=timezone.now())
    assert seller.sell(price=price).is_live


def test_p9_the_shop_recovers_where_stripe_refused_the_product_when_the_price_was_added(seller: Seller) -> None:
    membership = Membership.objects.get()
    seller.sandbox.arm("cut", "POST /v1/prices", times=9)
    with pytest.raises(StripeDownError):
        add_price(membership, PriceTerms(title="Yearly", amount=40000, interval="year"), now=timezone.now())
    seller.sandbox.platform.faults.clear()
    delete(seller, "product")
    assert seller.sell(price=Price.objects.get(title="Yearly")).is_live


@pytest.mark.parametrize("how", ["deleted", "archived"])
@pytest.mark.parametrize("when", ["now", "renewal"])
def test_p9_a_membership_changes_to_one_whose_price_is_gone_at_stripe(seller: Seller, how: str, when: str) -> None:
    bought, now = seller.sell(), timezone.now()
    made = create_membership(seller.account, MembershipDetails(title="Unlimited"), group=None, now=now)
    price = add_price(made, PriceTerms(title="Monthly", amount=6000), now=now)
    prices = seller.sandbox.platform.worlds[seller.key].objects["price"]
    if how == "deleted":
        del prices[price.stripe_id]
    else:
        prices[price.stripe_id]["active"] = False

    found = Subscription.objects.with_connection().select_related("price", "membership", "customer").get(pk=bought.pk)
    if when == "now":
        quote = quote_change(found, price, now=now)
        seen = SeenQuote(price=quote.price, at=quote.at, terms=quote.terms)
        change_now(found, seen, who="Ada", keeps_bookings=True, by_studio=False, now=now)
        assert Subscription.objects.get(pk=bought.pk).membership == made
    else:
        change_at_renewal(found, price, who="Ada", keeps_bookings=True, now=now)
        assert Subscription.objects.get(pk=bought.pk).next_price == Price.objects.get(pk=price.pk).stripe_id
