"""Standing by hand with an end: it ends at the local instant, is put off by adding again, and is told before."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Letter
from bookwhen.dates import end_of_day, last_day
from bookwhen.jobs.run import Run
from groups.ending import tell_of_ends
from groups.models import BY_HAND, Group, Member, Standing
from groups.services import NotAMemberByHandError, add_customers, remove_by_hand, set_end
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, add_member, add_membership_standing

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
ADA = "ada@example.org"


@pytest.fixture
def group() -> Group:
    return GroupFactory.create(account=AccountFactory.create(time_zone="America/New_York"))


def standing_of(group: Group) -> Standing:
    return Standing.objects.filter(member__group=group).latest("since")


def tell(now: datetime) -> list[str]:
    before = set(Letter.objects.values_list("pk", flat=True))
    tell_of_ends(Run("test", now=now))
    return list(Letter.objects.exclude(pk__in=before).values_list("recipient", flat=True))


@pytest.mark.parametrize(
    ("zone", "day", "until"),
    [
        ("America/New_York", date(2030, 1, 20), datetime(2030, 1, 21, 5, tzinfo=UTC)),
        ("Asia/Kolkata", date(2030, 1, 20), datetime(2030, 1, 20, 18, 30, tzinfo=UTC)),
        ("Europe/London", date(2030, 3, 31), datetime(2030, 3, 31, 23, tzinfo=UTC)),
        ("Africa/Cairo", date(2030, 4, 25), datetime(2030, 4, 25, 22, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_its_local_midnight(zone: str, day: date, until: datetime) -> None:
    account = AccountFactory.create(time_zone=zone)
    assert end_of_day(day, account.zone) == until
    assert last_day(until, account.zone) == day


def test_they_stand_until_then_and_no_longer(group: Group) -> None:
    add_customers(group, {ADA: "Ada"}, now=NOW, until=NOW + WEEK)
    member = Member.objects.get(group=group)
    assert standing_of(group).until == NOW + WEEK
    assert member.standings.at(NOW + WEEK - timedelta.resolution).exists()
    assert not member.standings.at(NOW + WEEK).exists()


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [(WEEK, None, None), (WEEK, 2 * WEEK, 2 * WEEK), (2 * WEEK, WEEK, 2 * WEEK), (None, WEEK, None)],
)
def test_adding_again_before_the_end_puts_it_off_and_keeps_the_start(
    group: Group, first: timedelta | None, second: timedelta | None, left: timedelta | None
) -> None:
    add_customers(group, {ADA: ""}, now=NOW, until=NOW + first if first else None)
    added = add_customers(group, {ADA: ""}, now=NOW + DAY, until=NOW + second if second else None)

    [standing] = Standing.objects.filter(member__group=group)
    assert (added.new, added.already) == ([], 1)
    assert (standing.since, standing.anchor, standing.until) == (NOW, date(2030, 1, 15), left and NOW + left)


def test_adding_again_after_the_end_goes_on_with_the_old_start_date(group: Group) -> None:
    add_customers(group, {ADA: ""}, now=NOW, until=NOW + DAY)
    add_customers(group, {ADA: ""}, now=NOW + WEEK)
    assert [(each.since, each.anchor) for each in Standing.objects.order_by("since")] == [
        (NOW, date(2030, 1, 15)),
        (NOW + WEEK, date(2030, 1, 15)),
    ]


def test_an_end_is_set_and_taken_away(group: Group) -> None:
    member = add_member(group, CustomerFactory.create(account=group.account))
    set_end(member, NOW + WEEK, now=NOW)
    assert standing_of(group).until == NOW + WEEK
    set_end(member, None, now=NOW)
    assert standing_of(group).until is None
    remove_by_hand(member, now=NOW)
    with pytest.raises(NotAMemberByHandError):
        set_end(member, NOW + WEEK, now=NOW)


def test_they_are_told_once_three_days_before(group: Group) -> None:
    add_customers(group, {ADA: "Ada"}, now=NOW, until=NOW + WEEK)
    assert tell(NOW + 3 * DAY) == []
    assert tell(NOW + 4 * DAY) == [ADA]
    assert tell(NOW + 4 * DAY) == tell(NOW + 6 * DAY) == []
    letter = Letter.objects.get(kind="standing_ends")
    assert letter.subject == f"Your access to members’ tickets at {group.account.name} ends after 22 January 2030"
    assert "Hello Ada," in letter.text


def test_an_end_that_is_put_off_is_told_again(group: Group) -> None:
    add_customers(group, {ADA: ""}, now=NOW, until=NOW + WEEK)
    assert tell(NOW + 5 * DAY) == [ADA]
    add_customers(group, {ADA: ""}, now=NOW + 5 * DAY, until=NOW + 2 * WEEK)
    assert tell(NOW + 5 * DAY) == []
    assert tell(NOW + 12 * DAY) == [ADA]


def test_a_short_time_is_told_when_half_of_it_is_over(group: Group) -> None:
    add_customers(group, {ADA: ""}, now=NOW, until=NOW + 2 * DAY)
    assert tell(NOW) == tell(NOW + timedelta(hours=23)) == []
    assert tell(NOW + DAY) == [ADA]


def test_nobody_is_told_late_or_where_they_stay_in(group: Group) -> None:
    add_customers(group, {ADA: ""}, now=NOW, until=NOW + WEEK)
    assert tell(NOW + WEEK) == []
    add_membership_standing(Member.objects.get(group=group))
    assert tell(NOW + 5 * DAY) == []


def test_who_is_removed_before_is_not_told(group: Group) -> None:
    add_customers(group, {ADA: ""}, now=NOW, until=NOW + WEEK)
    remove_by_hand(Member.objects.get(group=group), now=NOW + DAY)
    assert tell(NOW + 5 * DAY) == []
    assert not Standing.objects.filter(ground=BY_HAND, until__gt=NOW + DAY).exists()
