"""The operator's schedule: a list of entries by day, a week, or a month."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import JSONField, Max, Min, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import MANAGE_CUSTOMERS, MANAGE_SCHEDULE, SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.models import Account
from bookwhen.keyset import KeysetPage, keyset_page
from offers.periods import local_day
from tickets.dashboard.schedule_filter import (
    LIST,
    MONTH,
    PAST,
    WEEK,
    ScheduleChoices,
    ScheduleFilter,
    condition,
    read_choices,
    read_filter,
)
from tickets.dashboard.timetable import Timetable, month_of, week_of
from tickets.models import Entry, EntryLeader, Ticket
from tickets.queries import entries_of, on_now

REACH: Final = 1000
"""Entries among which those of a leader, of a location or with free spaces are looked for at a time."""


@operator_view(SEE_ATTENDEES)
def schedule(request: OperatorRequest) -> HttpResponse:
    """*Schedule*: what is coming or over by day, a week, or a month; all of it in the address."""
    account, now, choices = request.account, timezone.now(), read_choices(request)
    shown, today = read_filter(request, choices), local_day(now, account.zone)
    page = _entries(request, shown, choices, now=now) if shown.view in {LIST, PAST} else None
    context = {
        "section": "schedule",
        "filter": shown,
        "choices": choices,
        "pages": choices.pages,
        "entries": page,
        "days": _by_day(page, account.zone) if page else (),
        "timetable": _timetable(account, shown, choices, today),
        "today": today,
        "may_manage": request.role in MANAGE_SCHEDULE,
        "may_book": request.role in MANAGE_CUSTOMERS,
        "now": now,
    }
    return render(request, "tickets/dashboard/schedule.html", context)


def _timetable(account: Account, shown: ScheduleFilter, choices: ScheduleChoices, today: date) -> Timetable | None:
    day = shown.day or today
    if shown.view == WEEK:
        return week_of(day, _listed(account, shown, choices), account.zone)
    if shown.view == MONTH:
        found = Entry.objects.filter(condition(shown, choices), account=account)
        return month_of(day, found, account.zone)
    return None


def _entries(
    request: OperatorRequest, shown: ScheduleFilter, choices: ScheduleChoices, *, now: datetime
) -> KeysetPage[Entry]:
    account, since = request.account, shown.since(request.account.zone)
    listed, everything = _listed(account, shown, choices), entries_of(account)
    order, ahead = ("starts_at", "pk"), None
    if shown.past:
        # What is over has begun: where the index begins.
        order, span = ("-starts_at", "-pk"), {"starts_at__lt": now, "ends_at__lte": now}
    elif since:
        span = {"starts_at__gte": since}
    else:
        running, span = on_now(account, now=now), {"starts_at__gt": now}
        ahead = listed.filter(pk__in=running) if running else None
    among = everything.filter(**span) if shown.is_searched else None
    return keyset_page(listed.filter(**span), order, request.GET, ahead=ahead, among=among, reach=REACH)


def _listed(account: Account, shown: ScheduleFilter, choices: ScheduleChoices) -> QuerySet[Entry]:
    """The entries shown, each with its leaders and what its tickets come to (`on_sale`), which are looked up once."""
    told = JSONObject(cheapest=Min("price"), dearest=Max("price"), exclusive=BoolOr("exclusive"))
    tickets = Ticket.objects.on_sale().filter(series=OuterRef("series")).order_by().values("series")
    nothing = Value({"is_nothing": True}, JSONField())
    leading = EntryLeader.objects.filter(account=account, leads=True).select_related("leader")
    return (
        entries_of(account)
        .filter(condition(shown, choices))
        .annotate(on_sale=Coalesce(Subquery(tickets.annotate(told=told).values("told")), nothing))
        .prefetch_related(Prefetch("leading", leading))
    )


def _by_day(entries: Iterable[Entry], zone: ZoneInfo) -> list[tuple[date, list[Entry]]]:
    days = groupby(entries, key=lambda entry: local_day(entry.starts_at, zone))
    return [(day, list(those)) for day, those in days]
