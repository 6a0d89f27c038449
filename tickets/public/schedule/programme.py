"""What a page of the schedule lists: read anew for each visitor, and worked out again only where something changed.

Fifty entries with their tickets become objects, lines and HTML; hardly one differs from what the last visitor saw.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import SchedulePage
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.fastpath.known import Known
from tickets.annotated import TicketAtEachEntry
from tickets.models import Entry
from tickets.public.entry.membership_options import MembershipOptions
from tickets.public.schedule.lines import render_day
from tickets.public.schedule.listing import EntryLine, by_day, entry_lines
from tickets.public.schedule.metadata import json_ld
from tickets.queries import entries_on, read_tickets_at, tickets_at

PER_PAGE: Final = 50
MOST_DRAWN: Final = 20
"""Ways to draw each: languages, and the memberships that it is told about."""

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Programme:
    """The lines of some entries, as they stay from the instant `at` until the instant `until` (None: for good)."""

    lines: Sequence[EntryLine]
    zone: ZoneInfo
    at: datetime
    until: datetime | None
    _html: KeptHtml[tuple[SafeString, SafeString]] = field(default_factory=lambda: KeptHtml(MOST_DRAWN))

    def render(self, doors: MembershipOptions) -> tuple[SafeString, SafeString]:
        """The HTML of the days, and the JSON-LD, in the language of the moment."""
        says = tuple((group, tuple(ways)) for group, ways in doors.by_group.items())
        return self._html.get(says, lambda: self._render(doors))

    def _render(self, doors: MembershipOptions) -> tuple[SafeString, SafeString]:
        days = ((render_day(day, lines, doors),) for day, lines in by_day(self.lines, self.zone))
        return format_html_join("", "{}", days), json_ld(self.lines)

    def holds(self, now: datetime) -> bool:
        """Whether nothing has changed by the passing of time alone."""
        return self.at <= now and (self.until is None or now < self.until)


_PROGRAMMES: Final = Known[object, tuple[tuple[object, ...], Programme]](100)
"""The programme that was worked out last for a page, groups and an instant, after all that it was read from."""


def load_programme(
    page: SchedulePage, groups: AbstractSet[int], since: datetime | None, number: str | None, *, now: datetime
) -> tuple[Programme, "Page[Any]"]:
    """A page's programme from now, or from later on, as somebody sees it who stands in these groups.

    With it, where that is in the paginator. Two statements, or three where there is more than
    one page.
    """
    entries = _upcoming.rows(page.pk, now, since or now)
    few = len(entries) <= PER_PAGE
    paginator: Paginator[Any] = Paginator(entries if few else _all(page, since, now=now), PER_PAGE)
    shown = paginator.get_page(number)
    if shown.number > 1:
        found: list[Entry] = list(shown.object_list)
        return _work_out(page, found, tickets_at(found), groups, now=now), shown
    entries = entries[:PER_PAGE]
    tickets = read_tickets_at.rows([key for key, *_ in entries])
    account = page.account
    read = (page.slug, account.name, account.time_zone, account.currency, account.locale, entries, tickets)
    key = (page.pk, frozenset(groups), since)
    last = _PROGRAMMES.get(key)
    if last is None or last[0] != read or not last[1].holds(now):
        models = _upcoming.models(entries), read_tickets_at.models(tickets)
        last = _PROGRAMMES.put(key, (read, _work_out(page, *models, groups, now=now)))
    return last[1], shown


def _work_out(
    page: SchedulePage,
    entries: Sequence[Entry],
    tickets: Iterable[TicketAtEachEntry],
    groups: AbstractSet[int],
    *,
    now: datetime,
) -> Programme:
    for entry in entries:
        entry.page = page
    lines = entry_lines(entries, tickets, groups, now=now)
    ahead = (instant for line in lines for instant in _turns(line) if instant > now)
    return Programme(lines, page.account.zone, now, min(ahead, default=None))


def _turns(line: EntryLine) -> Iterator[datetime]:
    """The instants at which a line says something else."""
    starts = line.entry.starts_at
    yield starts
    for ticket in line.tickets:
        yield line.closes_at(ticket)
        yield starts - timedelta(minutes=ticket.opens_minutes_before or 0)


def _all(page: SchedulePage, since: datetime | None, *, now: datetime) -> QuerySet[Entry]:
    return entries_on(page, now=now).filter(starts_at__gte=since or now)


@compiled_query
def _upcoming(page: int, now: datetime, since: datetime) -> QuerySet[Entry]:
    return entries_on(page, now=now).filter(starts_at__gte=since).defer("created_at")[: PER_PAGE + 1]
