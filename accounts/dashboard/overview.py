"""Choosing an account, and its overview."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import (
    MANAGE_ACCOUNT,
    MANAGE_CUSTOMERS,
    MANAGE_SCHEDULE,
    SEE_ATTENDEES,
    OperatorRequest,
    PersonRequest,
    operator_view,
    person_view,
)
from accounts.dashboard.payments.alerts import alerts_for
from accounts.models import Account, Role
from bookwhen.counts import CappedCount, capped_counts
from groups.queries import groups_of
from offers.periods import local_day
from tickets.money.till import taken_by_method
from tickets.queries import has_entries, places_on
from tickets.reporting.income import read_net
from tickets.reporting.member_names import count_movement
from tickets.reporting.spans import month_so_far
from tickets.today import entries_after, read_today

NEXT_ENTRIES: Final = 8


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to do in a new account."""

    words: str | Promise
    why: str | Promise
    page: str
    """The name of the dashboard page where it is done."""
    done: bool
    who: frozenset[Role] = MANAGE_CUSTOMERS
    """Which roles may do it."""
    matters: bool = True
    """Whether the first steps are shown for its sake alone."""


@person_view
def choose(request: PersonRequest) -> HttpResponse:
    """The dashboard of one's only account, or a choice; who has none is shown how to open a studio."""
    accounts = list(Account.objects.filter(staff__user=request.user).order_by("name", "pk"))
    if len(accounts) == 1:
        return redirect("dashboard:overview", account=accounts[0].slug)
    if not accounts:
        return redirect("start")
    return render(request, "accounts/dashboard/choose.html", {"accounts": accounts})


@operator_view(SEE_ATTENDEES)
def overview(request: OperatorRequest) -> HttpResponse:
    """Today, class by class and in numbers, and what comes next; in a new account, what to do first."""
    account, now = request.account, timezone.now()
    today = local_day(now, account.zone)
    lines = read_today(account, today, now=now)
    entries = entries_after(account, today, most=NEXT_ENTRIES)
    month = month_so_far(account, now=now)
    counts = capped_counts(account, {"groups": groups_of(account), "customers": account.customers.known()})
    steps = _steps(counts, has_entries=bool(entries or lines.lines) or has_entries(account))
    if account.has_groups:
        steps.append(_connect_stripe(account))
    steps = [step for step in steps if request.role in step.who]
    context = {
        "section": "overview",
        "entries": entries,
        "today": today,
        "today_lines": lines,
        "day_places": places_on(account, today, now=now),
        "may_manage": request.role in MANAGE_SCHEDULE,
        "may_add": request.role in MANAGE_CUSTOMERS,
        "counts": counts,
        "movement": count_movement(account, month, now=now) if request.role in MANAGE_CUSTOMERS else None,
        "net": read_net(account, month) if request.role in MANAGE_ACCOUNT else None,
        "steps": steps,
        "steps_left": [step for step in steps if step.matters and not step.done],
        "alerts": alerts_for(request),
        "taken": taken_by_method(account, today, today) if request.role in MANAGE_CUSTOMERS else [],
    }
    return render(request, "accounts/dashboard/overview.html", context)


def _steps(counts: dict[str, CappedCount], *, has_entries: bool) -> list[SetupStep]:
    return [
        SetupStep(
            _("Add your first entry"),
            _("An entry is a class or event that people can book."),
            "dashboard:schedule",
            has_entries,
            MANAGE_SCHEDULE,
        ),
        SetupStep(
            _("Create a customer group"),
            _("Give members their own tickets and discounts."),
            "dashboard:groups",
            bool(counts["groups"]),
        ),
        SetupStep(
            _("Add your customers to it"),
            _("Enter their email addresses. They don’t need an account yet."),
            "dashboard:groups",
            bool(counts["customers"]),
        ),
    ]


def _connect_stripe(account: Account) -> SetupStep:
    return SetupStep(
        _("Connect Stripe to sell memberships"),
        _("Members pay automatically, into your own Stripe account."),
        "dashboard:payments",
        account.takes_payments,
        MANAGE_ACCOUNT,
        matters=False,
    )
