"""What a customer group's pages say and do about memberships."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from memberships.models import Membership, Subscription, SubscriptionStatus
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, add_member
from tests.memberships.dashboard.conftest import store_membership, store_subscription
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller

pytestmark = [pytest.mark.django_db]
at_noon = pytest.mark.usefixtures("_at_noon")


@pytest.fixture
def ada(gold: Membership) -> Customer:
    return CustomerFactory.create(account=gold.account, name="Ada")


def load_member(subscription: Subscription) -> Member:
    return Standing.objects.get(ground=subscription.uuid).member


def add_manually(subscription: Subscription) -> None:
    Standing.objects.create(
        account=subscription.account,
        member=load_member(subscription),
        source=StandingSource.MANUAL,
        ground=BY_HAND,
        since=NOW - timedelta(days=60),
        anchor=NOW.date(),
    )


# The list of customers


@at_noon
def test_who_is_in_by_a_membership_is_marked_and_leads_to_it(
    dashboard: Dashboard, gold: Membership, ada: Customer
) -> None:
    bought = store_subscription(gold, ada)
    add_member(gold.group, CustomerFactory.create(account=gold.account, name="Bea"))

    response = dashboard.get("group", pk=gold.group_id)

    page = page_text(response)
    assert page.count(says.BY_MEMBERSHIP) == 1
    assert says.BY_MEMBERSHIP_AND_MANUALLY not in page
    assert f'href="{dashboard.url("subscription", pk=bought.pk)}"' in response.content.decode()
    assert page.count("Active - ") == 0


@at_noon
@pytest.mark.parametrize(
    ("fields", "badge"),
    [
        ({"status": SubscriptionStatus.PAST_DUE}, "Active - Unpaid"),
        ({"ends_at": NOW + timedelta(days=20)}, "Active - Unrenewed"),
    ],
)
def test_what_is_not_paid_or_not_renewed_is_seen(
    dashboard: Dashboard, gold: Membership, ada: Customer, fields: dict[str, object], badge: str
) -> None:
    store_subscription(gold, ada, **fields)

    assert page_text(dashboard.get("group", pk=gold.group_id)).count(badge) == 1


@at_noon
def test_both_grounds_are_named(dashboard: Dashboard, gold: Membership, ada: Customer) -> None:
    add_manually(store_subscription(gold, ada))

    assert says.BY_MEMBERSHIP_AND_MANUALLY in page_text(dashboard.get("group", pk=gold.group_id))


@at_noon
def test_an_ended_membership_marks_nobody(dashboard: Dashboard, gold: Membership, ada: Customer) -> None:
    bought = store_subscription(gold, ada)
    add_manually(bought)
    Standing.objects.filter(ground=bought.uuid).update(until=NOW - timedelta(days=1))

    page = page_text(dashboard.get("group", pk=gold.group_id))

    assert ("Ada" in page, "Through a membership" in page) == (True, False)


@at_noon
def test_the_group_lists_the_memberships_that_sell_it(dashboard: Dashboard, gold: Membership) -> None:
    store_membership(gold.account, title="Silver", group=gold.group, published=False)
    store_membership(gold.account, title="Bronze")

    page = page_text(dashboard.get("group", pk=gold.group_id))

    assert "Gold 0 Published Silver 0 Not published" in page
    assert "Bronze" not in page


@at_noon
@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_queries_for_three_members_as_for_one(
    dashboard: Dashboard, gold: Membership, count: int
) -> None:
    for _ in range(count):
        store_subscription(gold)
    dashboard.get("group", pk=gold.group_id)

    with CaptureQueriesContext(connection) as seen:
        dashboard.get("group", pk=gold.group_id)

    assert len(seen) == 15


# Removing somebody


@at_noon
def test_who_is_in_by_a_membership_only_is_shown_the_two_ways(
    dashboard: Dashboard, gold: Membership, ada: Customer
) -> None:
    bought = store_subscription(gold, ada)

    response = dashboard.get("customer_remove", pk=gold.group_id, member=load_member(bought).pk)

    page = page_text(response)
    assert "Remove Ada from the group? They’re in the group through a membership." in page
    assert (
        "At the end of the paid period Bookwhen cancellation They keep their access until 4 February 2030, 12:00"
        in page
    )
    assert f"Immediately Stripe cancellation {says.ENDS_IMMEDIATELY}" in page
    assert "Remove customer" not in page
    action = f'action="{dashboard.url("subscription_cancel", pk=bought.pk)}"'
    assert response.content.decode().count(action) == 2


@at_noon
def test_for_both_grounds_it_says_what_each_removes(dashboard: Dashboard, gold: Membership, ada: Customer) -> None:
    bought = store_subscription(gold, ada)
    add_manually(bought)

    page = page_text(dashboard.get("customer_remove", pk=gold.group_id, member=load_member(bought).pk))

    assert f"{says.KEPT_BY_MEMBERSHIP} This only undoes adding them manually." in page
    assert "Their membership “Gold”" in page
    assert page.count(says.KEPT_MANUALLY) == 2
    assert "Remove customer" in page


@at_noon
def test_who_is_in_by_two_memberships_is_shown_the_ways_of_each(
    dashboard: Dashboard, gold: Membership, ada: Customer
) -> None:
    bought = store_subscription(gold, ada)
    store_subscription(store_membership(gold.account, title="Silver", group=gold.group), ada)

    page = page_text(dashboard.get("customer_remove", pk=gold.group_id, member=load_member(bought).pk))

    assert ("Their membership “Gold”" in page, "Their membership “Silver”" in page) == (True, True)
    assert page.count(says.KEPT_BY_ANOTHER_MEMBERSHIP) == 4


@at_noon
def test_an_ended_membership_has_no_ways(dashboard: Dashboard, gold: Membership, ada: Customer) -> None:
    bought = store_subscription(gold, ada)
    add_manually(bought)
    Subscription.objects.update(status=SubscriptionStatus.CANCELED, ended_at=NOW)

    page = page_text(dashboard.get("customer_remove", pk=gold.group_id, member=load_member(bought).pk))

    assert "Their membership" not in page


@at_noon
def test_removing_by_hand_leaves_the_membership_alone(dashboard: Dashboard, gold: Membership, ada: Customer) -> None:
    bought = store_subscription(gold, ada)
    add_manually(bought)

    dashboard.post("customer_remove", pk=gold.group_id, member=load_member(bought).pk)

    assert Standing.objects.get(ground=BY_HAND).until == NOW
    assert Standing.objects.get(ground=bought.uuid).until is None
    bought.refresh_from_db()
    assert bought.status == SubscriptionStatus.ACTIVE


def test_cancelled_from_the_group_one_comes_back_to_it(seller: Seller) -> None:
    at, bought = open_dashboard(seller.account), seller.sell(seller.customer(name="Ada"))
    member = load_member(bought)
    back = at.url("group_customers", pk=member.group_id)

    ended = at.post("subscription_cancel", {"way": "end", "from": "group"}, pk=bought.pk)
    kept = at.post("subscription_keep", {"from": "group"}, pk=bought.pk)
    gone = at.post("subscription_cancel", {"way": "now", "from": "group"}, pk=bought.pk)

    assert [ended["Location"], kept["Location"], gone["Location"]] == [back] * 3
    assert shown_messages(at.client.get(back))[-1] == says.GOLD_HAS_ENDED
    assert Standing.objects.filter(member=member, until=None).count() == 0


# Archiving and deleting the group


@at_noon
@pytest.mark.parametrize(("published", "held"), [(True, False), (False, True)])
def test_a_group_that_a_membership_uses_is_not_archived(
    dashboard: Dashboard, gold: Membership, *, published: bool, held: bool
) -> None:
    Membership.objects.update(published=published)
    if held:
        store_subscription(gold)

    shown = dashboard.get("group_archive", pk=gold.group_id)
    refused = dashboard.post("group_archive", pk=gold.group_id)

    assert (shown.status_code, refused.status_code) == (200, 409)
    for response in (shown, refused):
        assert "You can’t archive this group yet" in page_text(response)
        state = "published, 0 customers have it" if published else "not published, 1 customer has it"
        assert f"Gold: {state}" in page_text(response)
        assert "First untick Published in the membership’s details" in page_text(response)
    assert Group.objects.get().archived_at is None


@at_noon
def test_once_nobody_has_it_and_it_is_unpublished_the_group_is_archived(dashboard: Dashboard, gold: Membership) -> None:
    store_subscription(gold, status=SubscriptionStatus.CANCELED, ended_at=NOW)
    Membership.objects.update(published=False)

    response = dashboard.post("group_archive", pk=gold.group_id)

    assert response["Location"] == dashboard.url("group", pk=gold.group_id)
    assert Group.objects.get().archived_at == NOW


@at_noon
def test_a_group_with_a_membership_is_not_deleted(dashboard: Dashboard, gold: Membership) -> None:
    Membership.objects.update(published=False)

    dashboard.post("group_delete", pk=gold.group_id)

    assert "It has, or has had, customers, offers, tickets or memberships" in page_text(
        dashboard.get("group_delete", pk=gold.group_id)
    )
    assert Group.objects.count() == 1


@at_noon
def test_another_groups_membership_does_not_hinder(dashboard: Dashboard, gold: Membership) -> None:
    other = GroupFactory.create(account=gold.account)

    dashboard.post("group_archive", pk=other.pk)

    other.refresh_from_db()
    assert other.archived_at == NOW
