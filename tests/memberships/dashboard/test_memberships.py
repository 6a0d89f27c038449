"""The list of memberships, making one, its page, its details, and deleting it."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Plan, Role
from bookwhen.picker import SHOWN
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Group
from memberships.models import Membership, SubscriptionStatus
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.memberships.dashboard.conftest import store_membership, store_price, store_subscription
from tests.plans import reading, run
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller

pytestmark = [pytest.mark.django_db]


def without_stripe() -> Dashboard:
    return open_dashboard(AccountFactory.create())


# The list


def test_the_empty_list_says_what_to_do(dashboard: Dashboard) -> None:
    page = page_text(dashboard.get("memberships"))

    assert "Create your first membership" in page
    assert says.CONNECT_STRIPE_FIRST not in page


def test_the_list_names_group_prices_customers_and_whether_it_is_sold(dashboard: Dashboard, gold: Membership) -> None:
    store_price(gold, title="Yearly", amount=40000, interval="year")
    store_price(gold, title="Weekly", amount=1200, interval="week", trial_days=7)
    store_price(gold, title="Old", amount=100, archived_at=NOW)
    store_price(gold, title="Secret", amount=200, published=False)
    store_subscription(gold)
    store_subscription(gold, status=SubscriptionStatus.CANCELED, ended_at=NOW)
    silver = store_membership(gold.account, title="Silver", published=False)
    silver.prices.all().delete()

    page = page_text(dashboard.get("memberships"))

    assert "Gold Gold £12.00 every week, £40.00 every month, 1 more 1 have Gold Published" in page
    assert "Silver Silver No published price 0 have Silver Not published" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_memberships_as_for_one(
    dashboard: Dashboard, account: Account, count: int
) -> None:
    for number in range(count):
        store_subscription(store_membership(account, title=f"Number {number}"))
    dashboard.get("memberships")

    with CaptureQueriesContext(connection) as seen:
        dashboard.get("memberships")

    assert len(seen) == 6


def test_without_stripe_a_box_leads_to_the_settings() -> None:
    at = without_stripe()

    response = at.get("memberships")

    assert says.CONNECT_STRIPE_FIRST in page_text(response)
    assert response.context["payments_url"] == at.url("payments")


def test_a_bookings_admin_is_told_who_can_connect_stripe() -> None:
    page = open_dashboard(AccountFactory.create(), Role.BOOKINGS_ADMIN).get("memberships")

    assert "The account owner can connect it in Settings." in page_text(page)
    assert page.context["payments_url"] == ""


def test_a_disconnected_account_is_asked_to_connect_again(account: Account, dashboard: Dashboard) -> None:
    account.connection = ConnectionFactory.create(disconnected_at=NOW, encrypted_key="")
    account.save()

    assert says.CONNECT_STRIPE_FIRST in page_text(dashboard.get("memberships"))


# The plan


def test_on_free_without_memberships_the_plans_are_explained() -> None:
    at = open_dashboard(AccountFactory.create(plan=Plan.FREE))

    response = at.get("memberships")

    assert (response.status_code, "Standard" in page_text(response)) == (200, True)
    assert at.get("subscriptions").status_code == 200


def test_on_free_what_exists_stays_readable_and_nothing_is_made_or_changed(
    dashboard: Dashboard, gold: Membership
) -> None:
    bought = store_subscription(gold)
    Account.objects.update(plan=Plan.FREE)
    price = gold.prices.get()

    assert says.MEMBERSHIPS_NEED_STANDARD in page_text(dashboard.get("memberships"))
    assert "Add price" not in page_text(dashboard.get("membership", pk=gold.pk))
    assert dashboard.get("subscription", pk=bought.pk).status_code == 200
    refused = [
        dashboard.post("membership_new", {"title": "Silver"}),
        dashboard.post("membership_edit", {"title": "Silver"}, pk=gold.pk),
        dashboard.post("price_new", {"title": "Cheap", "cost": "1"}, pk=gold.pk),
        dashboard.post("price_edit", {"title": "Cheap"}, pk=gold.pk, price=price.pk),
        dashboard.post("price_archive", pk=gold.pk, price=price.pk),
        dashboard.post("price_restore", pk=gold.pk, price=price.pk),
    ]
    assert [response.status_code for response in refused] == [403] * 6
    gold.refresh_from_db()
    price.refresh_from_db()
    assert (gold.title, price.title, price.archived_at) == ("Gold", "Monthly", None)
    assert Membership.objects.count() == 1


# Making one


def test_a_membership_is_made_with_a_group_of_the_same_name(dashboard: Dashboard) -> None:
    response = dashboard.post(
        "membership_new", {"key": uuid4(), "title": " Gold ", "description": "Ten classes.", "group": ""}
    )

    made = Membership.objects.get()
    assert response["Location"] == dashboard.url("membership", pk=made.pk)
    assert shown_messages(dashboard.client.get(response["Location"])) == ["Membership created"]
    assert (made.title, made.description, made.published) == ("Gold", "Ten classes.", False)
    assert (made.group.name, made.group.account) == ("Gold", dashboard.account)
    assert list(made.pages.all()) == []


def test_a_membership_is_made_for_an_existing_group_and_for_some_pages(dashboard: Dashboard) -> None:
    group = GroupFactory.create(account=dashboard.account)
    page = SchedulePageFactory.create(account=dashboard.account)
    SchedulePageFactory.create(account=dashboard.account)

    dashboard.post("membership_new", {"key": uuid4(), "title": "Gold", "group": group.pk, "pages": [page.pk]})

    made = Membership.objects.get()
    assert (made.group, list(made.pages.all()), Group.objects.count()) == (group, [page], 1)


def test_groups_and_pages_of_others_and_archived_groups_cannot_be_chosen(dashboard: Dashboard) -> None:
    theirs, page = GroupFactory.create(), SchedulePageFactory.create()
    resting = GroupFactory.create(account=dashboard.account, archived_at=NOW)

    answers = [
        dashboard.post("membership_new", {"key": uuid4(), "title": "Gold", "group": theirs.pk}),
        dashboard.post("membership_new", {"key": uuid4(), "title": "Gold", "group": resting.pk}),
        dashboard.post("membership_new", {"key": uuid4(), "title": "Gold", "group": "x"}),
        dashboard.post("membership_new", {"key": uuid4(), "title": "Gold", "pages": [page.pk]}),
        dashboard.post("membership_new", {"key": uuid4(), "title": ""}),
    ]

    assert [response.status_code for response in answers] == [422] * 5
    assert "Enter the membership title" in page_text(answers[-1])
    assert Membership.objects.count() == 0


def test_one_form_sent_twice_makes_one_membership(dashboard: Dashboard) -> None:
    sent = {"title": "Gold", "key": str(uuid4())}

    first, second = dashboard.post("membership_new", sent), dashboard.post("membership_new", sent)

    assert first["Location"] == second["Location"]
    assert (Membership.objects.count(), Group.objects.count()) == (1, 1)


@pytest.mark.usefixtures("new_files")
def test_another_group_than_those_shown_is_found_by_its_name(dashboard: Dashboard) -> None:
    groups = [GroupFactory.create(account=dashboard.account, name=f"Group {number:03}") for number in range(SHOWN + 2)]
    sent = {"key": uuid4(), "title": "Gold", "group": groups[-1].pk}

    found = dashboard.post("membership_new", {**sent, "group-find": "p 001", "group-look": "1"})
    nothing = dashboard.post("membership_new", {**sent, "group": "", "group-find": "swim", "group-look": "1"})

    shown = re.findall(r'type="radio" name="group" value="(\d*)"[^>]*?( checked)?>', found.content.decode())
    # What was chosen before is still there, and none at all can be chosen.
    assert shown == [("", ""), (str(groups[-1].pk), " checked"), (str(groups[1].pk), "")]
    assert ('name="title" value="Gold"' in found.content.decode(), Membership.objects.count()) == (True, 0)
    assert "No, create a new group with the same name Nothing matches “swim”. Try another word." in page_text(nothing)
    dashboard.post("membership_new", sent)
    assert Membership.objects.get().group == groups[-1]


@pytest.mark.usefixtures("new_files")
@pytest.mark.parametrize("name", ["membership_new", "membership_edit"])
def test_with_thousands_of_groups_and_pages_it_costs_what_it_costs_with_some(
    dashboard: Dashboard, gold: Membership, name: str
) -> None:
    asked: list[tuple[int, int]] = []
    at: dict[str, Any] = {"pk": gold.pk} if name == "membership_edit" else {}
    for number in (2 * SHOWN, 3_000):
        run(
            "INSERT INTO groups_group (account_id, name, description, key, created_at)"
            " SELECT %(account)s, 'Group ' || i, '', gen_random_uuid(), now() FROM generate_series(1, %(number)s) AS i",
            "INSERT INTO accounts_schedulepage (account_id, title, slug, description, accent, created_at)"
            " SELECT %(account)s, 'Page ' || i, 'page-%(number)s-' || i, '', 'teal', now()"
            " FROM generate_series(1, %(number)s) AS i",
            "ANALYZE groups_group, accounts_schedulepage",
            account=dashboard.account.pk,
            number=number,
        )
        dashboard.get(name, **at)
        with reading() as read:
            assert dashboard.get(name, **at).status_code == 200
        asked.append((len(read.blocks), sum(read.blocks)))
    (statements, blocks), (as_many, most) = asked
    assert (as_many, most < 1.3 * blocks + 50) == (statements, True), asked


# Its page


def test_its_page_says_what_keeps_it_from_being_worth_buying(dashboard: Dashboard, gold: Membership) -> None:
    price = gold.prices.get()
    price.published = False
    price.save()

    page = page_text(dashboard.get("membership", pk=gold.pk))

    assert "Something is missing. It has no published price, so nobody can buy it." in page
    assert "Its group has no enabled offer that includes an exclusive ticket" in page
    assert says.CONNECT_STRIPE_FIRST not in page


@pytest.mark.parametrize(("enabled", "warned"), [(True, False), (False, True)])
def test_an_offer_that_covers_a_ticket_must_be_enabled(
    dashboard: Dashboard,
    gold: Membership,
    enabled: bool,  # noqa: FBT001
    warned: bool,  # noqa: FBT001
) -> None:
    entry = EntryFactory.create(page=SchedulePageFactory.create(account=dashboard.account))
    TicketFactory.create(entry=entry, group=gold.group)
    OfferFactory.create(group=gold.group, page=entry.page, enabled=enabled)

    page = page_text(dashboard.get("membership", pk=gold.pk))

    assert ("Its group has no enabled offer" in page, "Something is missing." in page) == (warned, warned)


def test_an_archived_group_is_named(dashboard: Dashboard, gold: Membership) -> None:
    Group.objects.update(archived_at=NOW)

    assert "Its customer group is archived, so nobody can buy it until you restore the group." in page_text(
        dashboard.get("membership", pk=gold.pk)
    )


def test_without_stripe_its_page_asks_to_connect(gold: Membership, dashboard: Dashboard) -> None:
    Account.objects.update(connection=None)

    assert says.CONNECT_STRIPE_FIRST in page_text(dashboard.get("membership", pk=gold.pk))


def test_its_details_are_listed(dashboard: Dashboard, gold: Membership) -> None:
    store_subscription(gold)

    page = page_text(dashboard.get("membership", pk=gold.pk))

    assert "Published Yes: customers can buy it." in page
    assert "Shown on All schedule pages" in page
    assert "Customers 1 customer has it" in page


# Its details


def test_details_are_edited_and_it_is_published(dashboard: Dashboard, gold: Membership) -> None:
    page = SchedulePageFactory.create(account=dashboard.account)
    Membership.objects.update(published=False)

    response = dashboard.post(
        "membership_edit",
        {"title": "Platinum", "description": "All.", "pages": [page.pk], "published": "on"},
        pk=gold.pk,
    )

    assert shown_messages(dashboard.client.get(response["Location"])) == ["Membership saved"]
    gold.refresh_from_db()
    assert (gold.title, gold.description, gold.published) == ("Platinum", "All.", True)
    assert list(gold.pages.all()) == [page]
    assert gold.group.name == "Gold"


def test_unpublished_it_is_not_sold_and_whoever_has_it_keeps_it(dashboard: Dashboard, gold: Membership) -> None:
    bought = store_subscription(gold)

    dashboard.post("membership_edit", {"title": "Gold"}, pk=gold.pk)

    gold.refresh_from_db()
    bought.refresh_from_db()
    assert (gold.published, bought.status) == (False, SubscriptionStatus.ACTIVE)


def test_it_is_not_published_into_an_archived_group(dashboard: Dashboard, gold: Membership) -> None:
    Membership.objects.update(published=False)
    Group.objects.update(archived_at=NOW)

    response = dashboard.post("membership_edit", {"title": "Platinum", "published": "on"}, pk=gold.pk)

    assert response.status_code == 422
    assert "Its customer group is archived. Restore the group first, then publish the membership." in page_text(
        response
    )
    gold.refresh_from_db()
    assert (gold.title, gold.published) == ("Gold", False)


def test_the_title_is_told_to_stripe(seller: Seller) -> None:
    at = open_dashboard(seller.account)

    at.post("membership_edit", {"title": "Platinum", "published": "on"}, pk=seller.membership.pk)

    assert seller.stripe.products.retrieve(seller.membership.product).name == "Platinum"


def test_where_stripe_cannot_be_told_the_details_are_kept_and_the_next_step_is_said(
    seller: Seller, stripe_here: Sandbox
) -> None:
    at = open_dashboard(seller.account)
    stripe_here.arm("error", "POST /v1/products", times=3)

    response = at.post("membership_edit", {"title": "Platinum", "published": "on"}, pk=seller.membership.pk)

    [said] = shown_messages(at.client.get(response["Location"]))
    assert said.startswith("The membership is saved here, but we couldn’t update its title in Stripe: ")
    assert said.endswith(" Save it again later to retry.")
    seller.membership.refresh_from_db()
    assert seller.membership.title == "Platinum"
    at.post("membership_edit", {"title": "Platinum", "published": "on"}, pk=seller.membership.pk)
    assert seller.stripe.products.retrieve(seller.membership.product).name == "Platinum"


# Deleting


def test_what_nobody_ever_had_is_deleted_once(dashboard: Dashboard, gold: Membership) -> None:
    page = dashboard.get("membership_delete", pk=gold.pk)
    assert "Delete Gold?" in page_text(page)

    answers = [dashboard.post("membership_delete", {"key": page.context["key"]}, pk=gold.pk) for _ in range(2)]

    assert [response["Location"] for response in answers] == [dashboard.url("memberships")] * 2
    assert shown_messages(dashboard.client.get(answers[0]["Location"])) == ["Membership deleted"]
    assert (Membership.objects.count(), Group.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    "status", [SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED, SubscriptionStatus.ABANDONED]
)
def test_what_somebody_had_or_nearly_had_is_kept(dashboard: Dashboard, gold: Membership, status: str) -> None:
    store_subscription(gold, status=status, stripe_id="" if status == SubscriptionStatus.ABANDONED else "sub_x")

    page = page_text(dashboard.get("membership_delete", pk=gold.pk))
    response = dashboard.post("membership_delete", pk=gold.pk)

    assert "You can’t delete this membership" in page
    assert shown_messages(dashboard.client.get(response["Location"])) == [
        "You can’t delete a membership that a customer has or has had. Unpublish it instead."
    ]
    assert Membership.objects.get() == gold
