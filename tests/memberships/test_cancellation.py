from datetime import timedelta

import pytest
from django.utils import timezone

from bookwhen.payments.gateway import StripeDownError
from memberships.cancellation import cancel_at_period_end, cancel_now, keep_subscription
from memberships.models import Milestone, MilestoneKind, Subscription, SubscriptionStatus
from tests.memberships.test_sync import kinds, standings
from tests.worlds.seller import Seller

WHO = "Jo Owner"


def load_subscription(subscription: Subscription) -> Subscription:
    return Subscription.objects.with_connection().get(pk=subscription.pk)


def test_at_period_end_and_back(seller: Seller) -> None:
    bought = load_subscription(seller.sell())

    cancel_at_period_end(bought, who=WHO, now=timezone.now())
    cancel_at_period_end(bought, who=WHO, now=timezone.now())
    cancelled = load_subscription(bought)
    keep_subscription(cancelled, who=WHO, now=timezone.now())
    keep_subscription(cancelled, who=WHO, now=timezone.now())

    assert cancelled.ends_at == cancelled.period_end
    assert load_subscription(bought).ends_at is None
    assert seller.retrieve_subscription(bought).cancel_at_period_end is False
    assert [standing.until for standing in standings(bought)] == [None]
    assert Milestone.objects.filter(kind=MilestoneKind.WILL_END).count() == 1
    assert Milestone.objects.filter(kind=MilestoneKind.KEPT).count() == 1
    assert set(Milestone.objects.exclude(who="").values_list("who", flat=True)) == {WHO}


def test_cancelled_again_after_it_was_kept(seller: Seller) -> None:
    bought = seller.sell()
    for _ in range(2):
        cancel_at_period_end(load_subscription(bought), who=WHO, now=timezone.now())
        keep_subscription(load_subscription(bought), who=WHO, now=timezone.now())

    cancel_at_period_end(load_subscription(bought), who=WHO, now=timezone.now())

    assert load_subscription(bought).ends_at == load_subscription(bought).period_end


def test_at_once(seller: Seller) -> None:
    bought = load_subscription(seller.sell())

    cancel_now(bought, who=WHO, now=timezone.now())
    cancel_now(bought, who=WHO, now=timezone.now())
    cancel_now(load_subscription(bought), who=WHO, now=timezone.now())

    ended = load_subscription(bought)
    assert ended.status == SubscriptionStatus.CANCELED
    assert ended.ends_at is None
    assert timezone.now() - (ended.ended_at or timezone.now()) < timedelta(minutes=1)
    assert kinds(bought)[-1] == MilestoneKind.ENDED
    assert seller.stripe.refunds.list().data == []


def test_what_was_scheduled_can_still_end_at_once(seller: Seller) -> None:
    bought = load_subscription(seller.sell())
    cancel_at_period_end(bought, who=WHO, now=timezone.now())

    cancel_now(load_subscription(bought), who=WHO, now=timezone.now())

    assert load_subscription(bought).status == SubscriptionStatus.CANCELED


def test_ended_at_stripe_meanwhile_is_followed(seller: Seller) -> None:
    bought = load_subscription(seller.sell())
    seller.stripe.subscriptions.cancel(bought.stripe_id)

    cancel_at_period_end(bought, who=WHO, now=timezone.now())

    assert load_subscription(bought).status == SubscriptionStatus.CANCELED


def test_stripe_down_changes_nothing_and_it_can_be_asked_again(seller: Seller) -> None:
    bought = load_subscription(seller.sell())
    seller.sandbox.arm("error", "POST /v1/subscriptions", times=10)
    with pytest.raises(StripeDownError):
        cancel_at_period_end(bought, who=WHO, now=timezone.now())
    seller.sandbox.platform.faults.clear()
    assert load_subscription(bought).ends_at is None

    cancel_at_period_end(load_subscription(bought), who=WHO, now=timezone.now())

    assert load_subscription(bought).ends_at == bought.period_end
