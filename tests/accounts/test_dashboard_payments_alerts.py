"""What the overview says of payments: warnings, and the first step to them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Plan, Role
from bookwhen.payments.models import Connection, EventState
from memberships.models import Difference, Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests import dashboard_sentences as says
from tests.browsing import page_text
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.payments import ConnectionFactory, StripeEventFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def dashboard(db: None) -> Dashboard:
    connection = ConnectionFactory.create(reconciled_at=NOW - timedelta(hours=1))
    return open_dashboard(AccountFactory.create(connection=connection))


def store_subscriptions(account: Account, *statuses: SubscriptionStatus) -> None:
    """Customers who have a membership, one in each status."""
    group = GroupFactory.create(account=account)
    membership = Membership.objects.create(account=account, group=group, title="Gold", created_at=NOW)
    made = {"account": account, "membership": membership, "created_at": NOW}
    price = Price.objects.create(title="Monthly", amount=4000, currency="GBP", **made)
    for number, status in enumerate(statuses):
        facts = {"status": status, "stripe_id": f"sub_{number}", "started_at": NOW, **made}
        customer = CustomerFactory.create(account=account)
        Subscription.objects.create(customer=customer, price=price, source=SubscriptionSource.CHECKOUT, **facts)


def store_dead_events(account: Account, count: int) -> None:
    StripeEventFactory.create_batch(count, connection=account.connection, state=EventState.DEAD)


def store_difference(account: Account, *, hours_ago: float, **fields: Any) -> None:
    found_at = NOW - timedelta(hours=hours_ago)
    facts = {"stripe_id": "sub_9", "field": "missing", "stripes": "active", **fields}
    Difference.objects.create(account=account, found_at=found_at, **facts)


def alerts(dashboard: Dashboard) -> list[tuple[str, str, str, str]]:
    """The overview's warnings: how urgent, what they say, and the link's address and words."""
    page = dashboard.get("overview").content.decode()
    found = []
    for part in page.split('<div class="banner" data-tone="')[1:]:
        tone, text = part.partition('"')[0], part.partition("<strong>")[2]
        href, label = re.findall(r'class="button" href="([^"]+)"[^>]*>([^<]+)<', text)[0]
        told = " ".join(re.sub(r"<[^>]*>", " ", text.partition("</div>")[0]).split())
        found.append((tone, told, href, label))
    return found


def test_where_all_is_well_nothing_is_said(dashboard: Dashboard) -> None:
    store_subscriptions(
        dashboard.account, SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.CANCELED
    )
    StripeEventFactory.create(connection=dashboard.account.connection)
    store_dead_events(AccountFactory.create(connection=ConnectionFactory.create()), 1)
    assert alerts(dashboard) == []
    assert 'class="banners"' not in dashboard.get("overview").content.decode()


def test_trouble_is_told_with_where_to_mend_it(dashboard: Dashboard) -> None:
    Connection.objects.update(trouble="The key expired.")
    words = f"{says.STRIPE_NEEDS_ATTENTION} The key expired."
    assert alerts(dashboard) == [("danger", words, dashboard.url("payments"), "Open payments")]
    admin = open_dashboard(dashboard.account, Role.BOOKINGS_ADMIN)
    assert alerts(admin) == [("danger", words, dashboard.url("payments_health"), "Open payments")]


@pytest.mark.parametrize(
    ("count", "title"), [(1, "1 update from Stripe failed."), (2, "2 updates from Stripe failed.")]
)
def test_events_that_were_given_up_are_counted(dashboard: Dashboard, count: int, title: str) -> None:
    store_dead_events(dashboard.account, count)
    words = f"{title} Some changes may be missing here. See what went wrong, then replay the events."
    href = f"{dashboard.url('payments_health')}?state=dead#events"
    assert alerts(dashboard) == [("danger", words, href, "Open payments health")]


def test_what_the_last_comparison_could_not_put_right_is_counted(dashboard: Dashboard) -> None:
    store_difference(dashboard.account, hours_ago=1)
    store_difference(dashboard.account, hours_ago=25)
    store_difference(dashboard.account, hours_ago=1, repaired_at=NOW)
    store_difference(AccountFactory.create(), hours_ago=1)
    words = (
        "1 membership doesn’t match Stripe. We found this when we last compared with Stripe, but couldn’t correct it."
    )
    assert alerts(dashboard) == [
        ("danger", words, f"{dashboard.url('payments_health')}#differences", "See differences")
    ]


@pytest.mark.parametrize(
    ("statuses", "title"),
    [
        ([SubscriptionStatus.PAST_DUE, SubscriptionStatus.ACTIVE], "1 member’s payment failed."),
        (
            [SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID, SubscriptionStatus.CANCELED],
            "2 members’ payments failed.",
        ),
    ],
)
def test_members_whose_payment_failed_are_counted(
    dashboard: Dashboard, statuses: list[SubscriptionStatus], title: str
) -> None:
    store_subscriptions(dashboard.account, *statuses)
    ((tone, told, href, label),) = alerts(dashboard)
    assert (tone, told, label) == ("warning", f"{title} We’ve emailed them a link to pay.", "See members")
    assert href == f"{dashboard.url('subscriptions')}?state=unpaid"
    assert f"Active - Unpaid {title[0]}" in page_text(dashboard.client.get(href))


def test_the_worst_comes_first(dashboard: Dashboard) -> None:
    store_subscriptions(dashboard.account, SubscriptionStatus.PAST_DUE)
    store_difference(dashboard.account, hours_ago=1)
    store_dead_events(dashboard.account, 1)
    Connection.objects.update(trouble="The key expired.")
    assert [told.partition(".")[0] for _tone, told, _href, _label in alerts(dashboard)] == [
        "Your Stripe connection needs attention",
        "1 update from Stripe failed",
        "1 membership doesn’t match Stripe",
        "1 member’s payment failed",
    ]
    Connection.objects.update(disconnected_at=NOW)
    assert [told for _tone, told, _href, _label in alerts(dashboard)] == [
        "1 member’s payment failed. We’ve emailed them a link to pay."
    ]


@pytest.mark.parametrize("role", [Role.SCHEDULE_MANAGER, Role.LEADER])
def test_who_cannot_do_anything_about_it_is_not_warned(dashboard: Dashboard, role: Role) -> None:
    store_subscriptions(dashboard.account, SubscriptionStatus.PAST_DUE)
    store_dead_events(dashboard.account, 1)
    assert alerts(open_dashboard(dashboard.account, role)) == []


@pytest.mark.parametrize("many", [1, 3])
def test_the_overview_takes_the_same_queries_however_much_is_wrong(
    dashboard: Dashboard, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    store_subscriptions(dashboard.account, *[SubscriptionStatus.PAST_DUE] * many)
    store_dead_events(dashboard.account, many)
    for _ in range(many):
        store_difference(dashboard.account, hours_ago=1)
    dashboard.get("overview")
    with django_assert_num_queries(23):
        dashboard.get("overview")


STEP = "Connect Stripe to sell memberships"


@pytest.mark.parametrize(
    ("plan", "role", "shown"),
    [
        (Plan.STANDARD, Role.OWNER, 1),
        (Plan.PLUS, Role.OWNER, 1),
        (Plan.FREE, Role.OWNER, 0),
        (Plan.STANDARD, Role.BOOKINGS_ADMIN, 0),
    ],
)
def test_connecting_stripe_is_a_first_step_for_owners_on_standard(db: None, plan: Plan, role: Role, shown: int) -> None:
    at = open_dashboard(AccountFactory.create(plan=plan), role)
    page = at.get("overview")
    assert page_text(page).count(STEP) == shown
    assert f'href="{at.url("payments")}">{STEP}</a>' in page.content.decode() or not shown


def test_the_step_is_done_once_connected_and_does_not_keep_the_others_there_alone(dashboard: Dashboard) -> None:
    assert dashboard.get("overview").content.decode().count("data-done") == 1
    for account in (dashboard.account, AccountFactory.create()):
        EntryFactory.create(account=account, page__account=account)
        GroupFactory.create(account=account)
        CustomerFactory.create(account=account)
        assert STEP not in page_text(open_dashboard(account).get("overview"))
