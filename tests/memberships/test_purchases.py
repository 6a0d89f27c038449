from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Plan, StripeCustomer
from bookwhen.payments.gateway import StripeDownError
from bookwhen.payments.idempotency import idempotency_header, idempotency_key
from bookwhen.sandbox.stripe.shopper import DECLINED
from memberships.catalogue import PriceTerms, add_price, archive_price
from memberships.models import Membership, MilestoneKind, Price, Subscription, SubscriptionStatus
from memberships.purchases import AlreadyHasError, NotOnSaleError
from tests.factories.accounts import SchedulePageFactory
from tests.memberships.test_sync import kinds
from tests.worlds.seller import Seller
from tickets.checkout.settling import settle_purchase
from tickets.models import Payment


def test_the_checkout_is_for_the_customer_and_bears_our_mark(seller: Seller) -> None:
    customer = seller.customer(email="ada@example.org", name="Ada")

    purchase, url = seller.start_checkout(customer)

    session = seller.stripe.checkout.sessions.retrieve(purchase.session)
    payment = Payment.objects.get()
    assert url == session.url
    assert session.client_reference_id == str(payment.uuid)
    assert session.metadata.to_dict() == {
        "bookwhen_wish": idempotency_header(idempotency_key("payment", payment.uuid)),
        "bookwhen_endpoint": str(seller.connection.endpoint),
        "bookwhen_payment": str(payment.uuid),
        "bookwhen_purchase": str(purchase.uuid),
    }
    assert session.success_url == f"http://testserver/{seller.page.slug}/basket/?paid={payment.booking.uuid}"
    assert session.customer == StripeCustomer.objects.get(customer=customer).stripe_id
    at_stripe = seller.stripe.customers.retrieve(session.customer)
    assert (at_stripe.email, at_stripe.name) == ("ada@example.org", "Ada")


def test_another_tab_comes_to_the_same_checkout(seller: Seller) -> None:
    purchase, url = seller.start_checkout()

    again = seller.buy(purchase.customer)

    assert again == url
    assert Subscription.objects.count() == 1


def test_another_price_closes_the_first_checkout(seller: Seller) -> None:
    yearly = add_price(seller.membership, PriceTerms(title="Yearly", amount=40000, interval="year"), now=timezone.now())
    purchase, url = seller.start_checkout()

    second = seller.buy(purchase.customer, yearly)

    purchase.refresh_from_db()
    assert second != url
    assert purchase.status == SubscriptionStatus.ABANDONED
    assert seller.stripe.checkout.sessions.retrieve(purchase.session).status == "expired"
    assert Subscription.objects.get(status=SubscriptionStatus.PENDING).price == yearly


def test_an_answer_that_never_came_is_asked_for_again(seller: Seller) -> None:
    """Killed between our purchase and Stripe's answer: the same checkout is found by its idempotency key."""
    purchase, url = seller.start_checkout()
    Subscription.objects.filter(pk=purchase.pk).update(session="")
    Payment.objects.update(session="")

    again = seller.buy(purchase.customer)

    assert again == url
    assert Subscription.objects.get().session == purchase.session


def test_who_paid_in_another_tab_has_it_before_any_webhook(seller: Seller) -> None:
    purchase, url = seller.start_checkout()
    seller.sandbox.shopper.pay(url)

    with pytest.raises(AlreadyHasError) as found:
        seller.buy(purchase.customer)

    assert found.value.subscription == purchase
    assert len(seller.stripe.subscriptions.list({"status": "all"}).data) == 1


def test_who_has_it_is_not_sold_it_twice(seller: Seller) -> None:
    bought = seller.sell()
    yearly = add_price(seller.membership, PriceTerms(title="Yearly", amount=40000, interval="year"), now=timezone.now())

    for price in (seller.price, yearly):
        with pytest.raises(AlreadyHasError):
            seller.buy(bought.customer, price)


def test_a_declined_card_leaves_the_checkout_open(seller: Seller) -> None:
    purchase, url = seller.start_checkout()

    seller.sandbox.shopper.pay(url, DECLINED)

    assert settle_purchase(purchase, now=timezone.now()).status == SubscriptionStatus.PENDING
    assert seller.buy(purchase.customer) == url


def test_an_expired_checkout_is_a_purchase_that_never_was(seller: Seller) -> None:
    purchase, _url = seller.start_checkout()
    seller.gateway.expire_session(purchase.session)

    settled = settle_purchase(purchase, now=timezone.now())
    settle_purchase(purchase, now=timezone.now())

    assert settled.status == SubscriptionStatus.ABANDONED
    assert kinds(settled) == [MilestoneKind.CHECKOUT_OPENED, MilestoneKind.CHECKOUT_LEFT]


def test_settling_again_and_again_changes_nothing(seller: Seller) -> None:
    bought = seller.sell()

    for _ in range(3):
        bought = settle_purchase(Subscription.objects.with_connection().get(), now=timezone.now())

    assert bought.status == SubscriptionStatus.ACTIVE
    assert kinds(bought) == [MilestoneKind.CHECKOUT_OPENED, MilestoneKind.STARTED]


def test_a_customer_whom_stripe_forgot_is_made_anew(seller: Seller) -> None:
    customer = seller.customer()
    first = seller.sell(customer)
    seller.gateway.cancel_now(first.stripe_id, key="now")
    seller.sync_subscription(first)
    seller.stripe.customers.delete(StripeCustomer.objects.get().stripe_id)

    again = seller.sell(customer)

    assert again.status == SubscriptionStatus.ACTIVE
    assert StripeCustomer.objects.count() == 1


def test_stripe_down_loses_nothing(seller: Seller) -> None:
    customer = seller.customer()
    seller.sandbox.arm("error", "POST /v1/checkout/sessions", times=10)

    with pytest.raises(StripeDownError):
        seller.buy(customer)
    seller.sandbox.platform.faults.clear()

    assert seller.buy(customer).startswith("http")
    # The first was given up: nobody was ever sent to its checkout.
    assert sorted(Subscription.objects.values_list("status", flat=True)) == ["abandoned", "pending"]


def _unpublish(seller: Seller) -> None:
    Membership.objects.update(published=False)


def _hide(seller: Seller) -> None:
    Price.objects.update(published=False)


def _archive(seller: Seller) -> None:
    archive_price(seller.price, now=timezone.now())


def _elsewhere(seller: Seller) -> None:
    seller.membership.pages.set([SchedulePageFactory.create(account=seller.account)])


def _downgrade(seller: Seller) -> None:
    seller.page.account.plan = Plan.FREE
    seller.page.account.save()


def _disconnect(seller: Seller) -> None:
    connection = seller.page.account.connection
    assert connection is not None
    connection.disconnected_at = timezone.now() - timedelta(minutes=1)
    connection.save()


def _rest(seller: Seller) -> None:
    group = seller.membership.group
    group.archived_at = timezone.now()
    group.save()


@pytest.mark.parametrize("stop", [_unpublish, _hide, _archive, _elsewhere, _downgrade, _disconnect, _rest])
def test_what_is_not_on_sale_cannot_be_bought(seller: Seller, stop: Any) -> None:
    customer = seller.customer()
    stop(seller)

    with pytest.raises(NotOnSaleError):
        seller.buy(customer)

    assert Subscription.objects.count() == 0
