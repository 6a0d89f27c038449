"""Who joined or left in some days: the standings by which `tickets.reporting.members` counts them, newest first."""

from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from groups.models import Standing, StandingQuerySet
from tickets.reporting.spans import Span

JOINED_ORDER: Final = ("-since", "-pk")
LEFT_ORDER: Final = ("-until", "-pk")
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


def _of(account: Account, group: int) -> StandingQuerySet:
    found = Standing.objects.filter(_NOT_EMPTY, account=account).select_related("member__customer", "member__group")
    return found.filter(member__group=group) if group else found


def _same(account: Account, group: int) -> StandingQuerySet:
    """The standings of the customer of an outer standing."""
    found = Standing.objects.filter(_NOT_EMPTY, account=account, member__customer=OuterRef("member__customer"))
    return found.filter(member__group=group) if group else found
