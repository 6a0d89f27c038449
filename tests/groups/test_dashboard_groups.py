"""The list of customer groups, and what is done to one as a whole."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Plan
from groups.models import Group, Standing
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.worlds.dashboard import open_dashboard
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def full_group(account: Account | None = None, **fields: Any) -> Group:
    """A group with a customer, an offer, and one ticket of two that the offer covers."""
    entry = EntryFactory.create(**({"page__account": account} if account else {}))
    group = GroupFactory.create(account=entry.account, **fields)
    ticket = TicketFactory.create(entry=entry, group=group)
    TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, ticket=ticket)
    add_member(group, CustomerFactory.create(account=entry.account))
    return group


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_groups_as_for_one(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = AccountFactory.create()
    for _ in range(count):
        full_group(account)
    at = open_dashboard(account)
    at.get("groups")

    with django_assert_num_queries(7):
        at.get("groups")


def test_the_list_counts_customers_offers_and_tickets_and_warns() -> None:
    group = full_group(name="Members")
    group.members.create(account=group.account, customer=CustomerFactory.create(account=group.account), created_at=NOW)
    OfferFactory.create(group=group, deleted_at=NOW, enabled=False)
    Ticket.objects.filter(groups=group).first().groups.create(account=group.account, name="Others")  # type: ignore[union-attr]

    page = page_text(open_dashboard(group.account).get("groups"))

    assert "Members 1 ticket without an offer 1 1 2 Others 1 ticket without an offer 0 0 1" in page


def test_a_disabled_offer_covers_nothing_and_a_deleted_one_neither() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account, name="Members")
    TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, page=entry.page, enabled=False)
    OfferFactory.create(group=group, page=entry.page, deleted_at=NOW)

    assert "Members 1 ticket without an offer 0 1 1" in page_text(open_dashboard(entry.account).get("groups"))


def test_without_groups_the_page_says_what_they_are_for() -> None:
    page = page_text(open_dashboard(AccountFactory.create()).get("groups"))

    assert "Create your first customer group" in page
    assert "Archived" not in page


def test_archived_groups_are_in_another_tab() -> None:
    kept = GroupFactory.create(name="In use still")
    GroupFactory.create(account=kept.account, name="Laid to rest", archived_at=NOW)
    at = open_dashboard(kept.account)

    assert ("In use still" in page_text(at.get("groups")), "Laid to rest" in page_text(at.get("groups"))) == (
        True,
        False,
    )
    archived = page_text(at.get("groups_archived"))
    assert ("In use still" in archived, "Laid to rest" in archived) == (False, True)


def test_a_group_is_created_and_opened() -> None:
    at = open_dashboard(AccountFactory.create())

    response = at.post("group_new", {"name": "🧗 Families عائلات", "description": "Climbing", "key": uuid4()})

    group = Group.objects.get()
    assert (response.status_code, response["Location"]) == (302, at.url("group", pk=group.pk))
    assert (group.account, group.name, group.description) == (at.account, "🧗 Families عائلات", "Climbing")
    assert shown_messages(at.client.get(response["Location"])) == ["Group created"]


def test_the_form_sent_twice_creates_one_group_and_shows_it() -> None:
    at = open_dashboard(AccountFactory.create())
    form = {"name": "Members", "key": uuid4()}

    first, second = at.post("group_new", form), at.post("group_new", form)

    assert Group.objects.count() == 1
    assert first["Location"] == second["Location"] == at.url("group", pk=Group.objects.get().pk)


def test_two_forms_create_two_groups() -> None:
    at = open_dashboard(AccountFactory.create())

    for _ in range(2):
        page = at.get("group_new").content.decode()
        [key] = re.findall(r'name="key" value="([^"]+)"', page)
        at.post("group_new", {"name": "Members", "key": key})

    assert Group.objects.count() == 2


def test_one_key_at_two_studios_creates_a_group_in_each() -> None:
    form = {"name": "Members", "key": uuid4()}
    for at in (open_dashboard(AccountFactory.create()), open_dashboard(AccountFactory.create())):
        at.post("group_new", form)

        assert at.account.groups.count() == 1


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_a_form_without_its_key_creates_nothing_and_comes_again_with_one(key: str) -> None:
    at = open_dashboard(AccountFactory.create())

    response = at.post("group_new", {"name": "Members", "key": key})

    assert (response.status_code, Group.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    ("name", "words_told"),
    [
        ("", "Enter the group name"),
        ("   ", "Enter the group name"),
        ("a" * 201, "Use at most 200 characters for “Group name”: you’ve used 201"),
        ("a\x00b", "Type “Group name” again: it contains a character we can’t save"),
    ],
)
def test_a_refused_group_keeps_what_was_typed(name: str, words_told: str) -> None:
    at = open_dashboard(AccountFactory.create())

    response = at.post("group_new", {"name": name, "description": "Kept as typed"})

    assert (response.status_code, Group.objects.count()) == (422, 0)
    assert words_told in page_text(response)
    page = response.content.decode()
    assert ("<title>Error: Create a new group" in page, "Kept as typed" in page) == (True, True)


def test_a_groups_name_and_description_are_edited() -> None:
    group = GroupFactory.create(name="Old", description="Old")
    at = open_dashboard(group.account)

    response = at.post("group_edit", {"name": "New", "description": ""}, pk=group.pk)

    group.refresh_from_db()
    assert (response["Location"], group.name, group.description) == (at.url("group", pk=group.pk), "New", "")


def test_a_refused_edit_leaves_the_old_name_in_the_path() -> None:
    group = GroupFactory.create(name="Old")

    response = open_dashboard(group.account).post("group_edit", {"name": ""}, pk=group.pk)

    assert (response.status_code, Group.objects.get().name) == (422, "Old")
    assert "Customer groups Old" in page_text(response)


def test_before_archiving_the_affected_tickets_are_listed() -> None:
    entry = EntryFactory.create(title="Yoga")
    group = GroupFactory.create(account=entry.account)
    TicketFactory.create(entry=entry, group=group, name="Member place")

    page = page_text(open_dashboard(entry.account).get("group_archive", pk=group.pk))

    assert "1 exclusive ticket is for this group. It stays exclusive" in page
    assert f"Member place · Yoga ( {entry.page.title} )" in page.replace("(", "( ").replace(")", " )")


def test_archiving_and_restoring() -> None:
    group = full_group()
    at = open_dashboard(group.account)

    at.post("group_archive", pk=group.pk)
    group.refresh_from_db()
    assert group.archived_at == NOW
    page = page_text(at.get("group", pk=group.pk))
    assert ("This group is archived." in page, "Add customers" in page, "Inactive" in page) == (True, False, True)
    assert at.get("group_archive", pk=group.pk)["Location"] == at.url("group", pk=group.pk)

    at.post("group_restore", pk=group.pk)
    group.refresh_from_db()
    assert group.archived_at is None


@pytest.mark.parametrize("name", ["customers_add", "offer_new"])
def test_an_archived_group_is_restored_before_anything_is_added(name: str) -> None:
    group = GroupFactory.create(archived_at=NOW)
    at = open_dashboard(group.account)

    response = at.post(name, {"emails": "ada@example.org", "key": uuid4()}, pk=group.pk)

    assert response["Location"] == at.url("group", pk=group.pk)
    assert (group.members.count(), group.offers.count()) == (0, 0)


def test_a_group_that_nothing_names_is_deleted_once_and_its_link_is_gone() -> None:
    group = GroupFactory.create()
    at = open_dashboard(group.account)
    form = {"key": at.get("group_delete", pk=group.pk).context["key"]}

    first, second = at.post("group_delete", form, pk=group.pk), at.post("group_delete", form, pk=group.pk)

    assert (Group.objects.count(), first["Location"], second["Location"]) == (0, at.url("groups"), at.url("groups"))
    gone = at.get("group", pk=group.pk)
    assert gone.status_code == 404
    assert "Go to the home page" in page_text(gone)


@pytest.mark.parametrize("key", ["", "nonsense", "another page's"])
def test_what_is_not_there_is_not_found_without_the_key_of_its_page(key: str) -> None:
    group = GroupFactory.create()
    at = open_dashboard(group.account)
    if key == "another page's":
        key = at.get("group_delete", pk=group.pk).context["key"]

    assert at.post("group_delete", {"key": key}, pk=group.pk + 1).status_code == 404


@pytest.mark.parametrize("what", ["member", "offer", "deleted offer", "ticket"])
def test_a_group_with_anything_in_it_is_archived_instead(what: str) -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    if what == "member":
        add_member(group, CustomerFactory.create(account=entry.account), until=NOW)
    elif what == "ticket":
        TicketFactory.create(entry=entry, group=group)
    else:
        OfferFactory.create(group=group, deleted_at=NOW if what == "deleted offer" else None)
    at = open_dashboard(entry.account)

    assert "You can’t delete this group" in page_text(at.get("group_delete", pk=group.pk))
    response = at.post("group_delete", {"key": uuid4()}, pk=group.pk)

    assert (Group.objects.count(), response["Location"]) == (1, at.url("group", pk=group.pk))
    assert shown_messages(at.client.get(response["Location"])) == [
        "You can’t delete a group that has been used. Archive it instead. You can restore it later."
    ]


def test_below_standard_without_groups_the_page_shows_the_way_up() -> None:
    page = open_dashboard(AccountFactory.create(plan=Plan.FREE)).get("groups")

    assert page.status_code == 200
    assert says.NEEDS_STANDARD in page_text(page)


def test_below_standard_what_exists_stays_readable_and_is_not_changed() -> None:
    group = full_group(page_account_plan := AccountFactory.create(plan=Plan.FREE), name="Members")
    at = open_dashboard(page_account_plan)

    for name, parts in (("groups", {}), ("group", {"pk": group.pk})):
        page = page_text(at.client.get(at.url(name, **parts)))
        assert ("Members" in page, says.GROUPS_NEED_STANDARD in page) == (True, True)
    for name in ("group_new", "group_edit", "customers_add", "offer_new", "group_restore"):
        parts = {} if name == "group_new" else {"pk": group.pk}
        response = at.post(name, {"name": "Changed", "emails": "new@example.org", "key": uuid4()}, **parts)
        assert (response.status_code, says.NEEDS_STANDARD in page_text(response)) == (403, True)
    assert (Group.objects.get().name, group.members.count(), group.offers.count()) == ("Members", 1, 1)


def test_below_standard_a_group_can_be_put_to_rest() -> None:
    group = full_group(AccountFactory.create(plan=Plan.FREE))

    open_dashboard(group.account).post("group_archive", pk=group.pk)

    group.refresh_from_db()
    assert group.archived_at == NOW


def test_who_came_in_by_a_clock_that_is_ahead_is_listed_too() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    OfferFactory.create(group=group, page=entry.page, limit=3)
    add_member(group, CustomerFactory.create(account=entry.account, name="Ada Early"))
    Standing.objects.filter(member__group=group).update(since=NOW + timedelta(minutes=2))

    page = open_dashboard(entry.account).get("group", pk=group.pk)

    assert (page.status_code, "Ada Early" in page_text(page)) == (200, True)
