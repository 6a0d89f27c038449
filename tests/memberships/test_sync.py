from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Customer, Letter, PastDuePolicy
from bookwhen.payments.handlers import NotYetError, Outcome
from bookwhen.sandbox.stripe.shopper import FAILS_LATER
from groups.models import Standing
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership
from memberships.marks import ENDPOINT, PURCHASE
from memberships.models import (
    Invoice,
    Milestone,
    MilestoneKind,
    Price,
    Subscription,
    SubscriptionSource,
    SubscriptionStatus,
)
from memberships.standing import counted_otherwise
from memberships.sync import resync_standings, sync_subscription
from tests.factories.accounts import AccountFactory
from tests.factories.payments import connect_without_webhook
from tests.worlds.seller import Seller, open_seller

SOON = timedelta(minutes=5)


def kinds(subscription: Subscription) -> list[str]:
    """Its history, oldest first."""
    return list(Milestone.objects.filter(subscription=subscription).order_by("pk").values_list("kind", flat=True))


def letters(subscription: Subscription) -> list[str]:
    """What its customer was sent, oldest first."""
    found = Letter.objects.filter(recipient=subscription.customer.email).order_by("pk")
    return list(found.values_list("kind", flat=True))


def standings(subscription: Subscription) -> list[Standing]:
    return list(Standing.objects.filter(ground=subscription.uuid).order_by("pk"))


def test_a_purchase_becomes_what_stripe_says(seller: Seller) -> None:
    customer = seller.customer(email="ada@example.org", name="Ada")

    bought = seller.sell(customer)

    at_stripe = seller.retrieve_subscription(bought)
    item = at_stripe["items"].data[0]
    assert bought.status == SubscriptionStatus.ACTIVE
    assert bought.source == SubscriptionSource.CHECKOUT
    assert bought.stripe_id == at_stripe.id
    assert bought.period_end == datetime.fromtimestamp(item.current_period_end, UTC)
    assert (bought.ends_at, bought.ended_at, bought.revision) == (None, None, 1)
    assert kinds(bought) == [MilestoneKind.CHECKOUT_OPENED, MilestoneKind.STARTED]
    assert letters(bought) == ["membership_started"]
    [standing] = standings(bought)
    assert standing.member.customer == customer
    assert standing.member.group == seller.membership.group
    assert standing.until is None
    assert standing.anchor_at == bought.billing_anchor
    assert standing.anchor == timezone.localdate(timezone=seller.account.zone)
    assert standing.uses_reset_on == standing.anchor
    assert Invoice.objects.get(subscription=bought).status == "paid"


def test_the_same_news_again_changes_nothing(seller: Seller) -> None:
    bought = seller.sell()

    assert seller.sync_subscription(bought) is Outcome.DONE

    assert kinds(bought) == [MilestoneKind.CHECKOUT_OPENED, MilestoneKind.STARTED]
    assert letters(bought) == ["membership_started"]


@pytest.mark.parametrize("written", [None, datetime(2020, 5, 17, 8, tzinfo=UTC)])
def test_what_the_previous_release_wrote_is_counted_from_the_instant_at_the_next_look(
    seller: Seller, written: datetime | None
) -> None:
    """It knows no instant: it leaves it out where it lets somebody in, and as it was where the anchor is reset."""
    bought = seller.sell()
    Standing.objects.update(anchor_at=written)

    assert seller.sync_subscription(bought) is Outcome.DONE

    [standing] = standings(bought)
    assert standing.anchor_at == bought.billing_anchor
    assert letters(bought) == ["membership_started"]


def test_standing_that_ended_keeps_what_it_was_counted_by(seller: Seller) -> None:
    bought = seller.sell()
    Standing.objects.update(anchor_at=None, until=F("since"))

    assert not counted_otherwise([bought], now=timezone.now())


def test_a_renewal_is_told_once(seller: Seller) -> None:
    bought = seller.sell()
    first = bought.period_end

    seller.sandbox.advance("period")
    seller.sync_subscription(bought)
    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert bought.period_start == first
    assert kinds(bought)[2:] == [MilestoneKind.RENEWED]
    assert letters(bought)[1:] == ["membership_renewed"]
    assert [invoice.status for invoice in bought.invoices.all()] == ["paid", "paid"]


def test_a_trial_stands_and_its_first_billing_date_is_the_anchor(seller: Seller) -> None:
    price = add_price(seller.membership, PriceTerms(title="Try", amount=4000, trial_days=7), now=timezone.now())

    bought = seller.sell(price=price)

    [standing] = standings(bought)
    today = timezone.localdate(timezone=seller.account.zone)
    assert bought.status == SubscriptionStatus.TRIALING
    assert standing.uses_reset_on == today
    assert standing.anchor == (bought.trial_end.astimezone(seller.account.zone).date() if bought.trial_end else None)
    assert standing.anchor - today == timedelta(days=7)


def test_somebody_who_had_it_before_gets_no_second_trial(seller: Seller) -> None:
    price = add_price(seller.membership, PriceTerms(title="Try", amount=4000, trial_days=7), now=timezone.now())
    first = seller.sell(price=price)
    seller.gateway.cancel_now(first.stripe_id, key="once")
    seller.sync_subscription(first)

    again = seller.sell(first.customer, price=price)

    assert again.status == SubscriptionStatus.ACTIVE


def sell_with_failed_payment(seller: Seller) -> Subscription:
    bought = seller.sell()
    customer = str(seller.retrieve_subscription(bought).customer)
    portal = seller.gateway.open_portal(customer=customer, configuration="", return_url="http://testserver/")
    seller.sandbox.shopper.update_card(portal, FAILS_LATER)
    seller.sandbox.advance("period")
    seller.sync_subscription(bought)
    bought.refresh_from_db()
    return bought


def test_a_member_whose_payment_failed_keeps_access_while_stripe_tries_again(seller: Seller) -> None:
    bought = sell_with_failed_payment(seller)

    assert bought.status == SubscriptionStatus.PAST_DUE
    assert [standing.until for standing in standings(bought)] == [None]
    assert kinds(bought)[2:] == [MilestoneKind.PAYMENT_FAILED]
    assert letters(bought)[1:] == ["membership_payment_failed"]
    assert Invoice.objects.filter(subscription=bought, status="open").get().hosted_url.startswith("http")


def test_by_the_other_policy_they_stand_again_once_they_have_paid(seller: Seller) -> None:
    seller.account.past_due_policy = PastDuePolicy.STOP
    seller.account.save()
    bought = sell_with_failed_payment(seller)
    [first] = standings(bought)
    assert first.until is not None

    invoice = Invoice.objects.get(subscription=bought, status="open")
    seller.sandbox.shopper.pay(invoice.hosted_url)
    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert bought.status == SubscriptionStatus.ACTIVE
    assert [standing.until for standing in standings(bought)] == [first.until, None]
    assert kinds(bought)[2:] == [MilestoneKind.PAYMENT_FAILED, MilestoneKind.PAID_AGAIN]


def test_the_policy_can_be_changed_for_those_who_have_not_paid(seller: Seller) -> None:
    bought = sell_with_failed_payment(seller)
    seller.account.past_due_policy = PastDuePolicy.STOP
    seller.account.save()

    resync_standings(seller.account, now=timezone.now())

    assert [standing.until is None for standing in standings(bought)] == [False]


def test_a_cancellation_at_period_end_bounds_the_standing_and_keeping_frees_it(seller: Seller) -> None:
    bought = seller.sell()
    seller.gateway.cancel_at_period_end(bought.stripe_id, key="end")
    seller.sync_subscription(bought)
    bought.refresh_from_db()
    assert bought.ends_at == bought.period_end
    assert [standing.until for standing in standings(bought)] == [bought.period_end]

    seller.gateway.keep(bought.stripe_id)
    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert bought.ends_at is None
    assert [standing.until for standing in standings(bought)] == [None]
    assert letters(bought)[1:] == ["membership_will_end", "membership_kept"]


def test_a_cancellation_in_the_portal_is_found_though_it_sets_another_field(seller: Seller) -> None:
    bought = seller.sell()
    at_stripe = seller.retrieve_subscription(bought)
    portal = seller.gateway.open_portal(
        customer=str(at_stripe.customer), configuration="", return_url="http://testserver/"
    )

    seller.sandbox.shopper.cancel(portal, bought.stripe_id)
    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert seller.retrieve_subscription(bought).cancel_at_period_end is False
    assert bought.ends_at == bought.period_end

    seller.gateway.keep(bought.stripe_id)
    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert bought.ends_at is None


def test_a_cancellation_at_once_ends_the_standing_now(seller: Seller) -> None:
    bought = seller.sell()

    seller.gateway.cancel_now(bought.stripe_id, key="now")
    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert bought.status == SubscriptionStatus.CANCELED
    [standing] = standings(bought)
    assert standing.until is not None
    assert timezone.now() - standing.until < SOON
    assert kinds(bought)[2:] == [MilestoneKind.ENDED]
    assert letters(bought)[1:] == ["membership_ended"]


def test_a_new_subscription_after_an_end_is_another_ground(seller: Seller) -> None:
    first = seller.sell()
    seller.gateway.cancel_now(first.stripe_id, key="now")
    seller.sync_subscription(first)

    second = seller.sell(first.customer)

    assert second.pk != first.pk
    assert [standing.until for standing in standings(second)] == [None]


def test_a_subscription_begun_at_stripe_is_taken_in(seller: Seller) -> None:
    found = sync_subscription(seller.account, seller.subscribe_at_stripe(), now=timezone.now())

    assert found is not None
    assert (found.source, found.status, found.membership) == (
        SubscriptionSource.STRIPE,
        SubscriptionStatus.ACTIVE,
        seller.membership,
    )
    assert found.customer == Customer.objects.get(account=seller.account, email="bea@example.org")
    assert [standing.until for standing in standings(found)] == [None]
    assert kinds(found) == [MilestoneKind.STARTED]


def test_the_address_that_stripe_knows_somebody_by_is_kept_in_our_one_form(seller: Seller) -> None:
    v1 = seller.stripe
    known = {}
    for email in ("\u200bBea@bücher.example", "bëa@example.org"):
        person = v1.customers.create({"email": email})
        wanted = {"customer": person.id, "items": [{"price": seller.price.stripe_id}]}
        known[email] = v1.subscriptions.create({**wanted, "payment_behavior": "default_incomplete"}).id

    sync_subscription(seller.account, known["\u200bBea@bücher.example"], now=timezone.now())
    with pytest.raises(NotYetError, match="has no usable email address"):
        sync_subscription(seller.account, known["bëa@example.org"], now=timezone.now())

    assert [customer.email for customer in Customer.objects.all()] == ["bea@xn--bcher-kva.example"]


def test_one_of_another_product_is_not_ours(seller: Seller) -> None:
    v1 = seller.stripe
    product = v1.products.create({"name": "Towels"})
    price = v1.prices.create(
        {"product": product.id, "currency": "gbp", "unit_amount": 500, "recurring": {"interval": "month"}}
    )
    person = v1.customers.create({"email": "bea@example.org"})
    made = v1.subscriptions.create(
        {"customer": person.id, "items": [{"price": price.id}], "payment_behavior": "default_incomplete"}
    )

    assert sync_subscription(seller.account, made.id, now=timezone.now()) is None
    assert Subscription.objects.count() == 0
    assert Customer.objects.count() == 0


def test_a_price_made_at_stripe_is_taken_over_unpublished(seller: Seller) -> None:
    bought = seller.sell()
    made = seller.stripe.prices.create(
        {
            "product": seller.membership.product,
            "currency": "gbp",
            "unit_amount": 5500,
            "recurring": {"interval": "month"},
        }
    )
    item = seller.retrieve_subscription(bought)["items"].data[0]
    seller.stripe.subscriptions.update(bought.stripe_id, {"items": [{"id": item.id, "price": made.id}]})

    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert bought.price == Price.objects.get(stripe_id=made.id)
    assert (bought.price.amount, bought.price.published) == (5500, False)
    assert kinds(bought)[2:] == [MilestoneKind.CHANGED]


def test_a_subscription_moved_to_another_membership_takes_its_customer_to_that_group(seller: Seller) -> None:
    bought = seller.sell()
    now = timezone.now()
    silver = create_membership(seller.account, MembershipDetails(title="Silver"), group=None, now=now)
    price = add_price(silver, PriceTerms(title="Monthly", amount=2500), now=now)
    item = seller.retrieve_subscription(bought)["items"].data[0]
    seller.stripe.subscriptions.update(bought.stripe_id, {"items": [{"id": item.id, "price": price.stripe_id}]})

    seller.sync_subscription(bought)

    bought.refresh_from_db()
    assert (bought.membership, bought.price) == (silver, price)
    standing = [(each.member.group, each.until is None) for each in standings(bought)]
    assert standing == [(seller.membership.group, False), (silver.group, True)]


def test_our_mark_on_a_purchase_that_is_unknown_is_tried_again(seller: Seller) -> None:
    person = seller.stripe.customers.create({"email": "bea@example.org"})
    made = seller.stripe.subscriptions.create(
        {
            "customer": person.id,
            "items": [{"price": seller.price.stripe_id}],
            "payment_behavior": "default_incomplete",
            "metadata": {
                ENDPOINT: str(seller.connection.endpoint),
                PURCHASE: "00000000-0000-4000-8000-000000000000",
            },
        }
    )

    with pytest.raises(NotYetError):
        sync_subscription(seller.account, made.id, now=timezone.now())


def test_a_studio_on_the_same_stripe_account_leaves_anothers_members_alone(seller: Seller) -> None:
    other = AccountFactory.create()
    connect_without_webhook(other, seller.key)
    bought = seller.sell()

    assert sync_subscription(other, bought.stripe_id, now=timezone.now()) is None
    assert Subscription.objects.get() == bought


def test_two_studios_do_not_see_each_others_subscriptions(seller: Seller) -> None:
    other = open_seller(seller.sandbox)
    bought = seller.sell()

    assert other.account != seller.account
    assert list(Subscription.objects.filter(account=other.account)) == []
    assert list(Subscription.objects.filter(account=seller.account)) == [bought]
