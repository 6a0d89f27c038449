"""What a page of the schedule lists: read anew for each visitor, and worked out again only where something changed.

Fifty entries with their tickets become objects, lines and HTML; hardly one differs from what the last visitor saw.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import SchedulePage
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.fastpath.known import Known
from bookwhen.keyset import KeysetPage, page_of_rows, position_after
from tickets.annotated import TicketAtEachEntry
from tickets.details import DetailRows, Details
from tickets.models import Entry
from tickets.public.entry.membership_options import MembershipOptions
from tickets.public.schedule.asking import Asked
from tickets.public.schedule.filtering import ORDER, filtered_page
from tickets.public.schedule.lines import render_day
from tickets.public.schedule.listing import EntryLine, by_day, entry_lines
from tickets.public.schedule.metadata import json_ld
from tickets.public.schedule.own import OwnNotes
from tickets.queries import next_entries_on, read_tickets_at, tickets_at

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

    def render(self, doors: MembershipOptions, own: OwnNotes) -> tuple[SafeString, SafeString]:
        """The HTML of the days, as they are told with these notes, and the JSON-LD, in the language of the moment."""
        says = (tuple((group, tuple(ways)) for group, ways in doors.by_group.items()), tuple(own.items()))
        return self._html.get(says, lambda: self._render(doors, own))

    def _render(self, doors: MembershipOptions, own: OwnNotes) -> tuple[SafeString, SafeString]:
        days = ((render_day(day, lines, doors, own),) for day, lines in by_day(self.lines, self.zone))
        return format_html_join("", "{}", days), json_ld(self.lines)

    def holds(self, now: datetime) -> bool:
        """Whether nothing has changed by the passing of time alone."""
        return self.at <= now and (self.until is None or now < self.until)


_PROGRAMMES: Final = Known[object, tuple[tuple[object, ...], Programme]](100)
"""The programme that was worked out last for a page, groups and an instant, after all that it was read from."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a page begins: at an instant, and of what starts right then after an entry (by key)."""

    instant: datetime
    key: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A programme, and its place among the pages; `begins`: where it was found to begin, None at the very instant.

    `is_wanted`: whether it is the page that was asked for. Where that has gone, it is the first.
    """

    programme: Programme
    pages: KeysetPage[Entry]
    begins: Beginning | None
    is_wanted: bool


def begins_at(asked: Asked) -> tuple[Beginning | None, bool]:
    """Where a page begins that an address asks for (None: right now); and whether it comes after another page."""
    start = None if asked.since is None else Beginning(asked.since)
    position = position_after(Entry.objects.all(), ORDER, asked.address)
    if position is None:
        return start, False
    return max(Beginning(*position), start or Beginning(asked.now), key=_order), True


def load_programme(page: SchedulePage, groups: AbstractSet[int], asked: Asked) -> Listed:
    """The page of a programme that is asked for, as somebody sees it who stands in these groups.

    Two statements; three where nothing is left of that page.
    """
    if not asked.leads_on:
        return _load_unusual(page, groups, asked)
    now = asked.now
    begins, is_later = begins_at(asked)
    entries = _rows(page, begins, now)
    is_wanted = bool(entries) or not is_later
    if not is_wanted:
        begins, is_later = None if asked.since is None else Beginning(asked.since), False
        entries = _rows(page, begins, now)
    more, entries = len(entries) > PER_PAGE, entries[:PER_PAGE]
    programme = _programme(page, groups, begins, entries, now=now)
    shown = [line.entry for line in programme.lines]
    pages = page_of_rows(shown, ORDER, asked.address, is_later=is_later, more=more)
    return Listed(programme, pages, begins, is_wanted)


def _rows(page: SchedulePage, begins: Beginning | None, now: datetime) -> Rows:
    begins = begins or Beginning(now)
    return upcoming.rows(page.pk, now, begins.instant, begins.key)


def _order(begins: Beginning) -> tuple[datetime, int]:
    return begins.instant, begins.key


def _programme(
    page: SchedulePage, groups: AbstractSet[int], begins: Beginning | None, entries: Rows, *, now: datetime
) -> Programme:
    """The programme of these rows: as it was worked out last, where nothing has changed since."""
    keys = [key for key, *_ in entries]
    tickets, details = read_tickets_at.rows(keys), DetailRows.read(keys)
    account = page.account
    told = (account.name, account.time_zone, account.currency, account.locale)
    waits = (account.waiting_list, account.confirms_free_bookings)
    read = (page.slug, *told, *waits, entries, tickets, details)
    key = (page.pk, frozenset(groups), begins)
    last = _PROGRAMMES.get(key)
    if last is None or last[0] != read or not last[1].holds(now):
        models = upcoming.models(entries), read_tickets_at.models(tickets)
        last = _PROGRAMMES.put(key, (read, _work_out(page, *models, groups, details.details, now=now)))
    return last[1]


def _load_unusual(page: SchedulePage, groups: AbstractSet[int], asked: Asked) -> Listed:
    """A page that ends somewhere, or shows some events alone: none is like another, so nothing of it is kept."""
    wanted, now = asked.events, asked.now
    pages = filtered_page(page, wanted, asked.address, asked.since, size=PER_PAGE, now=now)
    details = DetailRows.read([entry.pk for entry in pages]).details
    programme = _work_out(page, pages.rows, tickets_at(pages.rows), groups, details, now=now)
    if wanted.free:
        # Its tickets may have run out where the event has not.
        programme = replace(programme, lines=[line for line in programme.lines if line.is_bookable])
    return Listed(programme, pages, None, is_wanted=False)


def _work_out(
    page: SchedulePage,
    entries: Sequence[Entry],
    tickets: Iterable[TicketAtEachEntry],
    groups: AbstractSet[int],
    details: Details,
    *,
    now: datetime,
) -> Programme:
    for entry in entries:
        entry.page, entry.account = page, page.account
    lines = entry_lines(entries, tickets, groups, details, now=now)
    ahead = (instant for line in lines for instant in _turns(line) if instant > now)
    return Programme(lines, page.account.zone, now, min(ahead, default=None))


def _turns(line: EntryLine) -> Iterator[datetime]:
    """The instants at which a line says something else."""
    starts = line.entry.starts_at
    yield starts
    for ticket in line.tickets:
        yield line.closes_at(ticket)
        yield starts - timedelta(minutes=ticket.opens_minutes_before or 0)


@compiled_query
def upcoming(page: int, now: datetime, since: datetime, key: int) -> QuerySet[Entry]:
    """What a page shows from an instant on (of what starts right then, after a key): one more than it lists."""
    return next_entries_on(page, PER_PAGE + 1, now=now, since=since, after=key).defer("created_at")
