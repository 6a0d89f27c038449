"""What was bought from the demo studio through the Stripe sandbox."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.models import Account, Customer
from bookwhen.payments.endpoints import endpoint_url
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.models import Connection, StripeEvent
from bookwhen.sandbox.demo import subscribers
from bookwhen.sandbox.demo.loading import load
from bookwhen.sandbox.demo.logins import MEMBER
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Standing
from memberships.models import LIVE, Difference, Membership, Subscription
from memberships.queries import count_by_state, payable_invoice, subscriptions_of
from tests.comparing import compare_memberships as reconcile
from tests.demo.facts import list_memberships
from tests.factories.schedule import NOW
from tickets.consistency import check_books
from tickets.models import Payment

pytestmark = pytest.mark.django_db


def test_memberships_are_on_sale(account: Account) -> None:
    unlimited = ("Unlimited", [("Monthly", 6500, "month", 0), ("Yearly", 65000, "year", 0)])

    assert list_memberships(account, "demo") == [
        ("Family", [("Monthly", 7200, "month", 0)]),
        ("Ten a month", [("Monthly", 4800, "month", 7)]),
        unlimited,
    ]
    assert list_memberships(account, "demo-workshops") == [unlimited]
    assert Membership.objects.filter(published=False).values_list("title", "group__name").get() == (
        "Friends of the sail loft",
        "Unlimited members",
    )


def test_subscriptions_are_in_every_state(account: Account) -> None:
    bought = Counter(subscriptions_of(account).values_list("membership__title", "status", "source"))

    counts = count_by_state(account, subscriptions_of(account))
    assert {state: count.counted for state, count in counts.items()} == {
        "active": 11,
        "unrenewed": 1,
        "paused": 1,
        "unpaid": 1,
        "cancelled": 1,
    }
    assert bought == {
        ("Unlimited", "active", "checkout"): 5,
        ("Unlimited", "canceled", "checkout"): 1,
        ("Ten a month", "active", "checkout"): 3,
        ("Ten a month", "past_due", "checkout"): 1,
        ("Ten a month", "trialing", "checkout"): 1,
        ("Family", "active", "checkout"): 3,
        ("Friends of the sail loft", "active", "stripe"): 1,
    }


def test_who_has_a_membership_stands_in_its_group_until_it_ends(account: Account) -> None:
    standing = Standing.objects.at(NOW).filter(source="membership", account=account)
    live = Subscription.objects.filter(account=account, status__in=LIVE)
    paused = live.exclude(pause_behavior="")

    assert sorted(standing.values_list("ground", "member__group", "member__customer", "until")) == sorted(
        [
            *live.filter(pause_behavior="").values_list("uuid", "membership__group", "customer", "ends_at"),
            *paused.values_list("uuid", "membership__group", "customer", "period_end"),
        ]
    )
    assert paused.count() == 1


def test_one_payment_is_on_its_way_and_one_disputed(account: Account) -> None:
    payments = Payment.objects.filter(account=account)
    on_way, disputed = payments.get(on_way_since__isnull=False), payments.get(withdrawn__gt=0)

    assert (on_way.is_on_way, on_way.booking.state) == (True, "booked")
    assert list(disputed.disputes.values_list("state", "amount")) == [("open", disputed.amount)]


def test_the_member_has_invoices_and_pays_alone(account: Account) -> None:
    member = Customer.objects.get(account=account, user__email=MEMBER)
    theirs = member.subscriptions.get()

    assert [(each.status, each.amount_paid) for each in theirs.invoices.all()] == [("paid", 4800)] * 3
    assert list(theirs.milestones.order_by("pk").values_list("kind", flat=True)) == [
        "checkout_opened",
        "started",
        "renewed",
        "renewed",
    ]
    holding = Standing.objects.at(NOW).filter(member__customer=member)
    assert list(holding.values_list("source", "member__group__name")) == [("membership", "Ten a month")]


def test_a_failed_payment_can_be_made_up_for(account: Account) -> None:
    failing = Subscription.objects.get(account=account, status="past_due")
    invoice = payable_invoice(failing)

    assert invoice is not None
    assert (invoice.amount_due, invoice.attempt_count) == (4800, 1)
    assert invoice.next_attempt_at is not None
    assert invoice.next_attempt_at > NOW


def test_the_first_look_at_the_books_says_that_they_are_right(account: Account) -> None:
    assert check_books(account=account, now=NOW) == []


@pytest.mark.parametrize("days", [1, 12, 40])
def test_so_does_the_first_look_after_a_later_start(account: Account, sandbox: Sandbox, days: int) -> None:
    later = NOW + timedelta(days=days)
    sandbox.platform.offset += 86_400 * days

    load(now=later)
    assert subscribers.load(now=later) == ""

    assert check_books(account=account, now=later) == []


def test_stripe_agrees_and_is_at_the_same_time(account: Account, connection: Connection, sandbox: Sandbox) -> None:
    reconcile(connection, NOW)

    assert Difference.objects.count() == 0
    assert abs(sandbox.platform.now() - int(NOW.timestamp())) < 600
    assert (connection.trouble, StripeEvent.objects.exclude(state="done").count()) == ("", 0)
    endpoint = Gateway.of(connection).endpoint(connection.webhook_endpoint)
    assert (endpoint.url, endpoint.enabled) == (endpoint_url(connection.endpoint), True)
