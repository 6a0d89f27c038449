"""Deleting a group: only one that nothing names, in whatever app."""

import pytest

from groups.catalogue import GroupInUseError, delete_group, is_in_use
from groups.models import Group
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member

pytestmark = pytest.mark.django_db


def test_a_group_that_nothing_names_is_deleted_and_twice_is_once() -> None:
    group, other = GroupFactory.create(), GroupFactory.create()

    assert is_in_use(group) is False
    delete_group(Group.objects.get(pk=group.pk))
    delete_group(group)

    assert Group.objects.get() == other


def test_a_group_with_a_former_member_is_not_deleted() -> None:
    group = GroupFactory.create()
    add_member(group, CustomerFactory.create(account=group.account), until=NOW)

    with pytest.raises(GroupInUseError):
        delete_group(group)


def test_a_group_with_an_offer_is_not_deleted() -> None:
    group = OfferFactory.create(group=GroupFactory.create(), deleted_at=NOW).group

    with pytest.raises(GroupInUseError):
        delete_group(group)


def test_a_group_that_a_ticket_names_is_not_deleted_although_tickets_are_another_app() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    TicketFactory.create(entry=entry, group=group)

    with pytest.raises(GroupInUseError):
        delete_group(group)
    assert group.tickets.count() == 1
