"""Reminders: once for each address and start, so many hours before, to those who had booked by then."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.email_delivery import letter_html
from accounts.email_links import REMINDERS
from accounts.models import Account, EmailBlock, Letter, SchedulePage
from bookwhen.jobs.run import Run
from tests.accounts.letters import send_due
from tests.browsing import open_browser, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tickets.availability.facts import person_of_customer
from tickets.booking import reminders
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Entry, EntryReminder, Location, Seat, Ticket

pytestmark = pytest.mark.django_db

HOURS: Final = 24
STARTS: Final = NOW + timedelta(days=2)
DUE: Final = STARTS - timedelta(hours=HOURS)
WEEK: Final = timedelta(days=7)
ADA: Final = "ada@example.org"


@pytest.fixture
def account() -> Account:
    return AccountFactory.create(slug="river", name="River Studio", time_zone="Europe/London")


@pytest.fixture
def page(account: Account) -> SchedulePage:
    return SchedulePageFactory.create(account=account, title="River", reminder_hours=HOURS)


@pytest.fixture
def entry(page: SchedulePage) -> Entry:
    entry: Entry = EntryFactory.create(page=page, title="Morning yoga", starts_at=STARTS)
    TicketFactory.create(entry=entry, name="Drop-in")
    return entry


def make_booking(entry: Entry, email: str = ADA, names: Sequence[str] = ("Ada",), *, now: datetime = NOW) -> None:
    account = entry.account
    customer = account.customers.filter(addresses__email=email).first() or CustomerFactory.create(
        account=account, email=email, name="Ada Lovelace"
    )
    ticket = Ticket.objects.get(series=entry.series_id)
    wanted = [WantedTicket(ticket=ticket.pk, name=name) for name in names]
    book(load_entry(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=now)
    Letter.objects.exclude(kind="reminder").delete()


def run(now: datetime) -> Run:
    done = Run("test", now=now)
    reminders.send_reminders(done)
    return done


def told() -> list[str]:
    return sorted(Letter.objects.filter(kind="reminder").values_list("recipient", flat=True))


def test_it_goes_out_when_its_time_has_come_and_once(entry: Entry) -> None:
    make_booking(entry, names=("Ada", "Ben"))
    make_booking(entry, "zoe@example.org")

    run(DUE - timedelta(seconds=1))
    assert told() == []
    run(DUE)
    run(DUE)
    run(DUE + timedelta(hours=3))

    assert told() == [ADA, "zoe@example.org"]
    done = EntryReminder.objects.get()
    assert (done.sent_at, done.letters, done.starts_at) == (DUE, 2, STARTS)
    letter = Letter.objects.get(recipient=ADA)
    assert letter.subject == "Reminder: Morning yoga, Thursday 17 January, 12:00"
    assert "Ada: Drop-in\n- Ben: Drop-in" in letter.text
    assert (letter.calendar, letter.is_metered) == ("", False)


def test_two_bookings_of_one_address_have_one_letter(entry: Entry) -> None:
    make_booking(entry, names=("Ada",))
    make_booking(entry, names=("Ben",))
    run(DUE)
    [letter] = Letter.objects.all()
    assert ("- Ada: Drop-in" in letter.text, "- Ben: Drop-in" in letter.text) == (True, True)
    assert "See or cancel your booking: http://testserver/my/\n" in letter.text


def test_a_page_that_reminds_nobody_reminds_nobody(entry: Entry) -> None:
    SchedulePage.objects.update(reminder_hours=None)
    make_booking(entry)
    run(DUE)
    assert (told(), EntryReminder.objects.count()) == ([], 0)


def test_who_booked_later_has_a_fresh_confirmation(entry: Entry) -> None:
    make_booking(entry)
    make_booking(entry, "late@example.org", now=DUE + timedelta(minutes=1))
    run(DUE + timedelta(minutes=5))
    assert told() == [ADA]


def test_cancelled_seats_and_cancelled_events_are_not_reminded_of(entry: Entry, page: SchedulePage) -> None:
    make_booking(entry)
    Seat.objects.update(cancelled_at=NOW)
    other: Entry = EntryFactory.create(page=page, starts_at=STARTS)
    TicketFactory.create(entry=other)
    make_booking(other, "zoe@example.org")
    Entry.objects.filter(pk=other.pk).update(cancelled_at=NOW)
    run(DUE)
    assert told() == []


def test_after_the_start_it_is_too_late(entry: Entry) -> None:
    make_booking(entry)
    run(STARTS)
    assert told() == []
    assert reminders.remind(entry.pk, now=STARTS) is False


def test_one_that_waited_until_the_start_is_not_sent(entry: Entry) -> None:
    make_booking(entry)
    run(DUE)
    assert send_due(now=STARTS) == []
    assert (Letter.objects.get().fault, Letter.objects.get().sent_at, mail.outbox) == ("expired", None, [])


def test_one_that_waited_until_a_minute_before_the_start_is_sent(entry: Entry) -> None:
    make_booking(entry)
    run(DUE)
    [sent] = send_due(now=STARTS - timedelta(minutes=1))
    assert sent.sent_at == STARTS - timedelta(minutes=1)


def test_a_late_task_still_reminds(entry: Entry) -> None:
    make_booking(entry)
    run(STARTS - timedelta(minutes=1))
    assert told() == [ADA]


def test_what_was_moved_is_reminded_of_by_its_new_time(entry: Entry) -> None:
    make_booking(entry)
    run(DUE)
    week = timedelta(days=7)
    Entry.objects.filter(pk=entry.pk).update(starts_at=STARTS + week, ends_at=STARTS + week + timedelta(hours=1))
    run(DUE + timedelta(hours=1))
    assert told() == [ADA]
    run(DUE + week)
    assert told() == [ADA, ADA]
    assert "Thursday 24 January, 12:00" in Letter.objects.latest("pk").subject


class TestWaiting:
    """What is queued and not sent yet, while things change."""

    def test_it_does_not_go_by_the_old_time_and_people_are_reminded_once_of_the_new(self, entry: Entry) -> None:
        make_booking(entry)
        run(DUE)
        move(entry, STARTS + WEEK)
        [given_up] = send_due(now=DUE + timedelta(minutes=1))
        assert (given_up.sent_at, given_up.fault, mail.outbox) == (None, "expired", [])
        run(DUE + WEEK)
        run(DUE + WEEK + timedelta(minutes=5))
        send_due(now=DUE + WEEK + timedelta(minutes=5))
        assert [sent.subject for sent in mail.outbox] == ["Reminder: Morning yoga, Thursday 24 January, 12:00"]

    def test_moved_away_and_back_it_goes_out_after_all_to_those_who_had_none(self, entry: Entry) -> None:
        make_booking(entry)
        make_booking(entry, "zoe@example.org")
        run(DUE)
        later = Letter.objects.filter(recipient="zoe@example.org")
        later.update(due_at=DUE + timedelta(hours=1))
        send_due(now=DUE)
        move(entry, STARTS + WEEK)
        send_due(now=DUE + timedelta(hours=1))
        move(entry, STARTS)
        run(DUE + timedelta(hours=2))
        send_due(now=DUE + timedelta(hours=2))
        assert [sent.to for sent in mail.outbox] == [[ADA], ["zoe@example.org"]]

    def test_moved_away_and_back_before_a_worker_came_it_goes_out_once(self, entry: Entry) -> None:
        make_booking(entry)
        run(DUE)
        move(entry, STARTS + WEEK)
        move(entry, STARTS)
        run(DUE + timedelta(hours=1))
        send_due(now=DUE + timedelta(hours=1))
        assert len(mail.outbox) == 1

    def test_it_is_not_sent_for_a_cancelled_event(self, entry: Entry) -> None:
        make_booking(entry)
        run(DUE)
        Entry.objects.filter(pk=entry.pk).update(cancelled_at=DUE)
        send_due(now=DUE)
        assert mail.outbox == []

    def test_it_is_not_sent_for_spaces_that_are_all_cancelled(self, entry: Entry) -> None:
        make_booking(entry)
        run(DUE)
        Seat.objects.update(cancelled_at=DUE)
        send_due(now=DUE)
        assert (mail.outbox, EntryReminder.objects.count()) == ([], 1)

    def test_it_names_only_the_spaces_that_are_left(self, entry: Entry) -> None:
        make_booking(entry, names=("Ada", "Ben"))
        run(DUE)
        Seat.objects.filter(attendee_name="Ben").update(cancelled_at=DUE)
        [sent] = send_due(now=DUE)
        assert ("- Ada: Drop-in" in sent.text, "Ben" in sent.text, sent.facts) == (True, False, None)
        assert "Ben" not in str(mail.outbox[0].body)

    def test_who_was_moved_to_another_event_is_not_told_of_the_first(self, entry: Entry, page: SchedulePage) -> None:
        other: Entry = EntryFactory.create(page=page, title="Evening yoga", starts_at=STARTS)
        make_booking(entry)
        run(DUE)
        Seat.objects.update(entry=other)
        send_due(now=DUE)
        assert mail.outbox == []

    def test_it_tells_where_the_event_is_by_now(self, entry: Entry, account: Account) -> None:
        make_booking(entry)
        run(DUE)
        venue = Location.objects.create(account=account, name="Zoom", online=True, link="https://zoom.example/1")
        Entry.objects.filter(pk=entry.pk).update(venue=venue, location="Zoom")
        [sent] = send_due(now=DUE)
        assert "Join online: https://zoom.example/1" in sent.text

    def test_one_that_the_release_before_wrote_goes_as_it_is(self, entry: Entry) -> None:
        make_booking(entry)
        run(DUE)
        Letter.objects.update(facts=None)
        [sent] = send_due(now=DUE)
        assert "- Ada: Drop-in" in sent.text


def move(entry: Entry, starts: datetime) -> None:
    Entry.objects.filter(pk=entry.pk).update(starts_at=starts, ends_at=starts + timedelta(hours=1))


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        # The clocks in London go forward on 31 March 2030, and back on 27 October.
        (datetime(2030, 3, 31, 9, tzinfo=UTC), datetime(2030, 3, 30, 9, tzinfo=UTC)),
        (datetime(2030, 10, 27, 10, tzinfo=UTC), datetime(2030, 10, 26, 10, tzinfo=UTC)),
    ],
)
def test_hours_are_hours_when_the_clocks_change(entry: Entry, starts: datetime, due: datetime) -> None:
    Entry.objects.filter(pk=entry.pk).update(starts_at=starts, ends_at=starts + timedelta(hours=1))
    make_booking(load_entry(entry))
    run(due - timedelta(seconds=1))
    assert told() == []
    run(due)
    assert told() == [ADA]
    assert Letter.objects.get().subject.endswith(", 10:00")


def test_where_to_join_online_is_in_it(entry: Entry, account: Account) -> None:
    venue = Location.objects.create(account=account, name="Zoom", online=True, link="https://zoom.example/1")
    Entry.objects.filter(pk=entry.pk).update(venue=venue, location="Zoom")
    make_booking(entry)
    run(DUE)
    assert "Join online: https://zoom.example/1" in Letter.objects.get().text


def test_a_broken_entry_stops_no_other(entry: Entry, page: SchedulePage, monkeypatch: pytest.MonkeyPatch) -> None:
    other: Entry = EntryFactory.create(page=page, title="Evening yoga", starts_at=STARTS)
    TicketFactory.create(entry=other, name="Drop-in")
    make_booking(entry)
    make_booking(other, "zoe@example.org")
    # What no form lets in: a name that no time zone has anywhere in this letter.
    monkeypatch.setattr(
        reminders, "_context", lambda found, seats: {"x": 1 / 0} if found.pk == entry.pk else context(found, seats)
    )
    done = run(DUE)
    assert (told(), done.failed, done.done) == (["zoe@example.org"], 1, 1)
    assert EntryReminder.objects.values_list("entry", flat=True).get() == other.pk


context = reminders._context  # noqa: SLF001 - as it was


def test_its_statements_do_not_grow_with_who_booked(entry: Entry, page: SchedulePage) -> None:
    make_booking(entry)
    with CaptureQueriesContext(connection) as one:
        run(DUE)
    other: Entry = EntryFactory.create(page=page, starts_at=STARTS + timedelta(days=1), capacity=50)
    TicketFactory.create(entry=other)
    for number in range(5):
        make_booking(other, f"{number}@example.org")
    with CaptureQueriesContext(connection) as five:
        run(DUE + timedelta(days=1))
    assert len(told()) == 6
    assert len(five) == len(one)
    assert len(one) < 20


class TestStopping:
    def test_one_click_in_the_letter_stops_them_and_another_takes_that_back(self, entry: Entry) -> None:
        make_booking(entry)
        run(DUE)
        [letter] = Letter.objects.all()
        assert "Stop reminders" in letter_html(letter)
        send_due(now=DUE)
        wire = mail.outbox[-1].message()
        assert wire["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = REMINDERS.path(entry.account, ADA)
        assert path in wire["List-Unsubscribe"]
        browser = open_browser()
        assert "Stop reminders from River Studio" in page_text(browser.get(path))
        assert "No more reminders" in page_text(browser.post(path))

        Entry.objects.update(starts_at=STARTS + timedelta(days=7), ends_at=STARTS + timedelta(days=7, hours=1))
        run(DUE + timedelta(days=7))
        assert len(told()) == 1

        assert "You’ll get reminders again" in page_text(browser.post(path, {"subscribe": "1"}))
        Entry.objects.update(starts_at=STARTS + timedelta(days=14), ends_at=STARTS + timedelta(days=14, hours=1))
        run(DUE + timedelta(days=14))
        assert len(told()) == 2

    @pytest.mark.parametrize(("reason", "reminded"), [("bounced", 0), ("complained", 0), ("unsubscribed", 1)])
    def test_addresses_that_bounce_or_complained_get_none_and_who_wants_no_news_does(
        self, entry: Entry, reason: str, reminded: int
    ) -> None:
        make_booking(entry)
        EmailBlock.objects.create(account=entry.account, email=ADA, reason=reason, created_at=NOW)
        run(DUE)
        assert len(told()) == reminded

    def test_what_waits_is_not_sent_either(self, entry: Entry) -> None:
        make_booking(entry)
        run(DUE)
        open_browser().post(REMINDERS.path(entry.account, ADA))
        assert send_due(now=DUE) == []

    def test_a_damaged_link_says_so(self) -> None:
        answer = open_browser().get("/my/reminders/broken/")
        assert (answer.status_code, "This link doesn’t work" in page_text(answer)) == (404, True)

    def test_looking_at_the_page_stops_nothing(self, entry: Entry) -> None:
        make_booking(entry)
        open_browser().get(REMINDERS.path(entry.account, ADA))
        run(DUE)
        assert told() == [ADA]
