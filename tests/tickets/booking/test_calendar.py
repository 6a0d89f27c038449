"""What letters put into calendars, moves there and takes out again, as RFC 5546 (iTIP) and RFC 6047 (iMIP) have it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar
from pytest_django import Settings

from accounts.models import Account, Customer, Letter
from tests.accounts.letters import written
from tests.factories.accounts import CustomerFactory, StaffFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tickets.booking.book import book_by_studio
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.request import WantedTicket
from tickets.calendar import booking_calendar, calendar_of
from tickets.models import Booking, Entry
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import cancel_entry, edit_entries

pytestmark = pytest.mark.django_db

OURS = "bookings@post.example"


@pytest.fixture(autouse=True)
def _sender(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = f"Bookwhen <{OURS}>"


@pytest.fixture
def entry(db: None) -> Entry:
    found = EntryFactory.create(title="Morning yoga", location="Boat house")
    Account.objects.update(name="River Studio", contact_email="hello@river.example")
    return found


def book(entry: Entry, customer: Customer | None = None) -> Booking:
    customer = customer or CustomerFactory.create(account=entry.account, email="ada@river.example", name="Ada Lovelace")
    ticket = TicketFactory.create(entry=entry)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]
    return book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=NOW).booking


def move(entry: Entry, **changes: Any) -> None:
    found = load_entry(entry)
    was = entry_details(found)
    details = {name: getattr(was, name) for name in ("title", "starts", "duration", "capacity", "location")}
    edit_entries(found, EntryDetails(**details | changes), now=NOW)


def sent() -> list[tuple[str, Any]]:
    """The method and the event of what each letter carries, in order."""
    texts = [written(letter).calendar for letter in Letter.objects.order_by("pk")]
    calendars = [Calendar.from_ical(text) for text in texts if text]
    return [(str(each["METHOD"]), each.walk("VEVENT")[0]) for each in calendars]


def test_a_booking_is_asked_for_moved_and_taken_out_by_messages_about_one_event(entry: Entry) -> None:
    booking = book(entry)
    move(entry, starts=entry_details(load_entry(entry)).starts + timedelta(hours=1))
    cancel_by_studio(list(booking.seats.values_list("pk", flat=True)), now=NOW, giving={})

    messages = sent()

    assert [(method, str(event["STATUS"])) for method, event in messages] == [
        ("REQUEST", "CONFIRMED"),
        ("REQUEST", "CONFIRMED"),
        ("CANCEL", "CANCELLED"),
    ]
    assert len({str(event["UID"]) for _, event in messages}) == 1
    assert [event["SEQUENCE"] for _, event in messages] == [0, 1, 2]
    assert len({str(event["ORGANIZER"]) for _, event in messages}) == 1
    assert messages[1][1].start - messages[0][1].start == timedelta(hours=1)


def test_a_cancelled_class_is_taken_out(entry: Entry) -> None:
    book(entry)
    cancel_entry(entry, now=NOW)

    (_, before), (method, after) = sent()

    assert (method, after["STATUS"], after["UID"]) == ("CANCEL", "CANCELLED", before["UID"])
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_the_studio_invites_the_customer_who_has_accepted(entry: Entry) -> None:
    book(entry)

    [(_, event)] = sent()

    organizer, attendee = event["ORGANIZER"], event["ATTENDEE"]
    assert str(organizer) == "mailto:hello@river.example"
    assert dict(organizer.params) == {"CN": "River Studio", "SENT-BY": f"mailto:{OURS}"}
    assert str(attendee) == "mailto:ada@river.example"
    assert dict(attendee.params) == {
        "CN": "Ada Lovelace",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": "ACCEPTED",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "FALSE",
    }


def test_without_a_contact_address_the_owner_invites(entry: Entry) -> None:
    Account.objects.update(contact_email="")
    owner = StaffFactory.create(account=entry.account).user
    book(entry)

    [(_, event)] = sent()

    assert str(event["ORGANIZER"]) == f"mailto:{owner.email}"
    assert Letter.objects.get().reply_to == owner.email


def test_what_was_typed_makes_no_line_and_no_parameter(entry: Entry) -> None:
    # Of one line: the database takes no other (tests/test_bounds.py).
    evil = 'Ada" ATTENDEE:mailto:all@evil.example ;X="1":,'
    Account.objects.update(name=evil)
    Entry.objects.update(title=evil, location=evil)
    customer = CustomerFactory.create(account=entry.account, email="o'neil+a@river.example", name=evil)
    book(entry, customer)

    [(_, event)] = sent()

    name = "Ada’ ATTENDEE:mailto:all@evil. example ;X=’1’:,"
    assert (str(event["ORGANIZER"].params["CN"]), str(event["ATTENDEE"].params["CN"])) == (name, name)
    assert str(event["ATTENDEE"]) == "mailto:o'neil+a@river.example"
    title = 'Ada" ATTENDEE:mailto:all@evil.example ;X="1":,'
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (title, title)


def test_files_to_keep_are_published_and_name_nobody_who_comes(entry: Entry) -> None:
    booking, fresh = book(entry), load_entry(entry)

    feed = Calendar.from_ical(calendar_of([fresh], name="Classes", now=NOW))
    kept = Calendar.from_ical(booking_calendar(booking, [fresh], now=NOW))

    assert (feed["METHOD"], kept["METHOD"]) == ("PUBLISH", "PUBLISH")
    assert ["ATTENDEE" in each.walk("VEVENT")[0] for each in (feed, kept)] == [False, False]
    assert str(kept.walk("VEVENT")[0]["ORGANIZER"]) == "mailto:hello@river.example"


def test_t4_times_in_an_hour_that_happens_twice_are_in_utc_for_every_reader(entry: Entry) -> None:
    night = datetime(2030, 10, 27, 0, 30, tzinfo=UTC)  # 01:30 in London, where 01:00 to 02:00 comes twice
    Entry.objects.update(starts_at=night, ends_at=night + timedelta(minutes=105))
    booking = book(entry)
    text = booking_calendar(booking, [load_entry(entry)], now=NOW)

    assert "DTSTART:20301027T003000Z\r\nDTEND:20301027T021500Z\r\n" in text
    assert "VTIMEZONE" not in text
    Entry.objects.update(starts_at=night + timedelta(hours=2), ends_at=night + timedelta(hours=3))
    text = booking_calendar(booking, [load_entry(entry)], now=NOW)
    assert "DTSTART;TZID=Europe/London:20301027T023000\r\nDTEND;TZID=Europe/London:20301027T033000\r\n" in text
    assert text.count("BEGIN:VTIMEZONE") == 1


def test_t4_a_feed_with_both_sorts_of_times_has_the_clocks_of_the_zone(entry: Entry) -> None:
    night = datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    twice = EntryFactory.create(page=entry.page, starts_at=night, ends_at=night + timedelta(minutes=45))

    text = calendar_of([load_entry(twice), load_entry(entry)], name="Classes", now=NOW)

    feed = Calendar.from_ical(text)
    assert [zone["TZID"] for zone in feed.walk("VTIMEZONE")] == ["Europe/London"]
    assert [(each.start, each.end) for each in feed.events] == [
        (each.starts_at, each.ends_at) for each in (twice, entry)
    ]
