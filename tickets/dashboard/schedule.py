"""The operator's schedule: every entry, by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import JSONField, Max, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import MANAGE_SCHEDULE, SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.dashboard.query import search_term
from accounts.models import Account
from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.search import text_has
from offers.periods import local_day
from tickets.models import Entry, Ticket
from tickets.queries import entries_of, on_now


@dataclass(frozen=True, slots=True)
class ScheduleFilter:
    """What the address asks for: those that are over, those on one page (its slug), those with words in the title."""

    past: bool
    on: str
    words: str

    @property
    def is_filtered(self) -> bool:
        """Whether clearing the filter would show more."""
        return bool(self.on or self.words)


@operator_view(SEE_ATTENDEES)
def schedule(request: OperatorRequest) -> HttpResponse:
    """*Schedule*: what is coming, or what is over, soonest or latest first."""
    account, now, shown = request.account, timezone.now(), _read_filter(request)
    page = _entries(request, shown, now=now)
    context = {
        "section": "schedule",
        "filter": shown,
        "entries": page,
        "days": _by_day(page, account.zone),
        "today": local_day(now, account.zone),
        "pages": list(account.pages.all()),
        "may_manage": request.role in MANAGE_SCHEDULE,
    }
    return render(request, "tickets/dashboard/schedule.html", context)


def _read_filter(request: OperatorRequest) -> ScheduleFilter:
    return ScheduleFilter(
        past=request.GET.get("when") == "past", on=search_term(request, "on"), words=search_term(request)
    )


def _entries(request: OperatorRequest, shown: ScheduleFilter, *, now: datetime) -> KeysetPage[Entry]:
    found = _listed(request.account, shown)
    if shown.past:
        # What is over has begun: where the index begins.
        over = found.filter(starts_at__lt=now, ends_at__lte=now)
        return keyset_page(over, ("-starts_at", "-pk"), request.GET)
    running = on_now(request.account, now=now)
    ahead = found.filter(pk__in=running) if running else None
    return keyset_page(found.filter(starts_at__gt=now), ("starts_at", "pk"), request.GET, ahead=ahead)


def _listed(account: Account, shown: ScheduleFilter) -> QuerySet[Entry]:
    """The entries listed, each with what its tickets come to (`on_sale`), which are looked up once."""
    told = JSONObject(cheapest=Min("price"), dearest=Max("price"), exclusive=BoolOr("exclusive"))
    tickets = Ticket.objects.on_sale().filter(series=OuterRef("series")).order_by().values("series")
    nothing = Value({"is_nothing": True}, JSONField())
    found = entries_of(account).annotate(
        on_sale=Coalesce(Subquery(tickets.annotate(told=told).values("told")), nothing)
    )
    if shown.on:
        found = found.filter(page=account.pages.filter(slug=shown.on).first())
    return found.filter(text_has("title", shown.words)) if shown.words else found


def _by_day(entries: Iterable[Entry], zone: ZoneInfo) -> list[tuple[date, list[Entry]]]:
    days = groupby(entries, key=lambda entry: local_day(entry.starts_at, zone))
    return [(day, list(those)) for day, those in days]
