"""The database keeps until when each member stands, by whatever way their standings change."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from bookwhen.counts import MOST, CappedCount
from groups.models import BY_HAND, NO_END, Group, Member, Standing, StandingSource
from groups.queries import count_members, members_of
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, add_member, add_membership_standing
from tests.plans import reading
from tests.worlds.dashboard import open_dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]
DAY = timedelta(days=1)


def kept(member: Member) -> datetime | None:
    return Member.objects.get(pk=member.pk).stands_until


def test_it_follows_each_standing_as_it_is_opened_changed_and_deleted() -> None:
    group = GroupFactory.create()
    customer = CustomerFactory.create(account=group.account)
    member = Member.objects.create(account=group.account, group=group, customer=customer, created_at=NOW)
    assert kept(member) is None

    by_membership = add_membership_standing(member)
    assert kept(member) == NO_END
    Standing.objects.filter(pk=by_membership.pk).update(until=NOW + 2 * DAY)
    assert kept(member) == NOW + 2 * DAY
    by_hand = Standing(account=group.account, member=member, source=StandingSource.MANUAL, ground=BY_HAND)
    by_hand.since, by_hand.until, by_hand.anchor = NOW, NOW + DAY, NOW.date()
    Standing.objects.bulk_create([by_hand])
    assert kept(member) == NOW + 2 * DAY
    by_membership.delete()
    assert kept(member) == NOW + DAY
    Standing.objects.filter(member=member).delete()
    assert kept(member) is None


def test_a_standing_that_moves_to_another_member_is_followed_at_both() -> None:
    group = GroupFactory.create()
    first, second = (add_member(group, CustomerFactory.create(account=group.account)) for _ in range(2))
    Standing.objects.filter(member=second).delete()

    Standing.objects.filter(member=first).update(member=second)

    assert (kept(first), kept(second)) == (None, NO_END)


def test_what_went_wrong_all_the_same_is_mended() -> None:
    group = GroupFactory.create()
    wrong, right = (add_member(group, CustomerFactory.create(account=group.account)) for _ in range(2))
    Member.objects.filter(pk=wrong.pk).update(stands_until=NOW)
    told = StringIO()

    call_command("mend_members", stdout=told)

    assert (told.getvalue(), kept(wrong), kept(right)) == ("Mended: 1\n", NO_END, NO_END)


def test_members_are_listed_newest_first_and_before_those_with_an_end() -> None:
    group = GroupFactory.create()
    old, leaving, new = (
        add_member(group, CustomerFactory.create(account=group.account), until=until)
        for until in (None, NOW + DAY, None)
    )
    add_member(group, CustomerFactory.create(account=group.account), until=NOW)

    assert list(members_of(group, now=NOW)) == [new, old, leaving]
    assert count_members(group, now=NOW) == CappedCount(3)


def crowd(group: Group, number: int, *, gone: bool = False) -> None:
    """So many customers in a group, or once in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO accounts_customer (email, name, created_at, account_id, name_confirmed)"
            " SELECT %s || i || '@example.org', 'Customer ' || i, now(), %s, true FROM generate_series(1, %s) AS i"
            " RETURNING id, account_id) INSERT INTO groups_member (created_at, account_id, customer_id, group_id)"
            " SELECT now(), account_id, id, %s FROM made",
            [f"{'gone' if gone else 'here'}{group.pk}-", group.account_id, number, group.pk],
        )
        cursor.execute(
            "INSERT INTO groups_standing (source, ground, since, until, anchor, account_id, member_id)"
            " SELECT 'manual', %s, %s, %s, '2020-01-01', account_id, id"
            " FROM groups_member WHERE group_id = %s AND stands_until IS NULL",
            [BY_HAND, NOW - 9 * DAY, NOW - DAY if gone else None, group.pk],
        )


@pytest.mark.usefixtures("new_files")
@pytest.mark.parametrize("name", ["groups", "group"])
def test_a_page_reads_as_much_of_a_group_of_thousands_as_of_fifty(name: str) -> None:
    small, big = GroupFactory.create(), GroupFactory.create()
    for group in (small, big):
        OfferFactory.create(group=group, limit=3)
    crowd(small, 50)
    crowd(big, 6_000, gone=True)
    crowd(big, 3_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE groups_member, groups_standing, accounts_customer")
    most = []
    for group in (small, big):
        at = open_dashboard(group.account)
        address = at.url(name) if name == "groups" else at.url(name, pk=group.pk)
        at.client.get(address)
        with reading() as read:
            response = at.client.get(address)
        assert response.status_code == 200
        most.append(sum(read.blocks))

    assert str(count_members(big, now=NOW)) == f"{MOST:,}+"
    # A thousand are counted, in tables that were never vacuumed; to look at each of 9,000 would be 30,000 blocks.
    assert most[1] < most[0] + 300, most


def test_who_came_a_moment_from_now_by_a_clock_that_is_ahead_breaks_no_page() -> None:
    group = GroupFactory.create()
    member = add_member(group, CustomerFactory.create(account=group.account, name="Ahead"))
    member.standings.update(since=NOW + timedelta(seconds=2))

    at = open_dashboard(group.account)

    assert at.get("group", pk=group.pk).status_code == 200
    assert at.get("groups").status_code == 200
