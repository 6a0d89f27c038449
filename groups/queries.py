"""What is read of groups, always through the account."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Account, Customer
from bookwhen.fastpath.compiled import compiled_query
from groups.models import Group, Member, Standing, StandingSource

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _MembersNow(TypedDict):
    members_now: int


CountedGroup: TypeAlias = "WithAnnotations[Group, _MembersNow]"
"""A group with the number of customers who stand in it; to the type checker alone."""


def groups_of(account: Account, *, archived: bool = False) -> QuerySet[Group]:
    """An account's groups by name: those in use, or the archived ones."""
    return Group.objects.filter(account=account, archived_at__isnull=not archived)


def standing_at(instant: datetime | OuterRef) -> Q:
    """The condition on a standing that it holds at an aware instant, or at an outer query's: `[since, until)`."""
    return Q(since__lte=instant) & (Q(until__isnull=True) | Q(until__gt=instant))


def members_of(group: Group, *, now: datetime) -> QuerySet[Member]:
    """The members who stand in a group now, each with its customer, by name and address."""
    standing = Standing.objects.at(now).filter(member=OuterRef("pk"))
    return (
        Member.objects.filter(Exists(standing), group=group)
        .select_related("customer")
        .order_by("customer__name", "customer__email", "pk")
    )


def with_member_counts(groups: QuerySet[Group], *, now: datetime) -> QuerySet[CountedGroup]:
    """Groups with `members_now`, the number of customers who stand in each."""
    open_members = Q(members__standings__since__lte=now) & (
        Q(members__standings__until__isnull=True) | Q(members__standings__until__gt=now)
    )
    return groups.annotate(members_now=Count("members", filter=open_members, distinct=True))


def groups_of_customer(customer: Customer, *, now: datetime) -> QuerySet[Group]:
    """The groups, archived ones left out, in which a customer stands now."""
    return _read_groups_of.queryset(customer.pk, customer.account_id, now)


def read_groups_of(customer: Customer, *, now: datetime) -> list[Group]:
    """The same, read."""
    return _read_groups_of(customer.pk, customer.account_id, now)


@compiled_query
def _read_groups_of(customer: int, account: int, now: datetime) -> QuerySet[Group]:
    standing = Standing.objects.at(now).filter(member__group=OuterRef("pk"), member__customer=customer)
    return Group.objects.in_use().filter(Exists(standing), account=account)


def standings_now(standings: Iterable[Standing], *, now: datetime) -> list[Standing]:
    """Those of some standings that hold now."""
    return [each for each in standings if each.since <= now and (each.until is None or now < each.until)]


def ruling_standing(standings: Iterable[Standing], *, now: datetime) -> Standing | None:
    """The standing that sets what uses are counted by: of those that hold now, one by membership before one by hand."""
    holding = standings_now(standings, now=now)
    return min(holding, key=lambda each: (each.source != StandingSource.MEMBERSHIP, each.pk), default=None)
