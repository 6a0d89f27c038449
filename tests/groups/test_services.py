"""Letting customers into a group by hand, and out again."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Customer
from bookwhen.counts import CappedCount
from bookwhen.db import violated_constraint
from groups import catalogue, services
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from groups.queries import members_of, with_member_counts
from tests.factories.accounts import AccountFactory, CustomerFactory, UserFactory
from tests.factories.schedule import NOW, GroupFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def add_customers(group: Group, *emails: str, at: timedelta = timedelta()) -> services.AddResult:
    return services.add_customers(group, dict.fromkeys(emails, ""), now=NOW + at)


def test_added_customers_stand_in_the_group_from_today(group: Group) -> None:
    added = add_customers(group, "ada@example.org", "bea@example.org")

    assert ([customer.email for customer in added.new], added.already) == (["ada@example.org", "bea@example.org"], 0)
    assert [member.customer.email for member in members_of(group, now=NOW)] == ["bea@example.org", "ada@example.org"]
    standing = Standing.objects.filter(member__customer__email="ada@example.org").get()
    assert (standing.source, standing.ground, standing.since, standing.until, standing.anchor) == (
        StandingSource.MANUAL,
        BY_HAND,
        NOW,
        None,
        date(2030, 1, 15),
    )


def test_the_anchor_is_the_local_day() -> None:
    group = GroupFactory.create(account=AccountFactory.create(time_zone="Pacific/Auckland"))

    add_customers(group, "ada@example.org")

    assert Standing.objects.get().anchor == date(2030, 1, 16)


def test_adding_again_changes_nothing(group: Group) -> None:
    add_customers(group, "ada@example.org")

    added = add_customers(group, "ada@example.org", "bea@example.org", at=DAY)

    assert ([customer.email for customer in added.new], added.already) == (["bea@example.org"], 1)
    assert (Member.objects.count(), Standing.objects.count(), Customer.objects.count()) == (2, 2, 2)


def test_a_customer_with_a_proved_login_is_linked_and_nothing_else_differs(group: Group) -> None:
    known = UserFactory.create(email="ada@example.org")
    UserFactory.create(email="bea@example.org", proved=False)

    add_customers(group, "ada@example.org", "bea@example.org", "cleo@example.org")

    users = Customer.objects.order_by("email").values_list("user", flat=True)
    assert list(users) == [known.pk, None, None]


def test_a_name_fills_only_an_empty_one(group: Group) -> None:
    CustomerFactory.create(account=group.account, email="ada@example.org", name="Ada")
    CustomerFactory.create(account=group.account, email="bea@example.org", name="")

    services.add_customers(group, {"ada@example.org": "A. L.", "bea@example.org": "Bea"}, now=NOW)

    assert list(Customer.objects.order_by("email").values_list("name", flat=True)) == ["Ada", "Bea"]


def test_removing_ends_it_now_and_adding_again_goes_on_with_the_old_anchor(group: Group) -> None:
    add_customers(group, "ada@example.org")
    member = Member.objects.get()

    assert services.remove_by_hand(member, now=NOW + DAY) is False
    assert list(members_of(group, now=NOW + DAY)) == []
    assert list(members_of(group, now=NOW + DAY - timedelta(seconds=1))) == [member]

    add_customers(group, "ada@example.org", at=40 * DAY)

    assert list(Standing.objects.order_by("since").values_list("until", "anchor")) == [
        (NOW + DAY, date(2030, 1, 15)),
        (None, date(2030, 1, 15)),
    ]
    assert list(members_of(group, now=NOW + 40 * DAY)) == [member]


def test_removing_twice_is_told(group: Group) -> None:
    add_customers(group, "ada@example.org")
    services.remove_by_hand(Member.objects.get(), now=NOW + DAY)

    with pytest.raises(services.NotAMemberByHandError):
        services.remove_by_hand(Member.objects.get(), now=NOW + DAY)


def test_only_one_standing_by_hand_is_open(group: Group) -> None:
    add_customers(group, "ada@example.org")
    standing = Standing.objects.get()
    standing.pk = None

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        standing.save(force_insert=True)

    assert violated_constraint(refused.value) == "standing_one_open"


def test_another_accounts_customer_of_the_same_address_is_somebody_else(group: Group) -> None:
    other = CustomerFactory.create(email="ada@example.org")

    add_customers(group, "ada@example.org")

    assert Member.objects.get().customer_id != other.pk
    assert Customer.objects.filter(email="ada@example.org").count() == 2


def test_members_are_counted_once(group: Group) -> None:
    add_customers(group, "ada@example.org", "bea@example.org")
    services.remove_by_hand(Member.objects.filter(customer__email="bea@example.org").get(), now=NOW + DAY)
    add_customers(group, "bea@example.org", at=2 * DAY)

    [counted] = with_member_counts(Group.objects.filter(pk=group.pk), now=NOW + 3 * DAY)

    assert counted.members_now == CappedCount(2)


def test_an_archived_group_comes_back_as_it_was(group: Group) -> None:
    catalogue.archive_group(group, now=NOW)
    catalogue.archive_group(group, now=NOW + DAY)
    group.refresh_from_db()
    assert group.archived_at == NOW

    catalogue.restore_group(group)

    group.refresh_from_db()
    assert group.archived_at is None
