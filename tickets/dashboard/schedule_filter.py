"""What the address of the operator's schedule asks for: how it is shown, from which day, and which of its entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q
from django.utils.dateparse import parse_date

from accounts.access import OperatorRequest
from accounts.dashboard.query import query_id, search_term
from accounts.models import Role, SchedulePage
from bookwhen.dates import is_sensible
from bookwhen.search import text_has
from tickets.models import EntryLeader, Leader, Location
from tickets.offered import Offered, offer

LIST, PAST, WEEK, MONTH = "list", "past", "week", "month"
VIEWS: Final = (WEEK, MONTH)
YES, NO = "1", "0"


@dataclass(frozen=True, slots=True)
class ScheduleChoices:
    """What can be chosen of an account: its pages, and the leaders and locations in use."""

    pages: Sequence[SchedulePage]
    leaders: Offered[Leader]
    places: Offered[Location]
    own: Leader | None
    """The leader that somebody on the team is themselves."""


@dataclass(frozen=True, slots=True)
class ScheduleFilter:
    """What an address asks for. `view`: what is coming or over as a list, or a week or a month.

    `on`: a page (its slug); `words` in the title; `leader` and `place` (ids); those with free spaces; and `mine`.
    """

    view: str
    day: date | None
    on: str
    words: str
    leader: int
    place: int
    free: bool
    mine: bool

    @property
    def past(self) -> bool:
        """Whether it lists what is over."""
        return self.view == PAST

    @property
    def is_filtered(self) -> bool:
        """Whether clearing the filter would show more: the day of a week or a month only says which."""
        since = self.day is not None and self.view not in VIEWS
        return bool(self.on or self.words or self.leader or self.place or self.free or since)

    @property
    def is_searched(self) -> bool:
        """Whether it asks for what no index has in the order of the schedule."""
        return bool(self.leader or self.place or self.free or self.mine)

    def since(self, zone: ZoneInfo) -> datetime | None:
        """The midnight at which a list begins."""
        return None if self.day is None else datetime.combine(self.day, time.min, zone)


def read_choices(request: OperatorRequest) -> ScheduleChoices:
    """What can be chosen. Three statements; where there are more than are offered, up to four more."""
    account, asked = request.account, request.GET
    leaders = offer(
        account.leaders.in_use().select_related("staff"), query_id(request, "teacher"), asked.get("named", "")
    )
    places = offer(account.locations.in_use(), query_id(request, "place"), asked.get("called", ""))
    own = next((each for each in leaders.rows if each.staff and each.staff.user_id == request.user.pk), None)
    if own is None and leaders.is_cut:
        own = account.leaders.in_use().filter(staff__user=request.user).first()
    return ScheduleChoices(list(account.pages.all()), leaders, places, own)


def read_filter(request: OperatorRequest, choices: ScheduleChoices) -> ScheduleFilter:
    """The filter of a request. Who leads entries, and does nothing else here, sees their own first."""
    asked = request.GET
    view = next((each for each in VIEWS if each == asked.get("view")), "")
    usual = YES if request.role == Role.LEADER else NO
    return ScheduleFilter(
        view=view or (PAST if asked.get("when") == PAST else LIST),
        day=_day(asked.get("day", "")),
        on=search_term(request, "on"),
        words=search_term(request),
        leader=choices.leaders.chosen or query_id(request, "teacher"),
        place=choices.places.chosen or query_id(request, "place"),
        free=asked.get("free") == YES,
        mine=choices.own is not None and asked.get("mine", usual) == YES,
    )


def condition(shown: ScheduleFilter, choices: ScheduleChoices) -> Q:
    """The condition on an entry (with `places`) that a filter shows it."""
    found = Q()
    if shown.on:
        found &= Q(page=next((page for page in choices.pages if page.slug == shown.on), None))
    if shown.words:
        found &= text_has("title", shown.words)
    for leader in filter(None, (shown.leader, choices.own.pk if choices.own and shown.mine else 0)):
        found &= Q(Exists(EntryLeader.objects.filter(entry=OuterRef("pk"), leader=leader, leads=True)))
    if shown.place:
        found &= Q(venue=shown.place)
    if shown.free:
        found &= Q(cancelled_at__isnull=True, places__capacity__gt=F("places__taken") + F("places__reserved"))
    return found


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and is_sensible(day) else None
