"""*Reports*: this month beside the last one, each number with the way to its report."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.models import Account
from offers.periods import local_day
from tickets.dashboard.reports.asked import month_text
from tickets.reporting.fullness import Fullness, FullnessBy, read_fullness
from tickets.reporting.members import MonthChange, read_members_by_month
from tickets.reporting.spans import Month, Span, month_span


@dataclass(frozen=True, slots=True)
class Summary:
    """This month up to now, and the one before."""

    month: str
    before: str
    members: tuple[MonthChange, MonthChange]
    """Of the month before, and of this one."""
    fullness: tuple[Fullness, Fullness]


@operator_view(MANAGE_CUSTOMERS)
def reports(request: OperatorRequest) -> HttpResponse:
    """*Reports*: which there are, with what this month and the last came to."""
    context = {"section": "reports", "summary": _read(request.account)}
    return render(request, "tickets/dashboard/reports.html", context)


def _read(account: Account) -> Summary:
    now, zone = timezone.now(), account.zone
    month = Month.of(local_day(now, zone))
    before = month_span(month.later(-1), zone)
    changes = read_members_by_month(account, Span(before.first, month.last, zone), now=now)
    spans = before, month_span(month, zone)
    full = [read_fullness(account, each, FullnessBy.PAGE, now=now, most=1).total for each in spans]
    return Summary(
        month_text(month), month_text(month.later(-1)), (changes[0], changes[1]), (full[0], full[1])
    )
