"""Members who joined and left, in a small world whose months are known; the names are those who were counted."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.merging.services import merge_customers
from accounts.models import Account, Customer
from bookwhen.counts import CappedCount
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import GroupFactory
from tickets.reporting import member_names
from tickets.reporting.member_names import count_movement, read_joined, read_left
from tickets.reporting.members import (
    Change,
    SubscribedChange,
    read_members_by_group,
    read_members_by_membership,
    read_members_by_month,
)
from tickets.reporting.spans import Month, Span, month_span

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
WINTER = Span(date(2030, 1, 1), date(2030, 3, 31), LONDON)
NOW = datetime(2030, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create()


@pytest.fixture
def gold(studio: Account) -> Group:
    return GroupFactory.create(account=studio, name="Gold")


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2030, month, day, hour, tzinfo=UTC)


def stand(
    group: Group,
    since: datetime,
    until: datetime | None = None,
    *,
    customer: Customer | None = None,
    paid: bool = False,
) -> Member:
    customer = customer or CustomerFactory.create(account=group.account)
    member, _new = Member.objects.get_or_create(
        account=group.account, group=group, customer=customer, defaults={"created_at": since}
    )
    Standing.objects.create(
        account=group.account, member=member, since=since, until=until, anchor=since.date(),
        source=StandingSource.MEMBERSHIP if paid else StandingSource.MANUAL, ground=uuid4() if paid else BY_HAND,
    )  # fmt: skip
    return member


def told(account: Account, *, group: int = 0, span: Span = WINTER, now: datetime = NOW) -> list[tuple[int, int, int]]:
    """How many joined, left and were there at the end, month by month."""
    found = read_members_by_month(account, span, now=now, group=group)
    return [(each.change.joined, each.change.left, each.change.at_end) for each in found]


def names(account: Account, *, group: int = 0, span: Span = WINTER, now: datetime = NOW) -> list[tuple[int, int]]:
    """The same of the lists of names: how many are on each."""
    spans = [month_span(month, span.zone) for month in span.months]
    return [
        (
            read_joined(account, each, now=now, group=group).count(),
            read_left(account, each, now=now, group=group).count(),
        )
        for each in spans
    ]


def test_who_joins_and_leaves_is_counted_in_the_month_of_it(studio: Account, gold: Group) -> None:
    stand(gold, datetime(2029, 12, 5, tzinfo=UTC))
    stand(gold, datetime(2029, 12, 6, tzinfo=UTC), at(2, 10))
    stand(gold, at(1, 20), at(2, 20))
    stand(gold, at(3, 1))

    assert told(studio) == [(1, 0, 3), (0, 2, 1), (1, 0, 2)]
    assert names(studio) == [(1, 0), (0, 2), (1, 0)]
    assert [each.change.net for each in read_members_by_month(studio, WINTER, now=NOW)] == [1, -2, 1]


def test_who_goes_on_by_another_ground_has_not_left(studio: Account, gold: Group) -> None:
    member = stand(gold, at(1, 10), at(2, 10))
    stand(gold, at(2, 10), at(2, 20), customer=member.customer, paid=True)
    stand(gold, at(2, 15), customer=member.customer, paid=True)

    assert told(studio) == [(1, 0, 1), (0, 0, 1), (0, 0, 1)]
    assert names(studio) == [(1, 0), (0, 0), (0, 0)]


def test_who_changes_groups_has_left_one_and_not_the_studio(studio: Account, gold: Group) -> None:
    silver = GroupFactory.create(account=studio, name="Silver")
    member = stand(gold, at(1, 10), at(2, 10))
    stand(silver, at(2, 10), customer=member.customer)

    assert told(studio) == [(1, 0, 1), (0, 0, 1), (0, 0, 1)]
    assert told(studio, group=gold.pk) == [(1, 0, 1), (0, 1, 0), (0, 0, 0)]
    assert names(studio, group=gold.pk) == [(1, 0), (0, 1), (0, 0)]
    assert told(studio, group=silver.pk) == [(0, 0, 0), (1, 0, 1), (0, 0, 1)]
    assert {each.name: each.change for each in read_members_by_group(studio, WINTER, now=NOW)} == {
        "Silver": Change(0, 1, 0),
        "Gold": Change(0, 1, 1),
    }


def test_who_comes_back_has_left_and_joined_again(studio: Account, gold: Group) -> None:
    member = stand(gold, at(1, 10), at(1, 20))
    stand(gold, at(1, 25), at(2, 1), customer=member.customer)
    stand(gold, at(3, 1), customer=member.customer)

    assert told(studio) == [(2, 1, 1), (0, 1, 0), (1, 0, 1)]
    assert names(studio) == [(2, 1), (0, 1), (1, 0)]


def test_what_ends_at_midnight_ends_with_the_day_before(studio: Account, gold: Group) -> None:
    """Their last day is 31 January."""
    stand(gold, at(1, 10), datetime(2030, 2, 1, tzinfo=UTC))

    assert told(studio) == [(1, 1, 0), (0, 0, 0), (0, 0, 0)]
    assert names(studio) == [(1, 1), (0, 0), (0, 0)]


def test_who_begins_as_the_month_does_has_joined_in_it(studio: Account, gold: Group) -> None:
    stand(gold, datetime(2030, 2, 1, tzinfo=UTC))

    assert told(studio) == [(0, 0, 0), (1, 0, 1), (0, 0, 1)]
    assert names(studio) == [(0, 0), (1, 0), (0, 0)]


def test_who_goes_on_as_the_time_begins_was_there_before(studio: Account, gold: Group) -> None:
    member = stand(gold, datetime(2029, 12, 1, tzinfo=UTC), WINTER.begins)
    stand(gold, WINTER.begins, customer=member.customer, paid=True)

    assert told(studio) == [(0, 0, 1), (0, 0, 1), (0, 0, 1)]
    assert names(studio) == [(0, 0), (0, 0), (0, 0)]


def test_an_end_that_is_still_to_come_is_none_yet(studio: Account, gold: Group) -> None:
    stand(gold, at(1, 10), at(3, 21))

    assert told(studio) == [(1, 0, 1), (0, 0, 1), (0, 0, 1)]
    assert told(studio, now=at(3, 21)) == [(1, 0, 1), (0, 0, 1), (0, 1, 0)]


def test_a_month_is_told_on_the_clocks_of_the_account(studio: Account, gold: Group) -> None:
    """At half past midnight of 1 July in London it is still June in UTC."""
    summer = Span(date(2030, 6, 1), date(2030, 7, 31), LONDON)
    stand(gold, datetime(2030, 6, 30, 23, 30, tzinfo=UTC))
    stand(gold, datetime(2030, 6, 30, 22, 30, tzinfo=UTC))

    assert told(studio, span=summer, now=datetime(2030, 8, 1, tzinfo=UTC)) == [(1, 0, 1), (1, 0, 2)]
    assert names(studio, span=summer, now=datetime(2030, 8, 1, tzinfo=UTC)) == [(1, 0), (1, 0)]


def test_a_standing_of_no_length_was_never_one(studio: Account, gold: Group) -> None:
    stand(gold, at(1, 10), at(1, 10))

    assert told(studio) == [(0, 0, 0)] * 3
    assert names(studio) == [(0, 0)] * 3


def test_two_groups_at_once_are_one_member(studio: Account, gold: Group) -> None:
    member = stand(gold, at(1, 10), at(2, 10))
    stand(GroupFactory.create(account=studio), at(1, 10), at(2, 10), customer=member.customer)

    assert told(studio) == [(1, 0, 1), (0, 1, 0), (0, 0, 0)]
    assert names(studio) == [(1, 0), (0, 1), (0, 0)]


def test_two_customers_who_are_one_are_one_member(studio: Account, gold: Group) -> None:
    """Merged, they stand from the first of their days to the last."""
    ada = stand(gold, at(1, 10), at(2, 10)).customer
    twin = stand(gold, at(2, 5)).customer
    assert told(studio) == [(1, 0, 1), (1, 1, 1), (0, 0, 1)]

    merge_customers(studio, survivor=ada.pk, gone=twin.pk, now=NOW)

    assert told(studio) == [(1, 0, 1), (0, 0, 1), (0, 0, 1)]
    assert names(studio) == [(1, 0), (0, 0), (0, 0)]


def test_another_studio_has_its_own(studio: Account) -> None:
    stand(GroupFactory.create(), at(1, 10))

    assert told(studio) == [(0, 0, 0)] * 3
    assert read_members_by_group(studio, WINTER, now=NOW) == []


MOMENTS = st.integers(0, 100).map(lambda days: datetime(2029, 12, 15, tzinfo=UTC) + timedelta(days=days))
SPELL = st.tuples(MOMENTS, st.one_of(st.none(), MOMENTS)).filter(lambda spell: spell[1] is None or spell[0] <= spell[1])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(SPELL, st.integers(0, 1)), max_size=4), max_size=3))
def test_whatever_they_stood_on_the_lists_of_names_are_as_long_as_the_counts(
    people: Sequence[Sequence[tuple[tuple[datetime, datetime | None], int]]],
) -> None:
    studio = AccountFactory.create()
    groups = [GroupFactory.create(account=studio) for _number in range(2)]
    for spells in people:
        customer = CustomerFactory.create(account=studio)
        for (since, until), group in spells:
            stand(groups[group], since, until, customer=customer, paid=True)

    for group in (0, groups[0].pk):
        counts = told(studio, group=group)
        assert names(studio, group=group) == [(joined, left) for joined, left, _there in counts]
        there = Standing.objects.at(NOW).filter(account=studio, member__group__in=[group] if group else groups)
        # Nobody begins after now, as counts go; what begins later is left out on both sides.
        assert counts[-1][2] == there.values("member__customer").distinct().count()


def test_memberships_tell_trials_and_why_people_left(studio: Account, gold: Group) -> None:
    membership = Membership.objects.create(account=studio, group=gold, title="Unlimited", created_at=NOW)
    price = Price.objects.create(
        account=studio, membership=membership, title="Monthly", amount=4000, currency="GBP", created_at=NOW
    )

    def subscribe(began: datetime, ended: datetime | None = None, *, trial: int = 0, reason: str = "") -> None:
        Subscription.objects.create(
            account=studio, customer=CustomerFactory.create(account=studio), membership=membership, price=price,
            source=SubscriptionSource.CHECKOUT, stripe_id=f"sub_{uuid4()}", started_at=began, ended_at=ended,
            status=SubscriptionStatus.CANCELED if ended else SubscriptionStatus.ACTIVE, cancel_reason=reason,
            trial_end=began + timedelta(days=trial) if trial else None, created_at=began,
        )  # fmt: skip

    subscribe(datetime(2029, 11, 1, tzinfo=UTC))
    subscribe(datetime(2029, 11, 1, tzinfo=UTC), at(1, 5), reason="payment_failed")
    subscribe(at(1, 10), trial=14)
    subscribe(at(1, 12), at(1, 26), trial=14, reason="cancellation_requested")
    subscribe(at(2, 1), at(3, 1), reason="payment_disputed")
    subscribe(datetime(2029, 10, 1, tzinfo=UTC), datetime(2029, 12, 1, tzinfo=UTC))

    assert read_members_by_membership(studio, WINTER, now=NOW) == [
        SubscribedChange(membership.pk, "Unlimited", Change(2, 3, 3), trials=2, unpaid=1, disputed=1, in_trial=1)
    ]


def test_the_overview_counts_a_few_exactly_and_many_by_the_index(
    studio: Account, gold: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = stand(gold, at(3, 2))
    stand(GroupFactory.create(account=studio), at(3, 3), customer=member.customer)
    stand(gold, at(1, 2), at(3, 4))
    march = month_span(Month(2030, 3), LONDON)

    assert count_movement(studio, march, now=NOW) == (CappedCount(1), CappedCount(1))
    monkeypatch.setattr(member_names, "MOST_COUNTED", 1)
    assert [str(each) for each in count_movement(studio, march, now=NOW)] == ["1+", "1"]


def test_months_begin_where_the_one_before_ended(studio: Account, gold: Group) -> None:
    stand(gold, at(1, 10))
    found = read_members_by_month(studio, WINTER, now=NOW)

    assert [each.month for each in found] == [Month(2030, 1), Month(2030, 2), Month(2030, 3)]
    assert [each.change.there for each in found] == [0, 1, 1]
