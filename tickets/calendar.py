"""Entries as iCalendar: for feeds, and for a booking's e-mails and page."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parseaddr
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress

from accounts.email_queue import absolute
from accounts.email_text import one_line, unlinked
from accounts.models import Account
from tickets.models import Booking, Entry

_IN_ADDRESS: Final = "@!$'*+/=^_`{|}~"
"""What stays as it is in a `mailto:` besides letters and digits."""
_LONGEST_NAME: Final = 60


def calendar_of(entries: Iterable[Entry], *, name: str, now: datetime) -> str:
    """An .ics file of entries (each with `account`, `page` and `places`), times in the account's zone."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", one_line(name))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for entry in entries:
        event = _event(entry, entry.uuid, now=now)
        event.add("sequence", entry.places.revision)
        event.add("status", "CANCELLED" if entry.cancelled_at else "CONFIRMED")
        event.add("url", absolute(reverse("public:entry", kwargs={"page": entry.page.slug, "entry": entry.uuid})))
        calendar.add_component(event)
    return _text(calendar)


def without_stamps(content: bytes) -> bytes:
    """An .ics file without the instants at which it was made: what two of them have in common that say the same."""
    return b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(b"DTSTAMP:"))


def booking_calendar(booking: Booking, entries: Iterable[Entry], *, gone: Iterable[Entry] = (), now: datetime) -> str:
    """An .ics file of a booking's entries (each with `account` and `places`) to keep; those `gone` are taken out again.

    A booking's event has an identity of its own, so that cancelling one booking leaves another of the same class
    standing, and booking again after that is a new event (RFC 5546: a cancellation has the higher SEQUENCE).
    """
    kept = list(entries)
    calendar = _calendar("PUBLISH" if kept else "CANCEL")
    for entry in kept:
        calendar.add_component(_booked_event(booking, entry, gone=False, now=now))
    for entry in gone:
        calendar.add_component(_booked_event(booking, entry, gone=True, now=now))
    return _text(calendar)


def booking_invitations(booking: Booking, entries: Iterable[Entry], *, now: datetime) -> str:
    """What a letter carries so that a mail program puts a booking's entries into the calendar, or moves them there.

    One iCalendar object for each entry (with `account` and `places`), one after another: a REQUEST is about one UID
    (RFC 5546, 3.2.2). A PUBLISH would not do: who published an event cannot take it out of others' calendars.
    """
    return "".join(_message("REQUEST", booking, entry, now=now) for entry in entries)


def booking_cancellations(booking: Booking, entries: Iterable[Entry], *, now: datetime) -> str:
    """What a letter carries so that a mail program takes a booking's entries out of the calendar; as invitations."""
    return "".join(_message("CANCEL", booking, entry, now=now) for entry in entries)


def _message(method: str, booking: Booking, entry: Entry, *, now: datetime) -> str:
    """One iTIP message about one entry of a booking, between the studio and the customer."""
    event = _booked_event(booking, entry, gone=method == "CANCEL", now=now)
    customer = vCalAddress(f"mailto:{quote(booking.address, safe=_IN_ADDRESS)}")
    known = {"cutype": "INDIVIDUAL", "role": "REQ-PARTICIPANT", "partstat": "ACCEPTED", "rsvp": "FALSE"}
    customer.params.update(known | ({"cn": name} if (name := _common_name(booking.customer.name)) else {}))
    event.add("attendee", customer)
    calendar = _calendar(method)
    calendar.add_component(event)
    return _text(calendar)


def _booked_event(booking: Booking, entry: Entry, *, gone: bool, now: datetime) -> Event:
    # The booking's uuid is the secret of its page; from this one nobody gets back to it.
    event = _event(entry, uuid5(entry.uuid, str(booking.uuid)), now=now)
    # Each move of one of its seats counts for two: what is moved away and back again comes after its cancellation.
    event.add("sequence", entry.places.revision + 2 * booking.moves + gone)
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    event.add("url", absolute(reverse("my_booking", kwargs={"booking": booking.uuid})))
    event.add("organizer", _organizer(entry.account))
    if entry.venue and entry.venue.link and not gone:
        # Calendars make a link of what stands alone there.
        event.pop("location", None)
        event.add("location", entry.venue.link)
        event.add("description", one_line(entry.location))
    return event


def _organizer(account: Account) -> vCalAddress:
    """The studio at its contact address, for which the site's own address sends (RFC 5545, 3.2.18)."""
    _, ours = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{quote(account.contact or ours, safe=_IN_ADDRESS)}")
    organizer.params["cn"] = _common_name(account.name)
    if account.contact:
        organizer.params["sent-by"] = f"mailto:{ours}"
    return organizer


def _common_name(name: str) -> str:
    """A name as a parameter of iCalendar, which has no way to write a double quote (RFC 5545, 3.2)."""
    return unlinked(one_line(name)).replace('"', "’")[:_LONGEST_NAME]


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(entry: Entry, identity: UUID, *, now: datetime) -> Event:
    starts, ends = _plain_times(entry)
    event = Event()
    event.add("uid", f"{identity}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", now)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", one_line(entry.title))
    if place := _place(entry):
        event.add("location", one_line(place))
    return event


def _place(entry: Entry) -> str:
    """Where an entry (with its `venue`, where that is known) is, as a map finds it."""
    address = entry.venue.address if entry.venue else ""
    return ", ".join(each for each in (entry.location, address) if each)


def _plain_times(entry: Entry) -> tuple[datetime, datetime]:
    """When an entry starts and ends, told so that every reader means the same.

    Local times, which readers keep when a country changes its clocks; UTC where one is in an hour that happens twice,
    which local times cannot tell apart.
    """
    zone = entry.account.zone
    local = entry.starts_at.astimezone(zone), entry.ends_at.astimezone(zone)
    if any(each.replace(fold=0).utcoffset() != each.replace(fold=1).utcoffset() for each in local):
        return entry.starts_at.astimezone(UTC), entry.ends_at.astimezone(UTC)
    return local


def _text(calendar: Calendar) -> str:
    content: bytes = calendar.to_ical()
    text = content.decode()
    starts = [start for event in calendar.events if isinstance(start := event.start, datetime)]
    if not (starts := [start for start in starts if start.tzinfo is not UTC]):
        return text
    # Only the years that it tells of: a whole century of changing clocks takes longer than a booking.
    clocks = _time_zone_component(starts[0].tzinfo, min(starts).year, max(starts).year)
    # No text in it can hold a line of its own.
    before, begin, events = text.partition("\r\nBEGIN:VEVENT\r\n")
    return f"{before}\r\n{clocks}{begin[2:]}{events}"


@lru_cache(1000)
def _time_zone_component(zone: tzinfo | None, first: int, last: int) -> str:
    """How the clocks of a time zone change in these years, as iCalendar: half of what a booking's file takes."""
    calendar, event = Calendar(), Event()
    event.add("dtstart", datetime(first, 1, 1, tzinfo=zone))
    calendar.add_component(event)
    calendar.add_missing_timezones(first_date=date(first, 1, 1), last_date=date(last + 1, 1, 1))
    return "".join(each.to_ical().decode() for each in calendar.timezones)
