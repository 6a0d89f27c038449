"""The same scenarios at the sandbox (always) and at Stripe itself (`-m live`): if both pass, the stand-in is true."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from bookwhen.payments import connections
from memberships.cancellation import cancel_at_period_end, cancel_now, keep_subscription
from memberships.models import Invoice, Milestone, MilestoneKind, Subscription, SubscriptionStatus
from tests.comparing import compare_memberships as reconcile
from tests.worlds.live_studio import LiveStudio
from tickets.availability.facts import person_of_customer
from tickets.checkout.memberships import buy_membership
from tickets.checkout.settling import settle_purchase

MONTH: Final = 32 * 24 * 3600
WEEK: Final = 7 * 24 * 3600


def load_purchase(purchase: Subscription) -> Subscription:
    return Subscription.objects.select_related("account__connection", "customer").get(pk=purchase.pk)


def has_status(purchase: Subscription, status: SubscriptionStatus) -> bool:
    return load_purchase(purchase).status == status


def test_the_key_is_of_a_test_account(studio: LiveStudio) -> None:
    account = studio.gateway.account()

    assert account.id.startswith("acct_")
    assert connections.check(studio.connection, now=timezone.now()).key_works


def test_a_checkout_opens_is_found_again_and_is_left(studio: LiveStudio) -> None:
    customer, _clock = studio.customer_on_a_clock()
    page, who = studio.price.account.pages.get(), person_of_customer(customer)

    first = buy_membership(None, studio.price, customer, page, who=who, now=timezone.now())[1]
    again = buy_membership(None, studio.price, customer, page, who=who, now=timezone.now())[1]

    purchase = Subscription.objects.with_connection().get()
    assert first == again
    studio.gateway.expire_session(purchase.session)
    assert settle_purchase(purchase, now=timezone.now()).status == SubscriptionStatus.ABANDONED


def test_bought_renewed_and_ended(studio: LiveStudio) -> None:
    customer, clock = studio.customer_on_a_clock()
    purchase = studio.buy(customer)
    studio.hear(lambda: has_status(purchase, SubscriptionStatus.ACTIVE))
    first = load_purchase(purchase).period_end

    studio.move_on(clock, MONTH)
    studio.hear(lambda: load_purchase(purchase).period_start == first)
    studio.hear(lambda: Invoice.objects.filter(subscription=purchase, status="paid").count() == 2)
    cancel_now(load_purchase(purchase), who="a test", now=timezone.now())

    assert has_status(purchase, SubscriptionStatus.CANCELED)
    assert Milestone.objects.filter(subscription=purchase, kind=MilestoneKind.RENEWED).count() == 1


def test_a_cancellation_at_period_end_is_kept_then_carried_out(studio: LiveStudio) -> None:
    customer, clock = studio.customer_on_a_clock()
    purchase = studio.buy(customer)
    studio.hear(lambda: has_status(purchase, SubscriptionStatus.ACTIVE))

    cancel_at_period_end(load_purchase(purchase), who="a test", now=timezone.now())
    assert load_purchase(purchase).ends_at == load_purchase(purchase).period_end
    keep_subscription(load_purchase(purchase), who="a test", now=timezone.now())
    assert load_purchase(purchase).ends_at is None
    cancel_at_period_end(load_purchase(purchase), who="a test", now=timezone.now())
    studio.move_on(clock, MONTH)
    studio.hear(lambda: has_status(purchase, SubscriptionStatus.CANCELED))

    assert load_purchase(purchase).ended_at is not None


def test_a_card_that_fails_and_is_replaced(studio: LiveStudio) -> None:
    customer, clock = studio.customer_on_a_clock()
    purchase = studio.buy(customer)
    studio.hear(lambda: has_status(purchase, SubscriptionStatus.ACTIVE))

    studio.use_card(customer, "pm_card_chargeCustomerFail")
    studio.move_on(clock, MONTH)
    studio.hear(lambda: has_status(purchase, SubscriptionStatus.PAST_DUE))
    studio.use_card(customer, "pm_card_visa")
    invoice = Invoice.objects.filter(subscription=purchase, status="open").get()
    studio.v1.invoices.pay(invoice.stripe_id)
    studio.hear(lambda: has_status(purchase, SubscriptionStatus.ACTIVE))

    kinds = Milestone.objects.filter(subscription=purchase).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [MilestoneKind.STARTED, MilestoneKind.PAYMENT_FAILED, MilestoneKind.PAID_AGAIN]


def test_p16_one_on_a_test_clock_is_compared_though_no_list_of_all_has_it(studio: LiveStudio) -> None:
    customer, _clock = studio.customer_on_a_clock()
    purchase = studio.buy(customer)
    studio.hear(lambda: has_status(purchase, SubscriptionStatus.ACTIVE))
    there = customer.at_stripe.get().stripe_id
    (listed,) = studio.v1.subscriptions.list({"customer": there}).data
    assert listed.id not in {each.id for each in studio.v1.subscriptions.list({"status": "all"}).auto_paging_iter()}
    studio.v1.subscriptions.cancel(listed.id)

    reconcile(studio.connection, timezone.now())

    assert has_status(purchase, SubscriptionStatus.CANCELED)


def test_what_nobody_told_is_found_by_comparison(studio: LiveStudio) -> None:
    purchase = studio.buy(studio.customer())

    reconcile(studio.connection, timezone.now() + timedelta(hours=2))

    assert has_status(purchase, SubscriptionStatus.ACTIVE)
