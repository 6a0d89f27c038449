"""Who joined or left in some days: the standings by which `tickets.reporting.members` counts them, newest first."""

from datetime import datetime
from typing import Final

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.counts import CappedCount
from groups.models import Standing, StandingQuerySet
from tickets.reporting.spans import Span

JOINED_ORDER: Final = ("-since", "-pk")
LEFT_ORDER: Final = ("-until", "-pk")
MOST_COUNTED: Final = 100
_NOT_EMPTY: Final = Q(until__isnull=True) | Q(until__gt=F("since"))


class Happened(TextChoices):
    """What somebody did."""

    JOINED = "joined", _("Joined")
    LEFT = "left", _("Left")


def read_joined(account: Account, span: Span, *, now: datetime, group: int = 0) -> QuerySet[Standing]:
    """The standings with which somebody became a member in a span, up to an aware instant; each with its customer.

    In a group (id), else in any, where nothing held before.
    """
    since = OuterRef("since")
    theirs = _same(account, group)
    held = Q(since__lt=since) & (Q(until__isnull=True) | Q(until__gte=since))
    double = Q(since=since, pk__lt=OuterRef("pk"))
    found = _of(account, group).filter(since__gte=span.begins, since__lt=span.ends, since__lte=now)
    return found.exclude(Exists(theirs.filter(held | double)))


def read_left(account: Account, span: Span, *, now: datetime, group: int = 0) -> QuerySet[Standing]:
    """The standings with whose end somebody was a member no more in a span; each with its customer."""
    until = OuterRef("until")
    theirs = _same(account, group)
    holds = Q(since__lte=until) & (Q(until__isnull=True) | Q(until__gt=until))
    double = Q(until=until, pk__lt=OuterRef("pk"))
    found = _of(account, group).filter(until__gt=span.begins, until__lte=min(span.ends, now))
    return found.exclude(Exists(theirs.filter(holds | double)))


def count_movement(account: Account, span: Span, *, now: datetime) -> tuple[CappedCount, CappedCount]:
    """How many joined and how many left in a span, up to `MOST_COUNTED`. One statement.

    Where more standings began (or ended) in it than that, the index alone tells so, and nobody’s others are looked at.
    """
    begun = Standing.objects.filter(account=account, since__gte=span.begins, since__lt=span.ends, since__lte=now)
    ended = Standing.objects.filter(account=account, until__gt=span.begins, until__lte=min(span.ends, now))
    joined = _few(begun.order_by(*JOINED_ORDER), read_joined(account, span, now=now))
    left = _few(ended.order_by(*LEFT_ORDER), read_left(account, span, now=now))
    counts = Account.objects.filter(pk=account.pk).values_list(joined, left).get()
    return CappedCount(counts[0], MOST_COUNTED), CappedCount(counts[1], MOST_COUNTED)


def _few(candidates: QuerySet[Standing], found: QuerySet[Standing]) -> Case:
    many = GreaterThan(_Rows(candidates.values("pk")[: MOST_COUNTED + 1]), Value(MOST_COUNTED))
    return Case(When(many, then=Value(MOST_COUNTED + 1)), default=_Rows(found.order_by().values("pk")))


class _Rows(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _of(account: Account, group: int) -> StandingQuerySet:
    found = Standing.objects.filter(_NOT_EMPTY, account=account).select_related("member__customer", "member__group")
    return found.filter(member__group=group) if group else found


def _same(account: Account, group: int) -> StandingQuerySet:
    """The standings of the customer of an outer standing."""
    found = Standing.objects.filter(_NOT_EMPTY, account=account, member__customer=OuterRef("member__customer"))
    return found.filter(member__group=group) if group else found
