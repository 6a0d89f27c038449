"""What search engines are told: JSON-LD events. Never a members' price, never a ticket that is not for everybody."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from accounts.email_queue import absolute
from accounts.models import Account
from bookwhen.money import amount_of
from tickets.models import Entry, Ticket, TicketCost
from tickets.pictures.addresses import LARGE, SMALL, picture_path
from tickets.public.schedule.listing import EntryLine

_ESCAPES: Final = (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026"))


def entry_path(entry: Entry) -> str:
    """The path of an entry's page (with its `page`)."""
    return _entry_path(entry.page.slug, entry.uuid)


@lru_cache(10_000)  # a page of the schedule asks for fifty, always the same
def _entry_path(page: str, entry: UUID) -> str:
    return reverse("public:entry", kwargs={"page": page, "entry": entry})


def json_ld(lines: Iterable[EntryLine]) -> SafeString:
    """The content of a `<script type="application/ld+json">`: one schema.org event for each line."""
    events = json.dumps([_event(line) for line in lines], ensure_ascii=False)
    # What could end the script or begin another is written as an escape of JSON, so nothing in it is HTML.
    for character, escape in _ESCAPES:  # str.translate takes ten times as long
        events = events.replace(character, escape)
    return mark_safe(events)  # noqa: S308 - escaped above


def _event(line: EntryLine) -> dict[str, Any]:
    entry = line.entry
    account, zone = entry.page.account, entry.page.account.zone
    url = absolute(entry_path(entry))
    state = "EventCancelled" if entry.cancelled_at else "EventScheduled"
    mode = "Online" if entry.venue and entry.venue.online else "Offline"
    event = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": entry.title,
        "startDate": entry.starts_at.astimezone(zone).isoformat(),
        "endDate": entry.ends_at.astimezone(zone).isoformat(),
        "eventStatus": f"https://schema.org/{state}",
        "location": _place(entry, account, url),
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "performer": [{"@type": "Person", "name": name} for name in line.led_by.leaders],
        "image": [absolute(picture_path(entry.picture.uuid, size)) for size in (LARGE, SMALL)] if entry.picture else [],
        "keywords": ", ".join(line.tags),
        "organizer": {"@type": "Organization", "name": account.name},
        "description": entry.description,
        "url": url,
        "offers": _offers(line, url),
    }
    return {name: value for name, value in event.items() if value}


def _place(entry: Entry, account: Account, url: str) -> dict[str, str]:
    """Where an entry is. Where those meet who have booked it online, nobody else is told."""
    venue = entry.venue
    if venue and venue.online:
        return {"@type": "VirtualLocation", "name": entry.location or account.name, "url": url}
    place = {"@type": "Place", "name": entry.location or account.name}
    address = venue.address if venue and venue.address else entry.location
    more = {"address": address, "hasMap": venue.map_link if venue else ""}
    return place | {name: value for name, value in more.items() if name == "address" or value}


def _offers(line: EntryLine, url: str) -> list[dict[str, str]]:
    entry = line.entry
    if entry.cancelled_at or entry.starts_at <= line.now:
        return []
    full = not entry.places.free
    return [
        {
            "@type": "Offer",
            "name": ticket.name,
            **_cost(ticket, entry.page.account.currency),
            "availability": "https://schema.org/" + ("SoldOut" if full or line.left_of(ticket) == 0 else "InStock"),
            "url": url,
        }
        for ticket in line.tickets
        if ticket.shown and not ticket.exclusive
    ]


def _cost(ticket: Ticket, currency: str) -> dict[str, str]:
    """What a ticket costs everybody; nothing where its operator says nothing of money."""
    if ticket.cost == TicketCost.NONE:
        return {}
    return {"price": str(amount_of(ticket.price, currency)) if ticket.price else "0", "priceCurrency": currency}
