"""*Reports*: this month beside the last one, each number with the way to its report."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import MANAGE_ACCOUNT, MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.models import Account
from accounts.models.leader_words import LeaderWord
from offers.periods import local_day
from tickets.dashboard.reports.asked import month_text
from tickets.reporting.fullness import Fullness, FullnessBy, read_fullness
from tickets.reporting.income import Income, read_income
from tickets.reporting.members import MonthChange, read_members_by_month
from tickets.reporting.spans import Month, Span, month_span
from tickets.reporting.uses import UsesInAll, add_up, read_uses


@dataclass(frozen=True, slots=True)
class Summary:
    """This month up to now, and the one before."""

    month: str
    before: str
    members: tuple[MonthChange, MonthChange]
    """Of the month before, and of this one; so are the others."""
    fullness: tuple[Fullness, Fullness]
    uses: UsesInAll
    """Of this month."""
    income: tuple[Income, Income] | None
    """In the account’s currency; none for who may not see it."""


@operator_view(MANAGE_CUSTOMERS)
def reports(request: OperatorRequest) -> HttpResponse:
    """*Reports*: which there are, with what this month and the last came to."""
    context = {
        "section": "reports",
        "summary": _read(request.account, with_income=request.role in MANAGE_ACCOUNT),
        "fullness_hint": _HINTS[LeaderWord(request.account.leader_word)],
    }
    return render(request, "tickets/dashboard/reports.html", context)


def _read(account: Account, *, with_income: bool) -> Summary:
    now, zone = timezone.now(), account.zone
    month = Month.of(local_day(now, zone))
    before = month_span(month.later(-1), zone)
    both = Span(before.first, month.last, zone)
    changes = read_members_by_month(account, both, now=now)
    full = [
        read_fullness(account, each, FullnessBy.PAGE, now=now, most=1).total
        for each in (before, month_span(month, zone))
    ]
    income = [each.income for each in read_income(account, both)[account.currency]] if with_income else []
    return Summary(
        month_text(month),
        month_text(month.later(-1)),
        (changes[0], changes[1]),
        (full[0], full[1]),
        add_up(read_uses(account, month_span(month, zone), now=now)),
        (income[0], income[1]) if income else None,
    )


_HINTS = {
    LeaderWord.LEADER: _("How full entries were, by entry, day and time, leader and page; who came, and who didn’t."),
    LeaderWord.TEACHER: _("How full entries were, by entry, day and time, teacher and page; who came, and who didn’t."),
}
