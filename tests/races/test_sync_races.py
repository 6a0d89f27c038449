"""Following Stripe from many places at once: what was fetched before another change is never applied after it."""

from typing import Final

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Letter, StripeCustomer
from bookwhen.payments.handlers import Outcome
from groups.models import Standing
from memberships.applying import StaleError, apply_stripe_state
from memberships.models import Milestone, MilestoneKind, Subscription, SubscriptionStatus
from memberships.purchases import AlreadyHasError
from memberships.sync import sync_subscription
from tests.factories.accounts import UserFactory
from tests.races.crowd import run_at_once
from tests.worlds.seller import Seller
from tickets.checkout.settling import settle_purchase

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MANY: Final = 8


def times(kind: MilestoneKind) -> int:
    return Milestone.objects.filter(kind=kind).count()


def test_what_was_fetched_before_another_change_is_refused(seller: Seller) -> None:
    bought = seller.sell()
    stale, seen = seller.gateway.subscription(bought.stripe_id), bought.revision
    seller.gateway.cancel_now(bought.stripe_id, key="now")
    seller.sync_subscription(bought)

    with pytest.raises(StaleError), transaction.atomic():
        apply_stripe_state(seller.account, stale, seen=seen, buyer=None, now=timezone.now())

    assert Subscription.objects.get().status == SubscriptionStatus.CANCELED


def test_what_was_fetched_before_stripe_came_back_to_ours_is_refused(seller: Seller) -> None:
    """Cancelled and kept again: a look that finds nothing new makes what was fetched in between stale all the same."""
    bought = seller.sell()
    seller.gateway.cancel_at_period_end(bought.stripe_id, key="end")
    stale, seen = seller.gateway.subscription(bought.stripe_id), bought.revision
    seller.gateway.keep(bought.stripe_id)
    seller.sync_subscription(bought)

    with pytest.raises(StaleError), transaction.atomic():
        apply_stripe_state(seller.account, stale, seen=seen, buyer=None, now=timezone.now())

    assert Subscription.objects.get().ends_at is None


def test_without_the_revision_the_dead_would_live_again(seller: Seller) -> None:
    """The control: told that nothing changed since, the stale reading wins."""
    bought = seller.sell()
    stale = seller.gateway.subscription(bought.stripe_id)
    seller.gateway.cancel_now(bought.stripe_id, key="now")
    seller.sync_subscription(bought)
    now_at = Subscription.objects.get().revision

    with transaction.atomic():
        apply_stripe_state(seller.account, stale, seen=now_at, buyer=None, now=timezone.now())

    assert Subscription.objects.get().status == SubscriptionStatus.ACTIVE


def test_a_return_page_and_webhooks_at_one_instant_begin_it_once(seller: Seller) -> None:
    purchase, url = seller.start_checkout()
    seller.sandbox.shopper.pay(url)
    (begun,) = seller.stripe.subscriptions.list().data

    def come(number: int) -> None:
        if number % 2:
            sync_subscription(seller.account, begun.id, now=timezone.now())
        else:
            settle_purchase(Subscription.objects.with_connection().get(pk=purchase.pk), now=timezone.now())

    run_at_once(MANY, come)

    assert Subscription.objects.get().status == SubscriptionStatus.ACTIVE
    assert (times(MilestoneKind.STARTED), Standing.objects.count()) == (1, 1)
    assert Letter.objects.filter(kind="membership_started").count() == 1


def test_news_of_a_change_that_come_together_are_told_once(seller: Seller) -> None:
    bought = seller.sell()
    seller.gateway.cancel_at_period_end(bought.stripe_id, key="end")

    outcomes = run_at_once(MANY, lambda _number: seller.sync_subscription(bought))

    assert set(outcomes) == {Outcome.DONE}
    assert times(MilestoneKind.WILL_END) == 1
    assert Letter.objects.filter(kind="membership_will_end").count() == 1


def test_one_begun_at_stripe_is_taken_in_once(seller: Seller) -> None:
    made = seller.subscribe_at_stripe()

    run_at_once(MANY, lambda _number: sync_subscription(seller.account, made, now=timezone.now()))

    assert (Subscription.objects.count(), times(MilestoneKind.STARTED), Standing.objects.count()) == (1, 1, 1)


def test_eight_tabs_are_at_one_checkout(seller: Seller) -> None:
    customer = seller.customer(user=UserFactory.create())

    urls = run_at_once(MANY, lambda _number: seller.buy(customer))

    assert len(set(urls)) == 1
    assert Subscription.objects.count() == 1
    assert StripeCustomer.objects.count() == 1
    assert len(seller.stripe.checkout.sessions.list().data) == 1


def test_buying_again_while_paying_never_makes_two(seller: Seller) -> None:
    purchase, url = seller.start_checkout()

    def come(number: int) -> str:
        if number == 0:
            seller.sandbox.shopper.pay(url)
            return "paid"
        try:
            return seller.buy(purchase.customer)
        except AlreadyHasError:
            return "theirs"

    answers = run_at_once(MANY, come)

    assert set(answers) <= {"paid", "theirs", url}
    settle_purchase(Subscription.objects.with_connection().get(pk=purchase.pk), now=timezone.now())
    assert len(seller.stripe.subscriptions.list({"status": "all"}).data) == 1
    assert Subscription.objects.get().status == SubscriptionStatus.ACTIVE
