"""*Members*: who joined and left month by month, in any group or in one; by group, by membership; and who they were."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import query_choice, query_id
from accounts.models import Account
from bookwhen.charts import Chart, Frame, Series, line_chart, stacked_bars
from bookwhen.keyset import keyset_page
from groups.models import Group
from offers.periods import local_day
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.dashboard.reports.asked import month_text, read_months, short_month_text
from tickets.reporting.member_names import JOINED_ORDER, LEFT_ORDER, Happened, read_joined, read_left
from tickets.reporting.members import (
    Change,
    MonthChange,
    SubscribedChange,
    read_members_by_group,
    read_members_by_membership,
    read_members_by_month,
)
from tickets.reporting.spans import Month, month_span, read_month

PER_PAGE: Final = 50


@operator_view(MANAGE_CUSTOMERS)
def report_members(request: OperatorRequest) -> HttpResponse:
    """*Members*, of the months that the address asks for."""
    account, now = request.account, timezone.now()
    asked, group = read_months(request, account, now=now), _group(request)
    changes = read_members_by_month(account, asked.span, now=now, group=group.pk if group else 0)
    context = {
        "section": "reports",
        "asked": asked,
        "group": group,
        "changes": changes[::-1],
        "joined": sum(each.change.joined for each in changes),
        "left": sum(each.change.left for each in changes),
        "members": changes[-1].change.at_end,
        "charts": charts(changes),
        "groups": [] if group else read_members_by_group(account, asked.span, now=now),
        "memberships": [] if group else memberships_in_words(read_members_by_membership(account, asked.span, now=now)),
    }
    return render(request, "tickets/dashboard/report_members.html", context)


@operator_view(MANAGE_CUSTOMERS)
def report_members_csv(request: OperatorRequest) -> HttpResponseBase:
    """The months as a file."""
    account, now = request.account, timezone.now()
    asked, group = read_months(request, account, now=now), _group(request)
    changes = read_members_by_month(account, asked.span, now=now, group=group.pk if group else 0)
    head = [_("Month"), _("Joined"), _("Left"), _("Net"), _("Members at the end")]
    name = f"members-{account.slug}{f'-{group.pk}' if group else ''}-{asked.span.first}-{asked.span.last}.csv"
    return csv_response(account, name, head, _rows(changes))


@operator_view(MANAGE_CUSTOMERS)
def report_member_names(request: OperatorRequest) -> HttpResponse:
    """Who joined or left in a month, newest first."""
    account, now, group = request.account, timezone.now(), _group(request)
    month = read_month(request.GET.get("month", "")) or Month.of(local_day(now, account.zone))
    what = query_choice(request, "what", Happened) or Happened.JOINED
    span, of = month_span(month, account.zone), group.pk if group else 0
    if what == Happened.JOINED:
        found, order = read_joined(account, span, now=now, group=of), JOINED_ORDER
    else:
        found, order = read_left(account, span, now=now, group=of), LEFT_ORDER
    context = {
        "section": "reports",
        "month": month,
        "month_text": month_text(month),
        "what": what,
        "whats": Happened,
        "group": group,
        "standings": keyset_page(found, order, request.GET, size=PER_PAGE),
    }
    return render(request, "tickets/dashboard/report_member_names.html", context)


def charts(changes: Sequence[MonthChange]) -> list[Chart]:
    """How many joined and left, and how many members there were, month by month."""
    labels = [short_month_text(each.month) for each in changes]
    joined, left = [each.change.joined for each in changes], [-each.change.left for each in changes]
    there = [each.change.at_end for each in changes]
    frame = Frame(
        "joined-left",
        _("Joined and left"),
        _("How many members joined and left in each month. The table below has the numbers."),
        labels,
        str,
    )
    many = Frame(
        "members-line",
        _("Members at the end of each month"),
        _("How many members there were at the end of each month. The table below has the numbers."),
        labels,
        str,
    )
    both = [_series(_("Joined"), joined), _series(_("Left"), left)]
    return [stacked_bars(frame, both), line_chart(many, [_series(_("Members"), there)])]


@dataclass(frozen=True, slots=True)
class MembershipLine:
    """A membership’s line: its changes, how many began on trial, and why others left, in words."""

    pk: int
    name: str
    change: Change
    trials: int
    why: Sequence[str]


def memberships_in_words(found: Sequence[SubscribedChange]) -> list[MembershipLine]:
    """What changed in each membership, with the reasons that are known."""
    return [MembershipLine(each.pk, each.name, each.change, each.trials, list(_reasons(each))) for each in found]


def _reasons(change: SubscribedChange) -> Iterator[str]:
    if change.unpaid:
        yield _("%(count)d payment failed") % {"count": change.unpaid}
    if change.disputed:
        yield _("%(count)d disputed") % {"count": change.disputed}
    if change.in_trial:
        yield _("%(count)d during the trial") % {"count": change.in_trial}


def _series(name: str, values: Sequence[int]) -> Series:
    return Series(name, values, [str(abs(value)) for value in values])


def _group(request: OperatorRequest) -> Group | None:
    """The group that the address names; 404 where the account has none such."""
    if "group" not in request.GET:
        return None
    return _found(request.account, query_id(request, "group"))


def _found(account: Account, pk: int) -> Group:
    found = Group.objects.filter(account=account, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _rows(changes: Sequence[MonthChange]) -> Iterator[Sequence[Cell]]:
    for each in changes:
        change = each.change
        yield [str(each.month), *map(str, (change.joined, change.left, change.net, change.at_end))]
