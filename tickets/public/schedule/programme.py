"""What a page of the schedule lists: read anew for each visitor, and worked out again only where something changed.

Fifty entries with their tickets become objects, lines and HTML; hardly one differs from what the last visitor saw.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
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
from bookwhen.keyset import KeysetPage, keyset_page, page_of_rows, position_after
from tickets.annotated import TicketAtEachEntry
from tickets.details import DetailRows, Details
from tickets.models import Entry
from tickets.public.entry.membership_options import MembershipOptions
from tickets.public.schedule.lines import render_day
from tickets.public.schedule.listing import EntryLine, by_day, entry_lines
from tickets.public.schedule.metadata import json_ld
from tickets.queries import entries_on, next_entries_on, read_tickets_at, tickets_at

PER_PAGE: Final = 50
ORDER: Final = ("starts_at", "pk")
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


def load_programme(
    page: SchedulePage, groups: AbstractSet[int], since: datetime | None, address: Mapping[str, str], *, now: datetime
) -> Listed:
    """The page of a programme from now, or from later on, that an address (`request.GET`) asks for.

    As somebody sees it who stands in these groups. Two statements; three where nothing is left of that page.
    """
    if "before" in address:
        return _load_backwards(page, groups, since, address, now=now)
    start = None if since is None else Beginning(since)
    position = position_after(Entry.objects.all(), ORDER, address)
    begins = start if position is None else max(Beginning(*position), start or Beginning(now), key=_order)
    entries = _rows(page, begins, now)
    is_wanted = bool(entries) or position is None
    if not is_wanted:
        begins, position, entries = start, None, _rows(page, start, now)
    more, entries = len(entries) > PER_PAGE, entries[:PER_PAGE]
    programme = _programme(page, groups, begins, entries, now=now)
    shown = [line.entry for line in programme.lines]
    pages = page_of_rows(shown, ORDER, address, is_later=position is not None, more=more)
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
    read = (page.slug, account.name, account.time_zone, account.currency, account.locale, entries, tickets, details)
    key = (page.pk, frozenset(groups), begins)
    last = _PROGRAMMES.get(key)
    if last is None or last[0] != read or not last[1].holds(now):
        models = upcoming.models(entries), read_tickets_at.models(tickets)
        last = _PROGRAMMES.put(key, (read, _work_out(page, *models, groups, details.details, now=now)))
    return last[1]


def _load_backwards(
    page: SchedulePage, groups: AbstractSet[int], since: datetime | None, address: Mapping[str, str], *, now: datetime
) -> Listed:
    """A page that ends somewhere: hardly anyone goes back."""
    found = entries_on(page, now=now).filter(starts_at__gte=since or now)
    pages = keyset_page(found, ORDER, address, size=PER_PAGE)
    details = DetailRows.read([entry.pk for entry in pages]).details
    programme = _work_out(page, pages.rows, tickets_at(pages.rows), groups, details, now=now)
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
        entry.page = page
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
