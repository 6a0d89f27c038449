"""One form sent by many clicks at once makes one thing; the control shows what looking first would make of it."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from groups.catalogue import create_group
from groups.models import Group
from memberships.catalogue import MembershipDetails, create_membership
from memberships.models import Membership
from offers.models import Offer
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import NOW, GroupFactory
from tests.races.crowd import run_at_once, wait_for_everyone
from tickets.models import Coverage
from tickets.schedule.coverage import create_offer

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLICKS = 8


def send_at_once(send: Callable[[], int]) -> int:
    """The one thing (its pk) that every click is led to."""
    [pk] = set(run_at_once(CLICKS, lambda _number: send()))
    return pk


def test_control_looking_and_then_making_makes_eight() -> None:
    account = AccountFactory.create()
    everybody_looked = wait_for_everyone(CLICKS)

    def naive(_number: int) -> None:
        is_there = Group.objects.filter(account=account, name="Members").exists()
        everybody_looked()
        if not is_there:
            Group.objects.create(account=account, name="Members")

    run_at_once(CLICKS, naive)

    assert Group.objects.count() == CLICKS


def test_one_form_makes_one_group() -> None:
    account, key = AccountFactory.create(), uuid4()

    pk = send_at_once(lambda: create_group(account, name="Members", description="", key=key).pk)

    assert Group.objects.get().pk == pk


def test_one_form_makes_one_membership_and_one_group() -> None:
    account, key = AccountFactory.create(), uuid4()
    page = SchedulePageFactory.create(account=account)
    details = MembershipDetails(title="Gold", pages=[page])

    pk = send_at_once(lambda: create_membership(account, details, group=None, key=key, now=NOW).pk)

    made = Membership.objects.get()
    assert (made.pk, made.group, made.pages.get()) == (pk, Group.objects.get(), page)


def test_one_form_makes_one_membership_of_an_existing_group() -> None:
    group, key = GroupFactory.create(), uuid4()
    details = MembershipDetails(title="Gold")

    pk = send_at_once(lambda: create_membership(group.account, details, group=group, key=key, now=NOW).pk)

    made = Membership.objects.get()
    assert (made.pk, made.group, Group.objects.count()) == (pk, group, 1)


def test_one_form_makes_one_offer_that_covers_one_page() -> None:
    group, key = GroupFactory.create(), uuid4()
    page = SchedulePageFactory.create(account=group.account)

    pk = send_at_once(lambda: create_offer(group, key=key, now=NOW).pk)

    assert (Offer.objects.get().pk, Coverage.objects.get().page) == (pk, page)
