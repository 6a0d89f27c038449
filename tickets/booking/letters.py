"""The confirmation of a booking as facts: what its letter says is frozen as it is booked, and written by a worker."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.email_text import one_line, unlinked
from accounts.email_writing import Facts, Words
from accounts.models import Account, Customer
from tickets.calendar import booking_invitations
from tickets.models import Booking, Entry, EntryPlaces, Location, Seat

TEMPLATE: Final = "tickets/letters/booked"
_VENUE: Final = ("address", "map_link", "online", "link")
_ACCOUNT: Final = ("name", "contact", "time_zone", "customers_cancel")


def booked_facts(
    booking: Booking, entry: Entry, seats: Sequence[Seat], *, link: str, cutoff: datetime | None, now: datetime
) -> Facts:
    """What the confirmation of seats (each with its ticket) says; times are the studio's, with how far ahead of UTC."""
    account, zone = entry.account, entry.account.zone
    return {
        "language": account.language,
        "link": link,
        "now": now.isoformat(),
        "account": {name: getattr(account, name) for name in _ACCOUNT},
        "page": {"title": entry.page.title},
        "entry": {
            "uuid": str(entry.uuid),
            "title": entry.title,
            "location": entry.location,
            "venue": entry.venue and {name: getattr(entry.venue, name) for name in _VENUE},
            "starts_at": _wall_time(entry.starts_at, zone),
            "ends_at": _wall_time(entry.ends_at, zone),
            "revision": entry.places.revision,
        },
        "booking": {"uuid": str(booking.uuid), "greeting_name": booking.greeting_name, "reference": booking.reference},
        "customer": {"email": booking.address, "name": booking.customer.name, **_contact_of(booking)},
        "seats": [
            {"attendee_name": seat.attendee_name, "ticket": {"name": seat.ticket.name}, "use_id": seat.uses_allowance}
            for seat in seats
        ],
        "cutoff": cutoff and _wall_time(cutoff, zone),
    }


def _contact_of(booking: Booking) -> dict[str, object]:
    """Who gets it for somebody without an address."""
    return {"contact_id": booking.customer.contact_id} if booking.customer.contact_id else {}


def write_booked(facts: Facts) -> Words:
    """The confirmation of such facts, with an .ics file."""
    account = Account(**{name: facts["account"][name] for name in _ACCOUNT if name != "contact"})
    account.contact = facts["account"]["contact"]
    entry, booking = _entry(facts["entry"], account), Booking(uuid=UUID(facts["booking"]["uuid"]))
    booking.customer = Customer(**facts["customer"])
    context = {
        "account": account,
        "zone": account.zone,
        "entry": entry,
        "cutoff": facts["cutoff"] and _read(facts["cutoff"], account.zone),
        **{name: facts[name] for name in ("booking", "customer", "link", "page", "seats")},
    }
    calendar = booking_invitations(booking, [entry], now=datetime.fromisoformat(facts["now"]))
    return Words(TEMPLATE, context, calendar)


def booked_subject(entry: Entry) -> str:
    """The subject of the confirmation, as its template says it."""
    with override(entry.account.language):
        day = date_format(entry.starts_at.astimezone(entry.account.zone), "j F, H:i")
        title = unlinked(one_line(entry.title))
        return _("Booked: %(title)s, %(day)s") % {"title": title, "day": day}


def booked_in_short(entry: Entry, link: str) -> str:
    """The confirmation without what takes time to write: that it is booked, and the link to the booking."""
    with override(entry.account.language):
        page = unlinked(one_line(entry.page.title))
        said = _("Your booking at %(page)s is confirmed. We look forward to seeing you.") % {"page": page}
        return f"{said}\n\n{_('See your booking')}: {link}\n"


def _entry(facts: Facts, account: Account) -> Entry:
    entry = Entry(
        uuid=UUID(facts["uuid"]),
        title=facts["title"],
        location=facts["location"],
        # The release before told nothing of it.
        venue=Location(**facts["venue"]) if facts.get("venue") else None,
        starts_at=_read(facts["starts_at"], account.zone),
        ends_at=_read(facts["ends_at"], account.zone),
        account=account,
    )
    entry.places = EntryPlaces(revision=facts["revision"])
    return entry


def _wall_time(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat()


def _read(text: str, zone: ZoneInfo) -> datetime:
    """The same wall time, also where the clocks of its zone have another rule by now."""
    said = datetime.fromisoformat(text)
    first, second = (said.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return second if second.utcoffset() == said.utcoffset() != first.utcoffset() else first
