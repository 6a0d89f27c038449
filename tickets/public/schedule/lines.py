"""The HTML of the schedule's days and lines, drawn once for as long as they say the same; and of when an entry is.

Fifty lines are nine tenths of the public page's work, and hardly one has changed since the last visitor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Account, WaitingList
from bookwhen.fastpath.kept_html import KeptHtml
from bookwhen.fastpath.outlines import Outlines, Said, said
from tickets.models import Entry
from tickets.pictures.addresses import SMALL, picture_path
from tickets.public.entry.membership_options import MembershipOptions
from tickets.public.prices import public_price
from tickets.public.schedule.listing import EntryLine
from tickets.public.schedule.metadata import entry_path
from tickets.public.schedule.own import NOTHING, OwnNote, OwnNotes, WayToWait

# Of about a kilobyte each, in each process.
_LINES: Final = KeptHtml[SafeString](5000)
_DAYS: Final = KeptHtml[SafeString](5000)
_WHEN: Final = Outlines("tickets/public/_when.html", most=100_000)


@dataclass(frozen=True, slots=True)
class LineAppearance:
    """Everything that a line says: two with the same look have the same HTML. Instants are told in `zone`."""

    href: str
    title: str
    led_by: str
    location: str
    tags: tuple[str, ...]
    picture: str
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    state: str
    members_only: bool
    opens_at: datetime | None
    few_left: int | None
    opened_by: tuple[str, ...]
    price: str
    own: OwnNote
    wait: str


def render_day(day: date, lines: Iterable[EntryLine], doors: MembershipOptions, own: OwnNotes) -> SafeString:
    """The HTML of a day with its lines (each entry with `page`, its account too), in the language of the moment."""
    drawn = tuple(_render_line(_appearance(line, doors, own.get(line.entry.pk, NOTHING))) for line in lines)
    return _DAYS.get((day, drawn), lambda: render_to_string("tickets/public/_day.html", {"day": day, "lines": drawn}))


def render_when(entry: Entry, *, whole: bool = False) -> SafeString:
    """When and where an entry (with `account`) takes place, in the language of the moment.

    The `whole` of it, for an entry with `venue`: with an address and a link to a map.
    """
    zone = entry.account.zone
    venue = entry.venue if whole else None
    begins, ends = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
    shown = {
        "begins": _instant(begins),
        "ends": _instant(ends, day=begins.date() != ends.date()),
        "zone": said(str(zone)),
        "location": said(entry.location),
        "address": said(venue.address if venue else ""),
        "map_link": said(venue.map_link if venue else ""),
        "is_online": venue is not None and venue.online,
    }
    return mark_safe(_WHEN.render(shown))  # noqa: S308 - as its template drew it


def _instant(at: datetime, *, day: bool = True) -> dict[str, Said | str]:
    """An instant where an entry takes place, as its `_when.html` tells it."""
    told = said(formatted(at, "l j F Y")) if day else ""
    return {"iso": said(at.isoformat()), "day": told, "clock": said(f"{at:%H:%M}")}


def _appearance(line: EntryLine, doors: MembershipOptions, own: OwnNote) -> LineAppearance:
    entry = line.entry
    return LineAppearance(
        entry_path(entry),
        entry.title,
        line.led_by.text,
        entry.location,
        tuple(line.tags),
        picture_path(entry.picture.uuid, SMALL) if entry.picture else "",
        entry.starts_at,
        entry.ends_at,
        entry.page.account.zone,
        line.state,
        line.members_only,
        line.opens_at,
        line.few_left,
        tuple(way.title for way in doors.for_line(line)),
        public_price(line.on_sale, entry.page.account),
        own,
        own.wait or _way_to_wait(line, entry.page.account),
    )


def _way_to_wait(line: EntryLine, account: Account) -> str:
    """How anybody can wait there of whom nothing is known: a login that is no customer's reads what a stranger does."""
    if line.state != "full" or account.waiting_list == WaitingList.OFF or not line.open_now:
        return ""
    if all(ticket.exclusive for ticket in line.open_now):
        return WayToWait.MEMBERS
    return WayToWait.LOGGED_IN if account.confirms_free_bookings else WayToWait.JOIN


def _render_line(look: LineAppearance) -> SafeString:
    return _LINES.get(look, lambda: _render("tickets/public/_line.html", {"line": look}, look.zone))


def _render(template: str, says: dict[str, object], zone: ZoneInfo) -> SafeString:
    with timezone.override(zone):
        return render_to_string(template, says)
