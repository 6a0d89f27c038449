"""What is read of groups, always through the account."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Account, Customer
from bookwhen.counts import CappedCount, CappedCountOf
from bookwhen.fastpath.compiled import compiled_query
from groups.models import Group, Member, Standing, StandingSource

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _Counted(TypedDict):
    members_now: CappedCount
    lower_name: str


CountedGroup: TypeAlias = "WithAnnotations[Group, _Counted]"
"""A group with `members_now`, the number of customers who stand in it, capped; to the type checker alone."""
BY_NAME: Final = ("lower_name", "pk")
"""The order of `with_member_counts`."""
NEWEST_MEMBERS: Final = ("-stands_until", "-pk")
"""Those without an end first, who came last before the others: as the index `member_present` has them."""


def groups_of(account: Account, *, archived: bool = False) -> QuerySet[Group]:
    """An account's groups by name: those in use, or the archived ones."""
    return Group.objects.filter(account=account, archived_at__isnull=not archived)


def standing_at(instant: datetime | OuterRef) -> Q:
    """The condition on a standing that it holds at an aware instant, or at an outer query's: `[since, until)`."""
    return Q(since__lte=instant) & (Q(until__isnull=True) | Q(until__gt=instant))


def members_of(group: Group, *, now: datetime) -> QuerySet[Member]:
    """The members who stand in a group now, each with its customer: those without an end first, newest first."""
    present = _present(now).filter(account=group.account_id, group=group)
    return present.select_related("customer").order_by(*NEWEST_MEMBERS)


def with_member_counts(groups: QuerySet[Group], *, now: datetime) -> QuerySet[CountedGroup]:
    """Groups by name with `members_now`, the number of customers who stand in each (capped), and `lower_name`."""
    present = _present(now).filter(account=OuterRef("account"), group=OuterRef("pk")).order_by(*NEWEST_MEMBERS)
    counted = groups.annotate(members_now=CappedCountOf(present), lower_name=Lower("name"))
    return cast("QuerySet[CountedGroup]", counted.order_by(*BY_NAME))


def count_members(group: Group, *, now: datetime) -> CappedCount:
    """How many customers stand in a group now, capped."""
    counted = with_member_counts(Group.objects.filter(account=group.account_id, pk=group.pk), now=now)
    return counted.values_list("members_now", flat=True).get()


def _present(now: datetime) -> QuerySet[Member]:
    """Nobody comes into a group at a later instant, so that who has an end ahead stands now."""
    return Member.objects.filter(stands_until__gt=now)


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
