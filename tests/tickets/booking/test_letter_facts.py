"""A booking’s confirmation is written by a worker, of facts that are frozen as it is booked (docs/decisions/0045)."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage as PythonMessage
from email.policy import default
from typing import Any, Final
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import email_claims
from accounts.email_text import LetterText
from accounts.email_writing import render_letter, write_out
from accounts.models import Account, Customer, DeliveryFault, Letter, SchedulePage
from offers.models import OfferUse, UsagePeriod
from tests.accounts.letters import create_letter, send_due, written
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory, UserFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    book_member_place,
    load_entry,
)
from tests.zone_data import clocks_of
from tickets.booking import notices
from tickets.calendar import booking_invitations
from tickets.models import Booking, Channel, Entry, EntryPlaces, Seat, Ticket

pytestmark = pytest.mark.django_db

NASTY: Final = "Your parcel https://evil.example/pay <b>&amp; www.evil.example “x” محمد"
TWICE: Final = datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
"""Clocks in London show 01:30 then, and once more an hour later."""
WORLDS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "nobody can cancel": {"account": {"customers_cancel": False}},
    "nasty": {
        "account": {"name": NASTY},
        "page": {"title": NASTY},
        "entry": {"title": NASTY, "location": NASTY},
        "customer": {"name": NASTY[:60]},
        "names": [NASTY, "x" * 100],
    },
    "in another place": {
        "account": {"time_zone": "Pacific/Auckland", "locale": "en-us", "contact_email": ""},
        "names": ["Ada", "Ben"],
    },
    "named by a stranger": {"customer": {"name_confirmed": False}, "booker_name": "Add Lovelce"},
    "first of two equal hours": {"entry": {"starts_at": TWICE, "ends_at": TWICE + timedelta(hours=3)}},
    "second of two equal hours": {
        "entry": {"starts_at": TWICE + timedelta(hours=1), "ends_at": TWICE + timedelta(hours=2)},
        "revision": 4,
    },
    "over midnight": {"entry": {"ends_at": NOW + timedelta(days=3)}},
}


def post(*, cutoff: bool = False, **world: Any) -> tuple[Booking, Entry, list[Seat]]:
    """A booking that is confirmed."""
    account = AccountFactory.create(
        **{"name": "River Studio", "contact_email": "hi@river.example"} | world.get("account", {})
    )
    page = SchedulePageFactory.create(account=account, **{"title": "River"} | world.get("page", {}))
    facts = {"title": "Morning yoga", "location": "Boat house"} | world.get("entry", {})
    entry = EntryFactory.create(page=page, **facts)
    EntryPlaces.objects.filter(entry=entry).update(revision=world.get("revision", 0))
    entry, ticket = load_entry(entry), TicketFactory.create(entry=entry, name=world.get("ticket", "Drop-in"))
    customer = CustomerFactory.create(
        account=account, email="ada@example.org", **{"name": "Ada Lovelace"} | world.get("customer", {})
    )
    booking = Booking.objects.create(
        account=account, page=page, customer=customer, key=uuid4(), channel=Channel.CUSTOMER, created_at=NOW,
        booker_name=world.get("booker_name", ""),
    )  # fmt: skip
    use = OfferUse(pk=1, period=UsagePeriod(ceiling=3)) if cutoff else None
    seats = [
        Seat(booking=booking, entry=entry, ticket=ticket, attendee_name=name, use=use)
        for name in world.get("names", ["Ada Lovelace"])
    ]
    notices.notify_booked(booking, entry, seats, now=NOW)
    return booking, entry, seats


def plainly(booking: Booking, entry: Entry, seats: list[Seat], *, cutoff: datetime | None) -> LetterText:
    """The letter as its template makes it of the models themselves."""
    account = entry.account
    context = {
        "account": account, "booking": booking, "zone": account.zone, "entry": entry, "page": entry.page,
        "seats": seats, "cutoff": cutoff, "link": f"http://testserver/my/bookings/{booking.uuid}/",
    }  # fmt: skip
    return render_letter("tickets/letters/booked", context, language=account.language)


def claimed() -> Letter:
    """The letter as a worker takes it: with its account."""
    return Letter.objects.select_related("account").get()


@pytest.mark.parametrize("cutoff", [True, False])
@pytest.mark.parametrize("name", list(WORLDS))
def test_a_letter_of_facts_is_the_letter_of_the_models(name: str, cutoff: bool) -> None:  # noqa: FBT001
    booking, entry, seats = post(cutoff=cutoff, **WORLDS[name])
    until = entry.starts_at - timedelta(minutes=entry.account.cancellation_cutoff_minutes) if cutoff else None
    plain, letter = plainly(booking, entry, seats, cutoff=until), claimed()
    posted = letter.subject

    with CaptureQueriesContext(connection) as captured:
        write_out(letter)

    assert captured.captured_queries == []
    assert (letter.subject, letter.text, letter.html) == (plain.subject, plain.text, plain.html)
    assert letter.calendar == booking_invitations(booking, [entry], now=NOW)
    assert posted == plain.subject


@pytest.mark.parametrize(("limit", "said"), [(3, True), (None, False)])
def test_of_an_allowance_it_speaks_only_where_there_is_a_limit(limit: int | None, said: bool) -> None:  # noqa: FBT001
    group = GroupFactory.create()
    page = SchedulePageFactory.create(account=group.account)
    OfferFactory.create(group=group, page=page, limit=limit)
    customer = CustomerFactory.create(account=group.account, email="ada@example.org")
    add_member(group, customer)

    book_member_place(group, customer)

    text = written(Letter.objects.get()).text
    assert ("1 ticket from your allowance" in text, "returned to your allowance" in text) == (said, said)
    assert "- Ada: Member place" in text


def test_it_says_what_was_so_when_it_was_posted() -> None:
    booking, entry, seats = post(customer={"name_confirmed": False}, booker_name="Add")
    before = plainly(booking, entry, seats, cutoff=None)
    calendar = booking_invitations(booking, [entry], now=NOW)

    Entry.objects.update(title="Evening yoga", location="Attic", starts_at=NOW, ends_at=NOW + timedelta(hours=9))
    EntryPlaces.objects.update(revision=9)
    Account.objects.update(
        name="Lake Studio", contact_email="new@lake.example", time_zone="Asia/Tokyo", customers_cancel=False
    )
    SchedulePage.objects.update(title="Lake")
    Ticket.objects.update(name="Gold")
    Customer.objects.update(name="Somebody", email="other@example.org", user=UserFactory.create(name="Ada"))
    letter = written(Letter.objects.get())

    assert (letter.subject, letter.text, letter.html) == (before.subject, before.text, before.html)
    assert letter.calendar == calendar


def test_its_times_are_those_of_the_clock_also_where_clocks_have_another_rule_by_then() -> None:
    post()
    with clocks_of(**{"Europe/London": "Africa/Lagos"}):
        letter = written(Letter.objects.get())

    assert "Thursday 17 January 2030, 12:00–13:00 (Europe/London)" in letter.text
    assert "DTSTART;TZID=Europe/London:20300117T120000\r\n" in letter.calendar


def parts_of(sent: EmailMultiAlternatives | EmailMessage) -> dict[str, str]:
    """The text of each part of an email by its type."""
    message = message_from_bytes(sent.message().as_bytes(), _class=PythonMessage, policy=default)
    return {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}


def test_the_worker_sends_it_whole_and_keeps_what_it_sent() -> None:
    booking, entry, seats = post()
    plain = plainly(booking, entry, seats, cutoff=None)

    [letter] = send_due()

    assert (letter.text, letter.html, letter.facts) == (plain.text, plain.html, None)
    assert letter.calendar == booking_invitations(booking, [entry], now=NOW)
    parts = parts_of(mail.outbox[0])
    assert parts["text/plain"].replace("\r\n", "\n") == plain.text
    assert parts["text/calendar"].replace("\r\n", "\n") == letter.calendar.replace("\r\n", "\n")
    assert "See or cancel your booking" in parts["text/html"]


@pytest.mark.parametrize(
    ("kind", "facts"),
    [("booked", {"language": "en-gb"}), ("booked", {}), ("of a later release", {"language": "en-gb"})],
)
def test_one_that_cannot_be_written_waits_and_is_told_and_holds_up_no_other(kind: str, facts: dict[str, Any]) -> None:
    broken = create_letter(kind=kind, subject="Broken", facts=facts)
    post()

    assert [(each.subject, each.sent_at is None) for each in send_due()] == [
        ("Broken", True),
        ("Booked: Morning yoga, 17 January, 12:00", False),
    ]

    broken.refresh_from_db()
    assert (broken.fault, broken.facts, broken.failed_at) == (DeliveryFault.LETTER, facts, None)
    assert broken in Letter.objects.troubled(NOW, outage=False)
    later = NOW + timedelta(hours=1)
    Letter.objects.filter(pk=broken.pk).update(facts=None)
    [mended] = send_due(now=later)
    assert (mended.pk, mended.sent_at) == (broken.pk, later)


def test_the_release_before_sends_its_short_form() -> None:
    booking, *_ = post(page={"title": "evil.example"})
    # It knows nothing of the column.
    letter = Letter.objects.defer("facts").get()
    assert (letter.html, letter.calendar) == ("", "")
    Letter.objects.update(facts=None)

    [sent] = send_due()

    said = "Your booking at evil. example is confirmed. We look forward to seeing you."
    link = f"http://testserver/my/bookings/{booking.uuid}/"
    assert (sent.subject, sent.text) == (
        "Booked: Morning yoga, 17 January, 12:00",
        f"{said}\n\nSee your booking: {link}\n",
    )
    parts = parts_of(mail.outbox[0])
    assert parts["text/plain"].replace("\r\n", "\n") == sent.text
    assert (said in parts["text/html"], link in parts["text/html"]) == (True, True)


def test_one_that_is_written_is_sent_as_it_is() -> None:
    create_letter(subject="Booked: long ago", text="Words\n", html="<p>Words</p>", calendar="BEGIN:VCALENDAR\r\n")

    [sent] = send_due()

    assert (sent.subject, sent.text, sent.html, sent.calendar) == (
        "Booked: long ago",
        "Words\n",
        "<p>Words</p>",
        "BEGIN:VCALENDAR\r\n",
    )
    assert email_claims.claim(sent.pk, now=NOW) is None
