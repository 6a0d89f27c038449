from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import PauseAccess
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import StripeDownError
from groups.models import Standing
from memberships.models import Difference, Milestone, MilestoneKind, Subscription, SubscriptionState
from memberships.pauses import access_returns_at, is_paused, is_waiting
from memberships.pausing import (
    CannotPauseError,
    PauseObstacle,
    follow_ended_pauses,
    pause_subscription,
    resume_subscription,
    set_access_during_pause,
)
from memberships.queries import count_by_state, state_of, subscriptions_in, subscriptions_of
from memberships.sync import resync_standings
from tests.comparing import compare_memberships as reconcile
from tests.memberships.test_cancellation import load_subscription
from tests.memberships.test_sync import kinds, letters, standings
from tests.worlds.seller import Seller
from tickets.consistency import check_books

WHO = "Jo Owner"
DAY = timedelta(days=1)


def pause(subscription: Subscription, until: datetime | None = None) -> Subscription:
    pause_subscription(load_subscription(subscription), until=until, who=WHO, now=timezone.now())
    return load_subscription(subscription)


def resume(subscription: Subscription) -> Subscription:
    resume_subscription(load_subscription(subscription), who=WHO, now=timezone.now())
    return load_subscription(subscription)


def let_in(subscription: Subscription, *, allowed: bool = True) -> None:
    set_access_during_pause(load_subscription(subscription), allowed=allowed, who=WHO, now=timezone.now())


def advance(seller: Seller, subscription: Subscription, by: str = "period") -> Subscription:
    seller.sandbox.advance(by)
    seller.sync_subscription(subscription)
    return load_subscription(subscription)


def set_policy(seller: Seller, policy: PauseAccess) -> None:
    seller.account.pause_access = policy
    seller.account.save(update_fields=["pause_access"])


def stands(subscription: Subscription) -> bool:
    return Standing.objects.at(timezone.now()).filter(ground=subscription.uuid).exists()


def at_stripe(seller: Seller, subscription: Subscription) -> Any:
    found = seller.retrieve_subscription(subscription).pause_collection
    return found and found.to_dict()


def in_a_later_period(subscription: Subscription) -> datetime:
    """Some days into the second period from now: one bill is left out until then."""
    assert subscription.period_end is not None
    return (subscription.period_end + 5 * DAY).replace(microsecond=0)


def test_p12_paused_until_a_date_rests_once_the_paid_period_is_over(seller: Seller) -> None:
    bought = seller.sell()
    until = in_a_later_period(bought)

    paused = pause(bought, until)

    assert at_stripe(seller, bought) == {"behavior": "void", "resumes_at": int(until.timestamp())}
    assert (paused.pause_behavior, paused.resumes_at, paused.paid_until) == ("void", until, bought.period_end)
    assert is_paused(paused)
    assert [each.until for each in standings(bought)] == [bought.period_end]
    assert kinds(bought)[-2:] == [MilestoneKind.ASKED_TO_PAUSE, MilestoneKind.PAUSED]
    assert letters(bought) == ["membership_started", "membership_paused"]


def test_p12_a_studio_may_let_access_rest_from_the_start_of_the_pause(seller: Seller) -> None:
    set_policy(seller, PauseAccess.START)
    bought = seller.sell()

    paused = pause(bought)

    assert not stands(bought)
    assert access_returns_at(paused) is None
    resumed = resume(bought)
    assert stands(bought)
    assert (resumed.paid_until, resumed.paused_at) == (None, None)
    assert {each.anchor_at for each in standings(bought)} == {bought.billing_anchor}
    assert letters(bought) == ["membership_started", "membership_paused", "membership_resumed"]


def test_p12_goes_on_with_the_same_anchor_at_the_first_payment_after_the_pause(seller: Seller) -> None:
    bought = seller.sell()
    paused = pause(bought, in_a_later_period(bought))
    returns = access_returns_at(paused)

    left_out = advance(seller, bought)
    assert (is_paused(left_out), stands(bought), access_returns_at(left_out)) == (True, False, returns)
    resumed = advance(seller, bought, by=str(6 * 86_400))
    assert (is_paused(resumed), is_waiting(resumed), stands(bought)) == (False, True, False)
    assert access_returns_at(resumed) == returns == resumed.period_end
    paid = advance(seller, bought)

    assert (is_waiting(paid), stands(bought), paid.paid_until) == (False, True, None)
    assert {each.anchor_at for each in standings(bought)} == {bought.billing_anchor}
    assert [each.status for each in bought.invoices.all()] == ["paid", "void", "paid"]
    assert letters(bought) == [
        "membership_started",
        "membership_paused",
        "membership_resumed",
        "membership_renewed",
    ]
    assert kinds(bought)[-4:] == [
        MilestoneKind.ASKED_TO_PAUSE,
        MilestoneKind.PAUSED,
        MilestoneKind.RESUMED,
        MilestoneKind.RENEWED,
    ]


@pytest.mark.parametrize("behavior", ["void", "mark_uncollectible", "keep_as_draft"])
def test_p12_paused_and_resumed_in_stripes_dashboard_looks_the_same(seller: Seller, behavior: str) -> None:
    bought = seller.sell()
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": {"behavior": behavior}})
    seller.sync_subscription(bought)
    paused = load_subscription(bought)
    assert (is_paused(paused), paused.resumes_at, stands(bought)) == (True, None, True)

    left_out = advance(seller, bought)
    assert (is_paused(left_out), stands(bought)) == (True, False)
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": ""})
    seller.sync_subscription(bought)
    assert (is_waiting(load_subscription(bought)), stands(bought)) == (True, False)
    advance(seller, bought)

    assert stands(bought)
    assert letters(bought) == ["membership_started", "membership_paused", "membership_resumed", "membership_renewed"]


def test_a_draft_of_the_pause_that_is_paid_later_lets_in_again(seller: Seller) -> None:
    bought = seller.sell()
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": {"behavior": "keep_as_draft"}})
    advance(seller, bought)
    assert not stands(bought)
    [draft] = seller.stripe.invoices.list({"subscription": bought.stripe_id, "status": "draft"}).data

    seller.stripe.invoices.pay(draft.id)
    seller.sync_subscription(bought)

    assert load_subscription(bought).paid_until == load_subscription(bought).period_end
    assert stands(bought)


def test_the_studio_lets_them_in_sooner_and_takes_it_back(seller: Seller) -> None:
    bought = seller.sell()
    pause(bought)
    advance(seller, bought)
    assert not stands(bought)

    let_in(bought)
    let_in(bought)
    assert stands(bought)
    let_in(bought, allowed=False)
    assert not stands(bought)
    let_in(bought)
    resume(bought)
    assert stands(bought)
    advance(seller, bought)

    assert (stands(bought), load_subscription(bought).let_in_at) == (True, None)
    assert kinds(bought).count(MilestoneKind.LET_IN) == 2
    assert kinds(bought).count(MilestoneKind.LET_OUT) == 1


def test_nobody_is_let_in_without_a_pause(seller: Seller) -> None:
    bought = seller.sell()

    let_in(bought)

    assert load_subscription(bought).let_in_at is None
    assert MilestoneKind.LET_IN not in kinds(bought)


def test_another_policy_holds_for_those_who_are_paused_already(seller: Seller) -> None:
    bought = seller.sell()
    pause(bought)
    assert stands(bought)

    set_policy(seller, PauseAccess.START)
    resync_standings(seller.account, now=timezone.now())

    assert not stands(bought)


def test_a_scheduled_end_wins(seller: Seller) -> None:
    bought = seller.sell()
    pause(bought)

    ends = int(timezone.now().timestamp()) + 86_400
    seller.stripe.subscriptions.update(bought.stripe_id, {"cancel_at": ends})
    seller.sync_subscription(bought)

    assert [each.until for each in standings(bought)] == [datetime.fromtimestamp(ends, UTC)]


def test_what_is_owed_ends_or_is_a_trial_cannot_be_paused(seller: Seller) -> None:
    bought = seller.sell()
    cases: dict[PauseObstacle, dict[str, Any]] = {
        PauseObstacle.TRIAL: {"status": "trialing"},
        PauseObstacle.OWED: {"status": "past_due"},
        PauseObstacle.ENDS: {"ends_at": timezone.now() + DAY},
        PauseObstacle.CHANGES: {"schedule": "sub_sched_1"},
        PauseObstacle.ENDED: {"status": "canceled"},
    }
    found = {}
    for obstacle, fields in cases.items():
        Subscription.objects.filter(pk=bought.pk).update(**{"status": "active", "ends_at": None, **fields})
        with pytest.raises(CannotPauseError) as error:
            pause(bought)
        found[obstacle] = error.value.obstacle
        Subscription.objects.filter(pk=bought.pk).update(ends_at=None, schedule="")

    assert {case: case for case in cases} == found
    assert at_stripe(seller, bought) is None


def test_the_same_twice_asks_and_tells_once_and_another_date_tells_again(seller: Seller) -> None:
    bought = seller.sell()
    until = in_a_later_period(bought)
    pause(bought, until)
    pause(bought, until)
    pause(bought, until + DAY)
    resume(bought)
    resume(bought)

    assert kinds(bought)[2:] == [
        MilestoneKind.ASKED_TO_PAUSE,
        MilestoneKind.PAUSED,
        MilestoneKind.ASKED_TO_PAUSE,
        MilestoneKind.PAUSED,
        MilestoneKind.ASKED_TO_RESUME,
        MilestoneKind.RESUMED,
    ]
    assert set(Milestone.objects.exclude(who="").values_list("who", flat=True)) == {WHO}


def test_stripe_down_changes_nothing_and_another_date_can_be_asked_for(seller: Seller) -> None:
    bought = seller.sell()
    seller.sandbox.arm("error", "POST /v1/subscriptions", times=10)
    with pytest.raises(StripeDownError):
        pause(bought, in_a_later_period(bought))
    seller.sandbox.platform.faults.clear()

    assert not is_paused(load_subscription(bought))
    assert pause(bought, in_a_later_period(bought) + DAY).resumes_at == in_a_later_period(bought) + DAY


def test_ended_at_stripe_meanwhile_is_followed(seller: Seller) -> None:
    bought = seller.sell()
    seller.stripe.subscriptions.cancel(bought.stripe_id)

    assert pause(bought).status == "canceled"


def test_a_bill_that_the_studio_forgives_outside_a_pause_rests_nothing(seller: Seller) -> None:
    bought = seller.sell()
    seller.sandbox.advance("month")
    [draft] = seller.stripe.invoices.list({"subscription": bought.stripe_id, "status": "draft"}).data
    seller.stripe.invoices.finalize_invoice(draft.id, {"auto_advance": False})
    seller.stripe.invoices.void_invoice(draft.id)
    seller.sync_subscription(bought)

    assert (load_subscription(bought).paid_until, stands(bought)) == (None, True)


def test_a_pause_whose_end_nobody_told_of_is_found_within_the_hour(seller: Seller) -> None:
    bought, other = seller.sell(), seller.sell(seller.customer())
    pause(bought, in_a_later_period(bought))
    pause(other)
    advance(seller, bought)
    later = in_a_later_period(bought) + timedelta(minutes=1)

    run = Run("memberships.tasks.resume_pauses", now=later)
    follow_ended_pauses(now=later, run=run)

    # Stripe still says that it is paused: its date decides.
    assert (run.done, run.failed) == (1, 0)
    assert (is_paused(load_subscription(bought)), is_waiting(load_subscription(bought))) == (False, True)
    assert is_paused(load_subscription(other))
    assert letters(bought)[-1] == "membership_resumed"


def test_the_night_finds_a_pause_and_its_end(seller: Seller) -> None:
    bought = seller.sell()
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": {"behavior": "void"}})
    reconcile(seller.connection, timezone.now())
    assert is_paused(load_subscription(bought))
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": ""})
    reconcile(seller.connection, timezone.now())

    assert not is_paused(load_subscription(bought))
    assert [(each.field, each.ours, each.stripes) for each in Difference.objects.order_by("pk")] == [
        ("pause_behavior", "", "void"),
        ("pause_behavior", "void", ""),
    ]


def test_states_and_counts_know_paused(seller: Seller) -> None:
    bought, running = seller.sell(), seller.sell(seller.customer())
    pause(bought)
    assert state_of(load_subscription(bought)) is SubscriptionState.PAUSED
    advance(seller, bought)
    seller.sync_subscription(running)
    assert state_of(resume(bought)) is SubscriptionState.PAUSED
    counts = count_by_state(seller.account, subscriptions_of(seller.account))

    assert {state: count.counted for state, count in counts.items() if count} == {
        SubscriptionState.ACTIVE: 1,
        SubscriptionState.PAUSED: 1,
    }
    assert subscriptions_in(seller.account, SubscriptionState.ACTIVE).get() == running


@pytest.mark.parametrize("policy", list(PauseAccess))
def test_the_books_agree_in_every_moment_of_a_pause(seller: Seller, policy: PauseAccess) -> None:
    set_policy(seller, policy)
    bought = seller.sell()
    found = []

    def check() -> None:
        found.extend(check_books(account=seller.account, now=timezone.now()))

    pause(bought)
    check()
    advance(seller, bought)
    check()
    let_in(bought)
    check()
    let_in(bought, allowed=False)
    resume(bought)
    check()
    advance(seller, bought)
    check()
    assert found == []
    Standing.objects.filter(ground=bought.uuid).delete()
    check()

    assert [each.kind for each in found] == ["not_in_group"]


def test_the_books_find_a_paused_member_who_still_stands(seller: Seller) -> None:
    bought = seller.sell()
    pause(bought)
    advance(seller, bought)
    Standing.objects.filter(ground=bought.uuid).update(until=None)

    assert [each.kind for each in check_books(account=seller.account, now=timezone.now())] == ["still_in_group"]
