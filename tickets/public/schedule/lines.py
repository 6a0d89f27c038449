"""The HTML of the schedule's days and lines, and of when an entry is, drawn once for as long as they say the same.

Fifty lines are nine tenths of the public page's work, and hardly one has changed since the last visitor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tickets.models import Entry
from tickets.public.entry.membership_options import MembershipOptions
from tickets.public.prices import public_price
from tickets.public.schedule.listing import EntryLine
from tickets.public.schedule.metadata import entry_path

KEPT: Final = 5000
"""Lines of about a kilobyte, in each process."""


@dataclass(frozen=True, slots=True)
class LineAppearance:
    """Everything that a line says: two with the same look have the same HTML. Instants are told in `zone`."""

    href: str
    title: str
    location: str
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    state: str
    members_only: bool
    opens_at: datetime | None
    few_left: int | None
    opened_by: tuple[str, ...]
    price: str
    language: str | None


def render_day(day: date, lines: Iterable[EntryLine], doors: MembershipOptions) -> SafeString:
    """The HTML of a day with its lines (each entry with `page`, its account too), in the language of the moment."""
    language = get_language()
    return _render_day(day, tuple(_render_line(_appearance(line, doors, language)) for line in lines), language)


def render_when(entry: Entry) -> SafeString:
    """When and where an entry (with `account`) takes place, in the language of the moment."""
    return _render_when(entry.starts_at, entry.ends_at, entry.location, entry.account.zone, get_language())


def _appearance(line: EntryLine, doors: MembershipOptions, language: str | None) -> LineAppearance:
    entry = line.entry
    return LineAppearance(
        entry_path(entry),
        entry.title,
        entry.location,
        entry.starts_at,
        entry.ends_at,
        entry.page.account.zone,
        line.state,
        line.members_only,
        line.opens_at,
        line.few_left,
        tuple(way.title for way in doors.for_line(line)),
        public_price(line.on_sale, entry.page.account),
        language,
    )


@lru_cache(KEPT)
def _render_line(look: LineAppearance) -> SafeString:
    with timezone.override(look.zone):
        return render_to_string("tickets/public/_line.html", {"line": look})


@lru_cache(KEPT)
def _render_when(
    starts_at: datetime, ends_at: datetime, location: str, zone: ZoneInfo, _language: str | None
) -> SafeString:
    known = {"starts_at": starts_at, "ends_at": ends_at, "location": location, "zone": zone}
    with timezone.override(zone):
        return render_to_string("tickets/public/_when.html", known)


@lru_cache(KEPT)
def _render_day(day: date, lines: tuple[SafeString, ...], _language: str | None) -> SafeString:
    return render_to_string("tickets/public/_day.html", {"day": day, "lines": lines})
