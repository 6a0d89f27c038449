"""The demo started again: what is missing is added, and nothing is changed."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Account, Role, SchedulePage, Staff, User
from bookwhen.sandbox.demo.loading import load
from bookwhen.sandbox.demo.logins import MEMBER, OWNER, PASSWORD, TEACHER
from bookwhen.sandbox.demo.programme import AHEAD
from offers.periods import local_day
from tests.demo.facts import count_everything, weeks_ahead
from tests.factories.schedule import NOW
from tickets.models import Entry, Series

pytestmark = pytest.mark.django_db


def test_a_second_start_adds_nothing(account: Account) -> None:
    before, entries = count_everything(), Entry.objects.count()

    load(now=NOW + timedelta(hours=1))

    assert (count_everything(), Entry.objects.count()) == (before, entries)


def test_a_start_three_weeks_later_adds_the_missing_weeks_alone(account: Account) -> None:
    before, ahead, entries = count_everything(), weeks_ahead(account), Entry.objects.count()

    load(now=NOW + timedelta(weeks=3))

    assert count_everything() == before
    assert weeks_ahead(account) == {series: weeks + 3 for series, weeks in ahead.items()}
    assert Entry.objects.count() == entries + 3 * len(ahead)
    horizon = local_day(NOW + timedelta(weeks=3), account.zone) + AHEAD
    assert local_day(Entry.objects.latest("starts_at").starts_at, account.zone) <= horizon


def test_a_series_that_somebody_made_is_not_lengthened(account: Account) -> None:
    own = Series.objects.filter(account=account).exclude(rule="").earliest("pk")
    Series.objects.filter(pk=own.pk).update(created_at=NOW)
    count = own.entries.count()

    load(now=NOW + timedelta(weeks=3))

    assert own.entries.count() == count


def test_a_start_restores_the_logins_and_nothing_else(account: Account) -> None:
    user = User.objects.get(email=MEMBER)
    user.set_password("another one")
    user.is_active = False
    user.name = "Somebody"
    user.save()
    EmailAddress.objects.filter(user=user).delete()
    SchedulePage.objects.filter(slug="demo").update(title="Renamed")
    others = User.objects.get(email=OWNER).password

    load(now=NOW)

    user.refresh_from_db()
    assert (user.check_password(PASSWORD), user.is_active, user.name) == (True, True, "Somebody")
    assert EmailAddress.objects.get(user=user).verified
    assert SchedulePage.objects.get(slug="demo").title == "Renamed"
    assert User.objects.get(email=OWNER).password == others


def test_a_teacher_who_was_taken_off_the_team_is_back_and_leads(account: Account) -> None:
    Staff.objects.filter(account=account, user__email=TEACHER).delete()

    load(now=NOW)

    staff = Staff.objects.get(account=account, user__email=TEACHER)
    assert (staff.role, staff.leader.name) == (Role.LEADER, "Amara Okafor")
