"""A membership that changes: previewed, now or at the next billing date, by Stripe's word and nobody else's."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Letter
from bookwhen.sandbox.stripe.shopper import ASKS_ALWAYS, FAILS_LATER, PAYS
from groups.models import Standing
from memberships.cancellation import cancel_at_period_end
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.changing import (
    CannotChangeError,
    ChangeObstacle,
    ChangeQuote,
    QuoteChangedError,
    SeenQuote,
    change_at_renewal,
    change_now,
    change_obstacle,
    quote_change,
    undo_change,
)
from memberships.models import MilestoneKind, Price, Subscription, SubscriptionStatus
from tests.worlds.seller import Seller


@pytest.fixture
def unlimited(seller: Seller) -> Price:
    """*Unlimited* at 60.00 a month, in a group of its own; the seller's *Gold* is 40.00."""
    return add(seller, "Unlimited", 6000)


def add(seller: Seller, title: str, amount: int, **terms: Any) -> Price:
    now = timezone.now()
    made = create_membership(seller.account, MembershipDetails(title=title), group=None, now=now)
    price = add_price(made, PriceTerms(title="Monthly", amount=amount, **terms), now=now)
    set_published(made, published=True)
    return price


def seen(quote: ChangeQuote) -> SeenQuote:
    return SeenQuote(price=quote.price, at=quote.at, terms=quote.terms)


def change(subscription: Subscription, price: Price, **how: Any) -> Any:
    fresh = reload(subscription)
    quote = quote_change(fresh, price, now=timezone.now())
    return confirm(fresh, quote, **how)


def confirm(subscription: Subscription, quote: ChangeQuote, **how: Any) -> Any:
    """Do what was quoted."""
    given: dict[str, Any] = {"who": "Ada", "keeps_bookings": True, "by_studio": False, "now": timezone.now()}
    return change_now(subscription, seen(quote), **given | how)


def reload(subscription: Subscription) -> Subscription:
    found = Subscription.objects.with_connection().select_related("price", "membership__group", "customer")
    return found.get(pk=subscription.pk)


def period(subscription: Subscription) -> tuple[datetime, datetime]:
    """What is paid for."""
    assert subscription.period_start is not None
    assert subscription.period_end is not None
    return subscription.period_start, subscription.period_end


def history(subscription: Subscription) -> list[str]:
    """What happened since it started, oldest first."""
    return list(subscription.milestones.order_by("pk").values_list("kind", flat=True))[2:]


def letters(subscription: Subscription) -> list[str]:
    found = Letter.objects.filter(recipient=subscription.customer.email).order_by("pk")
    return list(found.values_list("kind", flat=True))[1:]


def groups(subscription: Subscription) -> list[str]:
    return [
        each.member.group.name for each in Standing.objects.filter(ground=subscription.uuid, until=None).order_by("pk")
    ]


def test_the_difference_for_the_rest_of_the_period_is_shown_and_charged(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    start, end = period(bought)
    middle = start + (end - start) / 2
    fresh = reload(bought)

    quote = quote_change(fresh, unlimited, at=middle, now=timezone.now())

    assert (quote.due, quote.credit) == (1000, 0)
    assert quote.preview is not None
    assert [line.amount for line in quote.preview.lines] == [-2000, 3000]
    outcome = confirm(fresh, quote)
    assert not outcome.is_waiting
    now_is = reload(bought)
    assert (now_is.price, now_is.membership) == (unlimited, unlimited.membership)
    assert (now_is.period_end, now_is.billing_anchor) == (bought.period_end, bought.billing_anchor)
    assert groups(bought) == ["Unlimited"]
    assert [invoice.amount_paid for invoice in bought.invoices.order_by("created_at", "pk")] == [4000, 1000]
    assert history(bought) == [MilestoneKind.ASKED_TO_CHANGE, MilestoneKind.CHANGED]
    assert list(bought.milestones.filter(kind="changed").values_list("about", "who")) == [("Gold → Unlimited", "")]
    assert letters(bought) == ["membership_changed"]
    assert "Paid for the change: £10.00" in Letter.objects.get(kind="membership_changed").text


def test_a_smaller_membership_now_is_a_credit_and_no_thanks_for_money(seller: Seller) -> None:
    bought, silver = seller.sell(), add(seller, "Silver", 2000)

    outcome = change(bought, silver)

    assert outcome.subscription.price == silver
    text = Letter.objects.get(kind="membership_changed").text
    assert "Credit towards your next payment: £20.00" in text
    assert "Paid" not in text
    assert letters(bought) == ["membership_changed"]


@pytest.mark.parametrize("card", [FAILS_LATER, ASKS_ALWAYS])
def test_a_card_that_does_not_pay_leaves_the_membership_as_it_is(seller: Seller, unlimited: Price, card: str) -> None:
    bought = seller.sell()
    use_card(seller, bought, card)

    outcome = change(bought, unlimited)

    waiting = reload(bought)
    assert outcome.is_waiting
    assert outcome.pay_url.startswith(seller.sandbox.url)
    assert (waiting.price, waiting.status) == (seller.price, SubscriptionStatus.ACTIVE)
    assert waiting.pending_price == unlimited.stripe_id
    assert waiting.pending_until is not None
    assert waiting.next_amount == seller.price.amount
    assert change_obstacle(waiting) is ChangeObstacle.WAITING
    assert groups(bought) == ["Gold"]
    assert letters(bought) == ["membership_change_unpaid"]
    seller.sandbox.shopper.pay(outcome.pay_url, PAYS)
    seller.sync_subscription(bought)
    paid = reload(bought)
    assert (paid.price, paid.pending_price, paid.pending_until) == (unlimited, "", None)
    assert letters(bought) == ["membership_change_unpaid", "membership_changed"]
    assert groups(bought) == ["Unlimited"]


def test_a_change_that_nobody_pays_is_forgotten(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    use_card(seller, bought, FAILS_LATER)
    change(bought, unlimited)

    seller.sandbox.advance("day")
    seller.sync_subscription(bought)

    found = reload(bought)
    assert (found.price, found.pending_price, change_obstacle(found)) == (seller.price, "", None)
    assert [invoice.status for invoice in bought.invoices.order_by("created_at", "pk")] == ["paid", "void"]
    assert letters(bought) == ["membership_change_unpaid"]


def test_a_change_that_the_studio_takes_as_paid_is_thanked_for_no_money(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    use_card(seller, bought, FAILS_LATER)
    change(bought, unlimited)
    bill = bought.invoices.get(status="open").stripe_id

    seller.stripe.invoices.pay(bill, {"paid_out_of_band": True})
    seller.sync_subscription(bought)

    assert letters(bought) == ["membership_change_unpaid", "membership_changed", "membership_paid_outside"]
    assert "Paid for the change" not in Letter.objects.get(kind="membership_changed").text


def test_another_amount_than_was_seen_is_not_charged(seller: Seller, unlimited: Price) -> None:
    bought = reload(seller.sell())
    quote = quote_change(bought, unlimited, now=timezone.now())
    told = SeenQuote(price=unlimited, at=quote.at, terms="1:0")

    with pytest.raises(QuoteChangedError):
        change_now(bought, told, who="Ada", keeps_bookings=True, by_studio=False, now=timezone.now())

    assert seller.retrieve_subscription(bought)["items"].data[0].price.id == seller.price.stripe_id
    assert history(bought) == []


def test_the_same_form_twice_changes_and_charges_once(seller: Seller, unlimited: Price) -> None:
    bought = reload(seller.sell())
    quote = quote_change(bought, unlimited, now=timezone.now())

    for _twice in range(2):
        confirm(bought, quote)

    assert bought.invoices.count() == 2
    assert letters(bought) == ["membership_changed"]


def test_in_a_trial_nothing_is_charged_and_it_goes_on(seller: Seller, unlimited: Price) -> None:
    price = add_price(seller.membership, PriceTerms(title="Try", amount=4000, trial_days=7), now=timezone.now())
    bought = seller.sell(price=price)

    quote = quote_change(reload(bought), unlimited, now=timezone.now())
    assert (quote.preview, quote.due) == (None, 0)
    change(bought, unlimited)

    found = reload(bought)
    assert (found.price, found.status, found.trial_end) == (unlimited, "trialing", bought.trial_end)
    assert sum(invoice.amount_paid for invoice in bought.invoices.all()) == 0


def test_another_billing_period_begins_today(seller: Seller) -> None:
    yearly = add_price(seller.membership, PriceTerms(title="Yearly", amount=40000, interval="year"), now=timezone.now())
    bought = seller.sell()

    quote = quote_change(reload(bought), yearly, now=timezone.now())
    change(bought, yearly)

    start, end = period(reload(bought))
    assert quote.due == 36000
    assert (end - start).days in {365, 366}
    assert reload(bought).billing_anchor == start


def test_what_stands_in_the_way_is_said(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    assert change_obstacle(reload(bought)) is None
    cancel_at_period_end(bought, who="Ada", now=timezone.now())
    ending = reload(bought)
    assert change_obstacle(ending) is ChangeObstacle.ENDING
    with pytest.raises(CannotChangeError) as refused:
        quote_change(ending, unlimited, now=timezone.now())
    assert refused.value.obstacle is ChangeObstacle.ENDING
    for field, value, obstacle in (
        ("status", "past_due", ChangeObstacle.UNPAID),
        ("status", "paused", ChangeObstacle.PAUSED),
        ("pause_behavior", "void", ChangeObstacle.PAUSED),
        ("next_price", "price_1", ChangeObstacle.SCHEDULED),
        ("status", "canceled", ChangeObstacle.OVER),
    ):
        fresh = reload(bought)
        fresh.ends_at = None
        setattr(fresh, field, value)
        assert change_obstacle(fresh) is obstacle


def use_card(seller: Seller, subscription: Subscription, card: str) -> None:
    """Let a subscription be paid by another card, changed in the portal."""
    there = subscription.customer.at_stripe.get().stripe_id
    made = seller.gateway.create_portal_configuration(key=f"portal-{subscription.uuid}")
    url = seller.gateway.open_portal(customer=there, configuration=made, return_url="https://river.example/")
    seller.sandbox.shopper.update_card(url, card)


def later(subscription: Subscription, price: Price, **how: Any) -> Subscription:
    given: dict[str, Any] = {"who": "Ada", "keeps_bookings": True, "now": timezone.now()}
    return change_at_renewal(reload(subscription), price, **given | how)


def test_at_the_next_billing_date_the_schedule_does_it(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()

    scheduled = later(bought, unlimited)

    assert (scheduled.price, scheduled.next_price) == (seller.price, unlimited.stripe_id)
    assert scheduled.changes_at == bought.period_end
    assert change_obstacle(scheduled) is ChangeObstacle.SCHEDULED
    assert history(bought) == [MilestoneKind.ASKED_TO_CHANGE, MilestoneKind.WILL_CHANGE]
    assert letters(bought) == ["membership_will_change"]
    seller.sandbox.advance("period")
    seller.sync_subscription(bought)
    changed = reload(bought)
    assert (changed.price, changed.next_price, changed.changes_at) == (unlimited, "", None)
    assert groups(bought) == ["Unlimited"]
    assert bought.invoices.all()[0].amount_paid == 6000
    assert letters(bought) == ["membership_will_change", "membership_changed", "membership_renewed"]
    assert changed.billing_anchor == bought.billing_anchor
    seller.sandbox.advance("day")
    assert seller.retrieve_subscription(bought).schedule is None


def test_a_schedule_that_has_done_its_work_keeps_nobody_from_cancelling(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    later(bought, unlimited)
    seller.sandbox.advance("period")
    seller.sync_subscription(bought)

    cancel_at_period_end(bought, who="Ada", now=timezone.now())

    assert reload(bought).ends_at == reload(bought).period_end


def test_a_scheduled_change_can_be_taken_back(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    later(bought, unlimited, keeps_bookings=False)
    assert reload(bought).cancels_at_price == unlimited.stripe_id

    for _twice in range(2):
        undone = undo_change(bought, who="Ada", now=timezone.now())

    assert (undone.next_price, undone.changes_at, undone.schedule, undone.cancels_at_price) == ("", None, "", "")
    assert history(bought)[2:] == [MilestoneKind.ASKED_NOT_TO_CHANGE, MilestoneKind.CHANGE_UNDONE]
    assert letters(bought) == ["membership_will_change", "membership_change_undone"]
    seller.sandbox.advance("period")
    seller.sync_subscription(bought)
    assert reload(bought).price == seller.price


def test_the_same_change_asked_for_twice_is_scheduled_once(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()

    for _twice in range(2):
        later(bought, unlimited)

    assert letters(bought) == ["membership_will_change"]
    assert len(seller.stripe.subscription_schedules.list().data) == 1


def test_a_schedule_that_an_earlier_try_left_is_used(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    seller.stripe.subscription_schedules.create({"from_subscription": bought.stripe_id})

    assert later(bought, unlimited).next_price == unlimited.stripe_id


def test_a_change_scheduled_in_stripes_dashboard_looks_the_same(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    made = seller.stripe.subscription_schedules.create({"from_subscription": bought.stripe_id})
    phase = made.phases[0]
    now = {
        "items": [{"price": seller.price.stripe_id, "quantity": 1}],
        "start_date": phase.start_date,
        "end_date": phase.end_date,
    }
    then = {"items": [{"price": unlimited.stripe_id, "quantity": 1}], "proration_behavior": "none"}
    seller.stripe.subscription_schedules.update(made.id, {"phases": [now, then]})

    seller.sync_subscription(bought)

    assert (reload(bought).next_price, reload(bought).changes_at) == (unlimited.stripe_id, bought.period_end)
    assert letters(bought) == ["membership_will_change"]


def test_who_cancels_does_not_change_any_more(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    later(bought, unlimited)

    cancel_at_period_end(bought, who="Ada", now=timezone.now())

    found = reload(bought)
    assert (found.next_price, found.ends_at) == ("", bought.period_end)


def test_one_of_several_items_changes_and_the_others_stay(seller: Seller, unlimited: Price) -> None:
    bought = seller.sell()
    towel = seller.stripe.prices.create(
        {"product_data": {"name": "Towel"}, "currency": "gbp", "unit_amount": 500, "recurring": {"interval": "month"}}
    )
    seller.stripe.subscriptions.update(bought.stripe_id, {"items": [{"price": towel.id, "quantity": 2}]})
    seller.sync_subscription(bought)

    later(bought, unlimited)
    undo_change(bought, who="Ada", now=timezone.now())
    change(bought, unlimited)

    items = {item.price.id: item.quantity for item in seller.retrieve_subscription(bought)["items"].data}
    assert items == {unlimited.stripe_id: 1, towel.id: 2}
    assert reload(bought).price == unlimited
