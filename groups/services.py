"""What changes groups: making them, and letting customers in and out on a ground."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import ForeignObjectRel, Q

from accounts.customers import recognise
from accounts.models import Account, Customer
from groups import locks
from groups.models import BY_HAND, Group, Member, Source, Standing
from groups.queries import standing_at


class NotAMemberByHandError(Exception):
    """The customer stands in the group only through a membership, or not at all."""


class GroupInUseError(Exception):
    """Something names the group: a member, an offer, a ticket, present or past. It can be archived, not deleted."""


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding customers: those newly in the group, and how many were in it already by hand."""

    new: list[Customer]
    already: int


def create_group(account: Account, *, name: str, description: str) -> Group:
    """Make a customer group (help article, *Create a new group*)."""
    return Group.objects.create(account=account, name=name, description=description)


def edit_group(group: Group, *, name: str, description: str) -> None:
    """Change a group's name and description."""
    group.name = name
    group.description = description
    group.save(update_fields=["name", "description"])


def archive_group(group: Group, *, now: datetime) -> None:
    """Put a group to rest: its offers rest, bookings and history stand, its exclusive tickets open for nobody."""
    Group.objects.filter(pk=group.pk, archived_at__isnull=True).update(archived_at=now)


def restore_group(group: Group) -> None:
    """Bring an archived group back, as it was."""
    Group.objects.filter(pk=group.pk).update(archived_at=None)


def is_in_use(group: Group) -> bool:
    """Whether anything at all names the group, now or in its history, in this app or above it."""
    named_by = [field for field in Group._meta.get_fields(include_hidden=True) if isinstance(field, ForeignObjectRel)]
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: group}).exists()  # noqa: SLF001
        for relation in named_by
    )


def delete_group(group: Group) -> None:
    """Delete a group that nothing names; to delete it again does nothing. Raises GroupInUseError."""
    with transaction.atomic():
        if (held := locks.hold_group(group.pk)) is None:
            return
        if is_in_use(held):
            raise GroupInUseError
        held.delete()


def add_customers(group: Group, names: Mapping[str, str], *, now: datetime) -> Added:
    """Let customers into a group by hand: names by folded address; those who are in by hand already stay as they are.

    Who was in it by hand before goes on with the old anchor and count; for others the anchor is today, in the
    account's time zone (DESIGN.md, *Standing*).
    """
    customers = recognise(group.account, names)
    with transaction.atomic():
        members = _enrol(group, customers, now=now)
        locks.hold_members([member.pk for member in members])
        inside = set(
            Standing.objects.filter(standing_at(now), member__in=members, ground=BY_HAND).values_list(
                "member_id", flat=True
            )
        )
        entering = [member for member in members if member.pk not in inside]
        _open_by_hand(group, entering, now=now)
    newly = {member.customer_id for member in entering}
    return Added([customer for customer in customers if customer.pk in newly], already=len(inside))


def remove_by_hand(member: Member, *, now: datetime) -> bool:
    """End a member's standing by hand, now; history stays. Whether a membership still keeps them in.

    Raises NotAMemberByHandError when there is no such standing to end.
    """
    with transaction.atomic():
        locks.hold_members([member.pk])
        ended = Standing.objects.filter(Q(until__isnull=True) | Q(until__gt=now), member=member, ground=BY_HAND).update(
            until=now
        )
        if not ended:
            raise NotAMemberByHandError
        return Standing.objects.filter(standing_at(now), member=member).exists()


def _enrol(group: Group, customers: Iterable[Customer], *, now: datetime) -> list[Member]:
    wanted = [customer.pk for customer in customers]
    Member.objects.bulk_create(
        (Member(account_id=group.account_id, group=group, customer_id=customer, created_at=now) for customer in wanted),
        ignore_conflicts=True,
        batch_size=1000,
    )
    return list(Member.objects.filter(group=group, customer__in=wanted).order_by("pk"))


def _open_by_hand(group: Group, members: Iterable[Member], *, now: datetime) -> None:
    entering = {member.pk: member for member in members}
    anchors = dict(
        Standing.objects.filter(member__in=entering, ground=BY_HAND)
        .order_by("since", "pk")
        .values_list("member_id", "anchor")
    )
    today = now.astimezone(group.account.zone).date()
    Standing.objects.bulk_create(
        (
            Standing(
                account_id=group.account_id,
                member=member,
                source=Source.MANUAL,
                ground=BY_HAND,
                since=now,
                anchor=anchors.get(member.pk, today),
            )
            for member in entering.values()
        ),
        batch_size=1000,
    )
