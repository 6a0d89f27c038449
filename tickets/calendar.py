"""Entries as iCalendar: for a booking's e-mail, and for feeds."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

from tickets.models import Entry

_PRODUCT: Final = "-//Bookwhen//Bookings//EN"


def calendar_of(entries: Iterable[Entry], *, name: str, now: datetime) -> str:
    """An .ics file of entries (each with `account` and `places`), times in the account's zone, its rules included."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, now=now))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content.decode()


def _event(entry: Entry, *, now: datetime) -> Event:
    zone = entry.account.zone
    event = Event()
    event.add("uid", f"{entry.uuid}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", entry.places.revision)
    event.add("dtstamp", now)
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", entry.title)
    if entry.location:
        event.add("location", entry.location)
    event.add("status", "CANCELLED" if entry.cancelled_at else "CONFIRMED")
    return event
