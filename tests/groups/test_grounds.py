"""Standing on a subscription's ground: let in, suspended, let in again, ended for good, moved elsewhere."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from groups import catalogue, services
from groups.locks import GroupArchivedError, lock_group_for_use
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from groups.signals import counting_changed, group_archiving, standing_ended, standing_moved
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, add_member

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
GROUND = uuid4()
Interval = tuple[datetime, datetime | None]


@dataclass
class SignalLog:
    """What the signals said, in order: members whose counting changed, ends as (member, ground, at).

    Moves are (from, to, whether bookings are kept).
    """

    counting: list[int] = field(default_factory=list)
    ends: list[tuple[int, UUID, datetime]] = field(default_factory=list)
    moves: list[tuple[int, int, bool]] = field(default_factory=list)


@pytest.fixture
def signals() -> Generator[SignalLog]:
    heard = SignalLog()

    def count(*, member: int, **_rest: Any) -> None:
        heard.counting.append(member)

    def end(*, member: Member, ground: UUID, at: datetime, **_rest: Any) -> None:
        heard.ends.append((member.pk, ground, at))

    def move(*, source: Member, target: Member, keeps_bookings: bool, **_rest: Any) -> None:
        heard.moves.append((source.pk, target.pk, keeps_bookings))

    counting_changed.connect(count)
    standing_moved.connect(move)
    standing_ended.connect(end)
    yield heard
    counting_changed.disconnect(count)
    standing_moved.disconnect(move)
    standing_ended.disconnect(end)


@pytest.fixture
def customer(group: Group) -> Customer:
    return CustomerFactory.create(account=group.account)


def admit(group: Group, customer: Customer, **changes: Any) -> Member:
    terms: dict[str, Any] = {
        "ground": GROUND,
        "since": NOW,
        "until": None,
        "anchor_at": NOW,
        "uses_reset_on": date(2030, 1, 15),
        "now": NOW,
    }
    return services.admit(group, customer, **terms | changes)


def intervals(member: Member) -> list[Interval]:
    return list(
        Standing.objects.filter(member=member, ground=GROUND).order_by("since", "until").values_list("since", "until")
    )


def test_a_customer_stands_on_the_subscriptions_ground(group: Group, customer: Customer, signals: SignalLog) -> None:
    member = admit(group, customer, since=NOW - DAY, until=NOW + 30 * DAY, now=NOW)

    standing = Standing.objects.get()
    assert (member.group, member.customer, standing.member) == (group, customer, member)
    assert (standing.source, standing.ground, standing.since, standing.until) == (
        StandingSource.MEMBERSHIP,
        GROUND,
        NOW - DAY,
        NOW + 30 * DAY,
    )
    assert (standing.anchor, standing.anchor_at) == (date(2030, 1, 15), NOW)
    assert standing.uses_reset_on == date(2030, 1, 15)
    assert signals == SignalLog(counting=[member.pk])


def test_who_subscribed_by_a_clock_ahead_of_ours_stands_at_once(group: Group, customer: Customer) -> None:
    member = admit(group, customer, since=NOW + timedelta(seconds=5))

    assert intervals(member) == [(NOW, None)]


def test_the_same_again_writes_and_tells_nothing(group: Group, customer: Customer, signals: SignalLog) -> None:
    member = admit(group, customer)

    with CaptureQueriesContext(
        connection,
    ) as statements:
        assert admit(group, customer, now=NOW + DAY) == member

    changing = ("UPDATE", 'INSERT INTO "groups_standing"', "DELETE")
    assert [each["sql"] for each in statements if each["sql"].startswith(changing)] == []
    assert (intervals(member), signals) == ([(NOW, None)], SignalLog(counting=[member.pk]))


def test_a_known_end_comes_and_goes_and_each_time_is_told(group: Group, customer: Customer, signals: SignalLog) -> None:
    member = admit(group, customer)

    admit(group, customer, until=NOW + 30 * DAY, now=NOW + DAY)
    assert intervals(member) == [(NOW, NOW + 30 * DAY)]
    admit(group, customer, now=NOW + 2 * DAY)
    assert intervals(member) == [(NOW, None)]
    # On the day of a known end no usage period begins.
    assert signals == SignalLog(counting=[member.pk] * 3)


@pytest.mark.parametrize("change", [{"anchor_at": NOW + 5 * DAY}, {"uses_reset_on": date(2030, 1, 20)}])
def test_another_billing_date_is_told(
    group: Group, customer: Customer, signals: SignalLog, change: dict[str, date]
) -> None:
    member = admit(group, customer)

    admit(group, customer, **change)

    [(name, value)] = change.items()
    assert getattr(Standing.objects.get(), name) == value
    assert signals == SignalLog(counting=[member.pk, member.pk])


def test_an_end_that_has_passed_opens_nothing(group: Group, customer: Customer, signals: SignalLog) -> None:
    member = admit(group, customer, until=NOW)

    assert (intervals(member), signals) == ([], SignalLog())


def test_an_end_that_has_passed_meanwhile_ends_it(group: Group, customer: Customer) -> None:
    member = admit(group, customer)

    for _ in range(2):
        admit(group, customer, until=NOW + DAY, now=NOW + 2 * DAY)

    assert intervals(member) == [(NOW, NOW + DAY)]


def test_who_pays_late_stands_again_from_now_on(group: Group, customer: Customer, signals: SignalLog) -> None:
    member = admit(group, customer)

    for later in (1, 2):
        services.suspend(ground=GROUND, now=NOW + later * DAY)
    assert intervals(member) == [(NOW, NOW + DAY)]

    for later in (3, 4):
        admit(group, customer, now=NOW + later * DAY)
    assert intervals(member) == [(NOW, NOW + DAY), (NOW + 3 * DAY, None)]
    assert signals == SignalLog(counting=[member.pk, member.pk])


def test_suspended_and_let_in_at_one_instant_leaves_no_overlap(group: Group, customer: Customer) -> None:
    member = admit(group, customer)

    services.suspend(ground=GROUND, now=NOW)
    admit(group, customer)

    assert intervals(member) == [(NOW, NOW), (NOW, None)]


def test_an_end_for_good_is_told_each_time_with_the_same_instant(
    group: Group, customer: Customer, signals: SignalLog
) -> None:
    member = admit(group, customer)

    for later in (2, 3):
        services.lapse(ground=GROUND, at=NOW + 10 * DAY, now=NOW + later * DAY)

    assert intervals(member) == [(NOW, NOW + 2 * DAY)]
    assert signals.ends == [(member.pk, GROUND, NOW + 2 * DAY)] * 2


def test_an_end_that_is_heard_of_late_counts_from_when_it_was(
    group: Group, customer: Customer, signals: SignalLog
) -> None:
    member = admit(group, customer)

    services.lapse(ground=GROUND, at=NOW + DAY, now=NOW + 2 * DAY)

    assert (intervals(member), signals.ends) == ([(NOW, NOW + DAY)], [(member.pk, GROUND, NOW + DAY)])


@pytest.mark.parametrize("how", ["suspended", "passed"])
def test_what_had_ended_before_is_told_too(group: Group, customer: Customer, signals: SignalLog, how: str) -> None:
    member = admit(group, customer, until=NOW + DAY if how == "passed" else None)
    if how == "suspended":
        services.suspend(ground=GROUND, now=NOW + DAY)

    services.lapse(ground=GROUND, at=NOW + 5 * DAY, now=NOW + 5 * DAY)

    assert signals == SignalLog(counting=[member.pk], ends=[(member.pk, GROUND, NOW + DAY)])


def test_a_ground_on_which_nobody_stood_ends_silently(signals: SignalLog) -> None:
    services.lapse(ground=GROUND, at=NOW, now=NOW)

    assert signals == SignalLog()


def test_who_was_added_by_hand_too_is_counted_by_the_membership_while_it_stands(
    group: Group, customer: Customer, signals: SignalLog
) -> None:
    member = add_member(group, customer)

    admit(group, customer)
    services.suspend(ground=GROUND, now=NOW + DAY)
    assert signals.counting == [member.pk] * 2
    services.lapse(ground=GROUND, at=NOW + DAY, now=NOW + DAY)

    assert signals == SignalLog(counting=[member.pk] * 3, ends=[(member.pk, GROUND, NOW + DAY)])
    assert Standing.objects.get(ground=BY_HAND).until is None


def test_adding_by_hand_someone_whom_a_membership_let_in_is_told(
    group: Group, customer: Customer, signals: SignalLog
) -> None:
    member = admit(group, customer)
    services.lapse(ground=GROUND, at=NOW, now=NOW)
    signals.counting.clear()

    services.add_customers(group, {customer.email: "", "new@example.org": ""}, now=NOW + DAY)

    assert signals.counting == [member.pk]


@pytest.mark.parametrize("keeps", [True, False])
def test_a_subscription_moved_to_another_group_leaves_the_first(
    group: Group, customer: Customer, signals: SignalLog, *, keeps: bool
) -> None:
    other = GroupFactory.create(account=group.account)
    first = admit(group, customer)

    for later in (1, 2):
        second = admit(other, customer, now=NOW + later * DAY, keeps_bookings=keeps)

    assert (intervals(first), intervals(second)) == ([(NOW, NOW + DAY)], [(NOW + DAY, None)])
    assert signals == SignalLog(
        counting=[first.pk, second.pk],
        ends=[] if keeps else [(first.pk, GROUND, NOW + DAY)],
        moves=[(first.pk, second.pk, keeps)],
    )


def test_a_subscription_moved_while_unpaid_leaves_the_first_group_for_good(
    group: Group, customer: Customer, signals: SignalLog
) -> None:
    other = GroupFactory.create(account=group.account)
    first = admit(group, customer)
    services.suspend(ground=GROUND, now=NOW + DAY)

    second = admit(other, customer, now=NOW + 2 * DAY)

    assert intervals(second) == [(NOW + 2 * DAY, None)]
    assert (signals.ends, signals.moves) == ([], [(first.pk, second.pk, True)])


def test_who_uses_a_group_may_refuse_that_it_is_archived(group: Group) -> None:
    def refuse(**_rest: Any) -> None:
        raise catalogue.GroupSoldError

    group_archiving.connect(refuse)
    try:
        with pytest.raises(catalogue.GroupInUseError):
            catalogue.archive_group(group, now=NOW)
    finally:
        group_archiving.disconnect(refuse)
    group.refresh_from_db()
    assert group.archived_at is None


def test_nobody_begins_to_use_an_archived_group(group: Group) -> None:
    with transaction.atomic():
        assert lock_group_for_use(group.pk) == group
    catalogue.archive_group(group, now=NOW)

    with transaction.atomic(), pytest.raises(GroupArchivedError):
        lock_group_for_use(group.pk)
