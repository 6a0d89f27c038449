"""Many customers of a group changed at once: removed, counted from another date, added to another group; and undone."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, AuditObject, ExportFile, Operation, Plan
from accounts.operations.running import run_operation
from groups.models import BY_HAND, Group, Member, MemberChange, MemberChangeRow, Standing
from offers.models import OfferUse, UsagePeriod
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    OfferFactory,
    add_member,
    add_membership_standing,
    book_member_place,
    create_customer_with_login,
)
from tests.poison import poison
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets import member_changes
from tickets.dashboard.exports import sending, writing
from tickets.models import Seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def members(group: Group, count: int) -> list[Member]:
    return [
        add_member(group, CustomerFactory.create(account=group.account, name=f"N{number}", email=f"n{number}@x.org"))
        for number in range(count)
    ]


def inside(group: Group) -> list[str]:
    found = Member.objects.filter(group=group, stands_until__gt=NOW).order_by("customer__name")
    return list(found.values_list("customer__name", flat=True))


def change(at: Dashboard, group: Group, action: str, chosen: list[Member] | None = None, **more: Any) -> MemberChange:
    who = {"member": [each.pk for each in chosen]} if chosen else {"who": "all"}
    response = at.post("members_change", {"action": action, "key": uuid4(), **who, **more}, pk=group.pk)
    made = MemberChange.objects.latest("pk")
    assert response["Location"] == at.url("member_change", pk=made.pk)
    return made


def undo(at: Dashboard, made: MemberChange) -> str:
    return page_text(at.client.post(at.url("member_change_undo", pk=made.pk), follow=True))


def work() -> None:
    for operation in Operation.objects.filter(state="queued"):
        while run_operation(operation.pk):
            pass


def test_those_who_are_ticked_are_removed_and_put_back_by_one_click(group: Group, dashboard: Dashboard) -> None:
    some = members(group, 3)
    query = {"action": "remove", "member": [some[0].pk, some[2].pk]}
    page = page_text(dashboard.get("members_change", query, pk=group.pk))
    assert "Remove from group: 2 customers" in page
    assert "2 of them were added manually, and are removed." in page

    made = change(dashboard, group, "remove", [some[0], some[2]])

    assert inside(group) == ["N1"]
    page = page_text(dashboard.get("group_customers", pk=group.pk))
    assert "Last change: Remove from group Undo" in page
    assert "Changed 2" in page_text(dashboard.get("member_change", pk=made.pk))
    assert "Back as before 2" in undo(dashboard, made)
    assert inside(group) == ["N0", "N1", "N2"]
    assert list(Standing.objects.values_list("until", flat=True)) == [None] * 3
    assert "Last change" not in page_text(dashboard.get("group_customers", pk=group.pk))


def test_all_who_match_are_changed_and_nobody_else(group: Group, dashboard: Dashboard) -> None:
    members(group, 3)
    add_member(group, CustomerFactory.create(account=group.account, name="Other", email="o@elsewhere.org"))
    other = GroupFactory.create(account=group.account)
    add_member(other, CustomerFactory.create(account=group.account, name="N9", email="n9@x.org"))

    change(dashboard, group, "remove", q="@x.org")

    assert (inside(group), inside(other)) == (["Other"], ["N9"])


def test_members_of_another_studio_or_group_are_nobodys_to_change(group: Group, dashboard: Dashboard) -> None:
    [mine] = members(group, 1)
    [theirs] = members(GroupFactory.create(), 1)
    elsewhere = add_member(GroupFactory.create(account=group.account), CustomerFactory.create(account=group.account))

    change(dashboard, group, "remove", [mine, theirs, elsewhere])

    assert MemberChangeRow.objects.get().member == mine
    assert (inside(theirs.group), len(inside(elsewhere.group))) == (["N0"], 1)


@pytest.mark.parametrize("query", [{"action": "remove"}, {"who": "all"}, {"action": "x", "who": "all"}])
def test_without_anybody_or_anything_to_do_the_list_comes_again(
    group: Group, dashboard: Dashboard, query: dict[str, str]
) -> None:
    members(group, 1)

    response = dashboard.client.get(dashboard.url("members_change", pk=group.pk), query, follow=True)

    assert shown_messages(response) == ["Choose at least one customer, and what to do."]
    assert "Customers in this group" in page_text(response)


def test_who_is_in_by_a_membership_stays_and_is_told_apart(group: Group, dashboard: Dashboard) -> None:
    both, paid = members(group, 2)
    add_membership_standing(both)
    Standing.objects.filter(member=paid).delete()
    add_membership_standing(paid)

    made = change(dashboard, group, "remove")

    page = page_text(dashboard.get("member_change", pk=made.pk))
    assert ("Changed 1" in page, "Nothing to change 1" in page) == (True, True)
    assert inside(group) == ["N0", "N1"]
    assert "Back as before 1" in undo(dashboard, made)
    assert Standing.objects.get(ground=BY_HAND).until is None


def test_bookings_are_kept_or_cancelled_and_an_undone_removal_counts_as_before(
    group: Group, dashboard: Dashboard
) -> None:
    ada, ben = (create_customer_with_login(group.account, name=name) for name in ("Ada", "Ben"))
    chosen = [add_member(group, each) for each in (ada, ben)]
    book_member_place(group, ada)
    book_member_place(group, ben)

    made = change(dashboard, group, "remove", chosen[:1], bookings="cancel")
    kept = change(dashboard, group, "remove", chosen[1:], bookings="keep")

    assert set(Seat.objects.live().values_list("customer__name", flat=True)) == {"Ben"}
    assert OfferUse.objects.live().count() == 1
    before = page_text(dashboard.get("member_change", pk=made.pk))
    assert "It doesn’t bring back the bookings that were cancelled, nor spaces that were being held" in before
    assert "It doesn’t bring back spaces that were being held" in page_text(dashboard.get("member_change", pk=kept.pk))
    assert "The bookings that were cancelled don’t come back, nor do spaces" in undo(dashboard, made)
    assert inside(group) == ["Ada"]
    assert list(UsagePeriod.objects.order_by("member").values_list("used", flat=True)) == [0, 1]


def test_who_was_added_again_meanwhile_is_left_as_they_are(group: Group, dashboard: Dashboard) -> None:
    members(group, 2)
    made = change(dashboard, group, "remove")
    dashboard.post("customers_add", {"emails": "n0@x.org"}, pk=group.pk)

    page = undo(dashboard, made)

    assert ("Back as before 1" in page, "Left as they are 1" in page) == (True, True)
    assert Standing.objects.filter(member__customer__name="N0", until=None).count() == 1


def test_an_end_that_was_known_before_is_the_end_again(group: Group, dashboard: Dashboard) -> None:
    end = NOW + timedelta(days=9)
    add_member(group, CustomerFactory.create(account=group.account), until=end)

    undo(dashboard, change(dashboard, group, "remove"))

    assert Standing.objects.get().until == end


def test_start_dates_are_changed_and_each_is_what_it_was_again(group: Group, dashboard: Dashboard) -> None:
    first, second, third = members(group, 3)
    Standing.objects.filter(member=second).update(anchor=date(2030, 1, 9))
    made = change(dashboard, group, "start", anchor="2030-01-11")
    assert set(Standing.objects.values_list("anchor", flat=True)) == {date(2030, 1, 11)}
    dashboard.post("customer_start_date", {"anchor": "2030-01-12"}, pk=group.pk, member=third.pk)

    page = undo(dashboard, made)

    assert ("Back as before 2" in page, "Left as they are 1" in page) == (True, True)
    anchors = dict(Standing.objects.values_list("member", "anchor"))
    assert anchors == {first.pk: date(2030, 1, 3), second.pk: date(2030, 1, 9), third.pk: date(2030, 1, 12)}


def test_they_are_added_to_another_group_and_taken_out_of_it_again(group: Group, dashboard: Dashboard) -> None:
    some = members(group, 2)
    other = GroupFactory.create(account=group.account, name="Gold")
    add_member(other, some[0].customer)

    made = change(dashboard, group, "add", target=other.pk)

    assert (inside(group), inside(other)) == (["N0", "N1"], ["N0", "N1"])
    assert "Changed 1 · Gold Nothing to change 1" in page_text(dashboard.get("member_change", pk=made.pk))
    undo(dashboard, made)
    assert (inside(group), inside(other)) == (["N0", "N1"], ["N0"])


def test_last_days_are_set_and_are_what_they_were_again(group: Group, dashboard: Dashboard) -> None:
    first, second, third = members(group, 3)
    end = NOW + timedelta(days=3)
    Standing.objects.filter(member=second).update(until=end)
    made = change(dashboard, group, "end", last_day="2030-02-01")
    until = datetime(2030, 2, 2, tzinfo=group.account.zone)
    assert set(Standing.objects.values_list("until", flat=True)) == {until}
    Standing.objects.filter(member=third).update(until=end)

    page = undo(dashboard, made)

    assert ("Back as before 2" in page, "Left as they are 1" in page) == (True, True)
    assert dict(Standing.objects.values_list("member", "until")) == {first.pk: None, second.pk: end, third.pk: end}


def test_a_day_that_is_over_is_nobodys_last(group: Group, dashboard: Dashboard) -> None:
    members(group, 1)
    sent = {"action": "end", "who": "all", "key": uuid4(), "last_day": "2030-01-14"}

    response = dashboard.post("members_change", sent, pk=group.pk)

    assert (response.status_code, "Choose today or a later day" in page_text(response)) == (422, True)


def test_who_is_in_the_other_group_until_a_day_keeps_that_day(group: Group, dashboard: Dashboard) -> None:
    [one] = members(group, 1)
    other = GroupFactory.create(account=group.account)
    end = NOW + timedelta(days=3)
    add_member(other, one.customer, until=end)

    change(dashboard, group, "add", target=other.pk)

    assert Standing.objects.get(member__group=other).until == end


@pytest.mark.parametrize("target", ["", "archived", "theirs", "itself"])
def test_only_a_group_of_the_studio_that_is_in_use_can_be_chosen(
    group: Group, dashboard: Dashboard, target: str
) -> None:
    members(group, 1)
    groups = {
        "archived": GroupFactory.create(account=group.account, archived_at=NOW).pk,
        "theirs": GroupFactory.create().pk,
        "itself": group.pk,
    }
    sent = {"action": "add", "who": "all", "key": uuid4(), "target": groups.get(target, "")}

    response = dashboard.post("members_change", sent, pk=group.pk)

    assert (response.status_code, MemberChange.objects.count()) == (422, 0)


def test_below_standard_they_can_be_removed_and_put_back_and_nothing_else(group: Group, dashboard: Dashboard) -> None:
    members(group, 1)
    group.account.plan = Plan.FREE
    group.account.save(update_fields=["plan"])

    asked = dashboard.post("members_change", {"action": "start", "who": "all", "anchor": "2030-01-11"}, pk=group.pk)
    undo(dashboard, change(dashboard, group, "remove"))

    assert (asked.status_code, MemberChange.objects.count(), inside(group)) == (403, 1, ["N0"])


def test_the_form_sent_twice_changes_once_and_undo_undoes_once(group: Group, dashboard: Dashboard) -> None:
    members(group, 2)
    sent = {"action": "remove", "who": "all", "key": uuid4()}
    for _ in range(2):
        dashboard.post("members_change", sent, pk=group.pk)
    made = MemberChange.objects.get()
    for _ in range(2):
        undo(dashboard, made)

    told = list(AuditEntry.objects.order_by("pk").values_list("action", "changes"))
    assert told == [("members.removed", [["Customers", "", "2"]]), ("members.undone", [["Customers", "", "2"]])]
    concerned = AuditObject.objects.filter(kind="customer", entry__action="members.removed")
    assert concerned.count() == 2


def test_many_are_changed_and_put_back_by_workers(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_changes, "AT_ONCE", 3)
    monkeypatch.setattr(member_changes, "BATCH", 2)
    members(group, 5)

    made = change(dashboard, group, "remove")

    assert (len(inside(group)), "Waiting to start" in page_text(dashboard.get("operations"))) == (5, True)
    work()
    assert (inside(group), AuditObject.objects.filter(kind="customer").count()) == ([], 5)
    undo(dashboard, made)
    assert inside(group) == []
    work()
    assert len(inside(group)) == 5
    assert list(Operation.objects.values_list("state", flat=True)) == ["done", "done"]


def test_undone_before_workers_came_to_all_it_stops_and_puts_back_those_it_reached(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_changes, "AT_ONCE", 3)
    monkeypatch.setattr(member_changes, "BATCH", 2)
    members(group, 5)
    made = change(dashboard, group, "remove")
    begun = Operation.objects.get()
    for _ in range(2):
        run_operation(begun.pk, seconds=0)
    assert len(inside(group)) == 3

    undo(dashboard, made)
    work()

    assert len(inside(group)) == 5
    assert list(Operation.objects.values_list("state", flat=True)) == ["cancelled"]


def test_one_that_cannot_be_changed_keeps_nobody_else(group: Group, dashboard: Dashboard) -> None:
    some = members(group, 3)

    poison(Standing.objects.get(member=some[1]))
    made = change(dashboard, group, "remove")

    assert inside(group) == ["N1"]
    page = page_text(dashboard.get("member_change", pk=made.pk))
    assert ("Changed 2" in page, "Not reached 1" in page) == (True, True)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(
    count: int, group: Group, dashboard: Dashboard, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    OfferFactory.create(group=group, limit=3)
    members(group, count)
    change(dashboard, group, "start", anchor="2030-01-11")
    dashboard.get("group_customers", pk=group.pk)

    with django_assert_num_queries(14):
        dashboard.get("group_customers", pk=group.pk)


def lines(response: Any) -> list[str]:
    return b"".join(response.streaming_content).decode("utf-8-sig").splitlines()


def test_customers_are_downloaded_with_why_they_are_in_and_what_they_used(group: Group, dashboard: Dashboard) -> None:
    ada = create_customer_with_login(group.account, name="=Ada")
    add_member(group, ada, anchor=date(2030, 1, 3))
    book_member_place(group, ada)
    members(group, 1)

    head, new, old = lines(dashboard.get("group_customers_csv", pk=group.pk))

    assert head.endswith(
        '"Offer 1: used","Offer 1: extra","Offer 1: left","Offer 1: counted from","Offer 1: resets on"'
    )
    assert new == '"N0","n0@x.org","2029-11-16","","yes","","2030-01-03","no","0","0","3","2030-01-03","2030-02-03"'
    assert re.match(r'"\'=Ada",".*","2029-11-16","","yes","",".*","yes","1","0","2","2030-01-03","2030-02-03"', old)


def test_those_who_are_ticked_or_match_are_downloaded_alone(group: Group, dashboard: Dashboard) -> None:
    some = members(group, 3)

    asked = dashboard.get("members_change", {"action": "export", "member": [some[1].pk]}, pk=group.pk)

    assert [line[:4] for line in lines(dashboard.client.get(asked["Location"]))[1:]] == ['"N1"']
    assert [line[:4] for line in lines(dashboard.get("group_customers_csv", {"q": "n2"}, pk=group.pk))[1:]] == ['"N2"']


def test_a_long_file_is_written_by_a_worker_and_is_the_same(
    group: Group, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    members(group, 5)
    at_once = lines(dashboard.get("group_customers_csv", pk=group.pk))
    monkeypatch.setattr(sending, "AT_ONCE", 3)
    monkeypatch.setattr(writing, "PART", 2)

    assert "There are too many rows to download at once" in page_text(dashboard.get("group_customers_csv", pk=group.pk))
    sent = {"key": uuid4()}
    begun = dashboard.post("group_customers_csv", sent, pk=group.pk)
    assert dashboard.post("group_customers_csv", sent, pk=group.pk)["Location"] == begun["Location"]
    work()

    operation = Operation.objects.get()
    assert lines(dashboard.get("operation_file", pk=operation.pk)) == at_once
    assert ExportFile.objects.get().name == f"customers-{group.account.slug}-{group.pk}.csv"


def test_another_studio_sees_nothing_of_it(group: Group, dashboard: Dashboard) -> None:
    members(group, 1)
    made = change(dashboard, group, "remove")
    other = open_dashboard(GroupFactory.create().account)

    asked = [
        other.get("member_change", pk=made.pk),
        other.post("member_change_undo", pk=made.pk),
        other.get("members_change", pk=group.pk),
        other.get("group_customers_csv", pk=group.pk),
    ]

    assert ({each.status_code for each in asked}, inside(group)) == ({404}, [])
