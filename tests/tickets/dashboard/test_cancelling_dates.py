"""Cancelling several dates of a series at once: what it does is said first, and each person reads one email."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Customer, Letter, Operation, OperationState, SchedulePage
from offers.models import OfferUse
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.poison import cure, poison
from tests.tickets.booking.moving import Club
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tests.worlds.replacing import carry_all as work_off
from tests.worlds.replacing import go_on
from tickets.consistency import check_books
from tickets.dashboard.entries import cancelling
from tickets.models import Booking, BookingState, Entry, EntryCancellation, EntryPlaces, Seat, Ticket
from tickets.schedule import cancelling_dates
from tickets.schedule.cancelling_dates import begin_cancelling_dates
from tickets.schedule.entries import cancel_entry

NOTE = {"reason": "Mo is ill", "message": "See you in <b>March</b>!"}


@pytest.fixture
def dates(yoga: SchedulePage) -> list[Entry]:
    """Four Thursdays from 17 January 2030 on, 12:00 in London, with one ticket."""
    first = EntryFactory.create(page=yoga, title="Vinyasa", capacity=10)
    weeks = range(1, 4)
    later = [
        EntryFactory.create(
            page=yoga, title="Vinyasa", series=first.series, starts_at=first.starts_at + timedelta(weeks=week)
        )
        for week in weeks
    ]
    TicketFactory.create(entry=first, name="Drop-in")
    return [first, *later]


@pytest.fixture
def ada(dates: list[Entry]) -> Customer:
    return CustomerFactory.create(account=dates[0].account, name="Ada", email="ada@example.org")


def book(customer: Customer, *dates: Entry) -> list[Seat]:
    """Let a customer be booked at each of these dates, by bookings of their own."""
    ticket = Ticket.objects.get(series=dates[0].series_id)
    made = [book_seat_manually(each, ticket, customer.name) for each in dates]
    for seat in made:
        Seat.objects.filter(pk=seat.pk).update(customer=customer)
        Booking.objects.filter(pk=seat.booking_id).update(customer=customer)
    Letter.objects.all().delete()
    return made


def begin(dates: list[Entry]) -> Operation:
    operation = begin_cancelling_dates([load_entry(each) for each in dates], who="", key=uuid4(), now=NOW)
    assert operation
    return operation


def cancelled(dates: list[Entry]) -> list[bool]:
    return [load_entry(each).cancelled_at is not None for each in dates]


def test_it_says_for_each_date_what_it_does_and_does_it(
    dashboard: Dashboard, dates: list[Entry], ada: Customer
) -> None:
    ben = CustomerFactory.create(account=dates[0].account, name="Ben", email="ben@example.org")
    book(ada, *dates)
    book(ben, dates[2])

    said = page_text(dashboard.get("entry_cancel", {"dates": "following"}, pk=dates[1].pk))
    answer = dashboard.post("entry_cancel", {**NOTE, "date": [each.pk for each in dates[1:]]}, pk=dates[1].pk)

    assert "3 dates will be cancelled" in said
    for row in ("Thu 24 Jan 2030, 12:00 – 13:00 1 1", "Thu 31 Jan 2030, 12:00 – 13:00 2 2"):
        assert row in said
    assert "4 spaces are cancelled. We email all 2 people who booked." in said
    assert "Each gets one email, with all their dates." in said
    assert "Cancel these 3 dates" in said
    assert shown_messages(answer) == ["3 entries cancelled. Everyone booked has been emailed."]
    assert answer["Location"] == dashboard.url("entry", pk=dates[1].pk)
    assert cancelled(dates) == [False, True, True, True]
    assert (Seat.objects.live().count(), check_books(now=NOW)) == (1, [])


def test_where_all_of_them_are_gone_what_was_typed_is_kept(dashboard: Dashboard, dates: list[Entry]) -> None:
    named = [each.pk for each in dates[1:3]]
    for each in dates[1:3]:
        cancel_entry(load_entry(each), now=NOW)

    answer = dashboard.post("entry_cancel", {**NOTE, "date": named}, pk=dates[0].pk)

    page, form = page_text(answer), answer.content.decode()
    assert (answer.status_code, cancelled(dates)) == (409, [False, True, True, False])
    assert "cancelled or have started since you opened this page, so nothing was cancelled" in page
    assert ('value="Mo is ill"' in form, "See you in &lt;b&gt;March&lt;/b&gt;!</textarea>" in form) == (True, True)
    assert "Cancel this entry" not in page
    looked = dashboard.post("entry_cancel", {**NOTE, "look": "chosen", "pick": [dates[3].pk]}, pk=dates[0].pk)
    assert "Cancel this entry" in page_text(looked)
    assert f'<input type="hidden" name="date" value="{dates[3].pk}">' in looked.content.decode()


@pytest.mark.parametrize(
    ("look", "pick", "said"),
    [
        ("", [1], "Cancel this entry"),
        ("following", [0], "Cancel these 3 dates"),
        ("chosen", [0, 3], "Cancel these 2 dates"),
        ("chosen", [], "Select at least one date."),
    ],
)
def test_to_look_at_other_dates_cancels_none_and_keeps_what_was_typed(
    dashboard: Dashboard, dates: list[Entry], look: str, pick: list[int], said: str
) -> None:
    typed = {**NOTE, "date": [dates[1].pk], "look": look, "pick": [dates[each].pk for each in pick]}

    answer = dashboard.post("entry_cancel", typed, pk=dates[1].pk)

    assert (answer.status_code, cancelled(dates)) == (200, [False] * 4)
    assert said in page_text(answer)
    assert 'value="Mo is ill"' in answer.content.decode()
    assert "See you in &lt;b&gt;March&lt;/b&gt;!</textarea>" in answer.content.decode()


def test_each_person_reads_one_email_with_their_own_dates(
    dashboard: Dashboard, dates: list[Entry], ada: Customer
) -> None:
    ben = CustomerFactory.create(account=dates[0].account, name="Ben", email="ben@example.org")
    book(ada, *dates[1:])
    book(ben, dates[2])

    dashboard.post("entry_cancel", {**NOTE, "date": [each.pk for each in dates]}, pk=dates[0].pk)

    mails = {each.recipient: each for each in Letter.objects.all()}
    assert Counter(Letter.objects.values_list("recipient", "kind")) == {
        ("ada@example.org", "cancelled_dates"): 1,
        ("ben@example.org", "cancelled_dates"): 1,
    }
    theirs, his = mails["ada@example.org"], mails["ben@example.org"]
    assert theirs.subject == "Cancelled: Vinyasa, 24 January and 2 other dates"
    assert his.subject == "Cancelled: Vinyasa, 31 January, 12:00"
    days = ["24 January 2030", "31 January 2030", "7 February 2030"]
    assert [[day in mail.text for day in days] for mail in (theirs, his)] == [[True] * 3, [False, True, False]]
    assert "River Yoga has cancelled these 3 dates." in theirs.text
    assert "River Yoga has cancelled this event." in his.text
    for mail in (theirs, his):
        assert "Message from River Studio:\n\n> See you in <b>March</b>!" in mail.text
        assert "Mo is ill" not in mail.text + mail.html
    assert [mail.calendar.count("STATUS:CANCELLED") for mail in (theirs, his)] == [3, 1]
    assert EntryCancellation.objects.filter(**NOTE).count() == 4


def test_the_history_has_one_line_on_the_page_of_every_date(dashboard: Dashboard, dates: list[Entry]) -> None:
    dashboard.post("entry_cancel", {**NOTE, "date": [each.pk for each in dates[:3]]}, pk=dates[0].pk)

    line = AuditEntry.objects.get(action="entry.cancelled")
    assert line.changes == [["Reason", "", "Mo is ill"], ["Message", "", NOTE["message"]], ["Entries", "", "3"]]
    for each in dates[:3]:
        assert "Reason: Mo is ill" in page_text(dashboard.get("history_of", kind="entry", object=each.pk))


def test_chosen_dates_and_no_others_are_cancelled(dashboard: Dashboard, dates: list[Entry], ada: Customer) -> None:
    book(ada, *dates)
    asked = {"dates": "chosen", "date": [dates[1].pk, dates[3].pk]}

    shown = dashboard.get("entry_cancel", asked, pk=dates[0].pk)
    answer = dashboard.post("entry_cancel", {"date": asked["date"]}, pk=dates[0].pk)

    assert shown.context["entries"] == [dates[1], dates[3]]
    assert answer["Location"] == dashboard.url("entry", pk=dates[1].pk)
    assert cancelled(dates) == [False, True, False, True]
    assert check_books(now=NOW) == []


def test_without_a_scope_only_this_date_is(dashboard: Dashboard, dates: list[Entry]) -> None:
    said = page_text(dashboard.get("entry_cancel", pk=dates[0].pk))
    dashboard.post("entry_cancel", NOTE, pk=dates[0].pk)

    assert "Which dates Only this date This and all later dates Choose dates" in said
    assert ("Cancel this entry" in said, "dates will be cancelled" in said) == (True, False)
    assert cancelled(dates) == [True, False, False, False]


def test_no_date_is_asked_for_again(dashboard: Dashboard, dates: list[Entry]) -> None:
    page = page_text(dashboard.get("entry_cancel", {"dates": "chosen"}, pk=dates[0].pk))
    assert ("Select at least one date." in page, "What will happen" in page) == (True, False)


@pytest.mark.parametrize("odd", ["x", "9" * 30, "-1", ""])
def test_what_is_no_date_of_the_series_cancels_nothing(odd: str, dashboard: Dashboard, dates: list[Entry]) -> None:
    strange = EntryFactory.create()
    elsewhere = EntryFactory.create(page=dates[0].page)
    sent = {"date": [odd, strange.pk, elsewhere.pk]}
    assert dashboard.get("entry_cancel", sent | {"dates": "chosen"}, pk=dates[0].pk).context["entries"] == []
    assert dashboard.post("entry_cancel", sent, pk=dates[0].pk).status_code == 409
    assert cancelled([*dates, strange, elsewhere]) == [False] * 6


def test_the_email_is_shown_before_it_is_sent(dashboard: Dashboard, dates: list[Entry], ada: Customer) -> None:
    book(ada, *dates)
    sent = {**NOTE, "date": [each.pk for each in dates[:2]]}

    shown = dashboard.post("entry_cancel", {**sent, "preview": "1"}, pk=dates[0].pk)
    assert (cancelled(dates), Letter.objects.count()) == ([False] * 4, 0)
    dashboard.post("entry_cancel", sent, pk=dates[0].pk)

    assert Letter.objects.get().subject == shown.context["letter"].subject
    assert Letter.objects.get().text.split() == list(shown.context["letter"].text.split())


def test_uses_come_back_and_baskets_are_emptied(dashboard: Dashboard, dates: list[Entry], yoga: SchedulePage) -> None:
    club = Club(yoga, limit=10, additional_attendees=1)
    ticket = club.ticket(dates[0])
    for each in dates[:3]:
        club.book(each, ticket, "Mia", "Bo")
    held = Booking.objects.latest("pk")
    Booking.objects.filter(pk=held.pk).update(state=BookingState.BASKET, held_until=NOW + timedelta(minutes=9))

    dashboard.post("entry_cancel", {"date": [each.pk for each in dates]}, pk=dates[0].pk)

    assert (Seat.objects.live().count(), OfferUse.objects.live().count()) == (0, 0)
    assert "the ticket is back in your allowance" in Letter.objects.get().text
    assert Letter.objects.get().text.count("January 2030") == 2
    assert check_books(now=NOW) == []


def test_of_many_people_workers_cancel_the_spaces_and_a_crash_writes_to_nobody_twice(
    dashboard: Dashboard, dates: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.dashboard.entries.cancelling.MANY", 1)
    monkeypatch.setattr(cancelling_dates, "BATCH", 1)
    for name in ("Ada", "Ben", "Cy"):
        book(CustomerFactory.create(account=dates[0].account, name=name), *dates[:2])

    answer = dashboard.post("entry_cancel", {"date": [each.pk for each in dates[:2]]}, pk=dates[0].pk)

    said = "2 entries cancelled. Their spaces are being cancelled, and everyone is emailed."
    assert shown_messages(answer) == [said]
    operation = Operation.objects.get()
    assert check_books(now=NOW) == []
    go_on(operation, seconds=0)
    go_on(operation, seconds=0)
    assert (Seat.objects.live().count(), Letter.objects.count()) == (4, 1)
    assert check_books(now=NOW) == []
    cursor = dict(operation.cursor) | {"after": 0}
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.RUNNING, cursor=cursor)
    work_off(operation)
    assert Counter(Letter.objects.values_list("recipient", flat=True)).most_common(1)[0][1] == 1
    assert (Letter.objects.count(), Seat.objects.live().count()) == (3, 0)
    told = page_text(dashboard.get("operation", pk=operation.pk))
    assert "Open the first entry" in told
    assert check_books(now=NOW) == []


def test_one_person_who_cannot_be_dealt_with_keeps_no_other_waiting(dates: list[Entry], ada: Customer) -> None:
    ben = CustomerFactory.create(account=dates[0].account, name="Ben", email="ben@example.org")
    book(ada, *dates)
    [bad, *_others] = book(ben, *dates)
    operation = begin(dates)
    poison(bad)

    while go_on(operation) == OperationState.RUNNING or not operation.attempts:
        pass

    # Of those who can’t be dealt with nothing is half done.
    assert list(Seat.objects.live().values_list("customer__name", flat=True)) == ["Ben"] * 4
    assert [each.recipient for each in Letter.objects.all()] == ["ada@example.org"]
    cure(bad)
    go_on(operation)
    assert (Seat.objects.live().count(), Letter.objects.count(), operation.state) == (0, 2, OperationState.DONE)


def test_what_was_cancelled_since_is_left_out(dashboard: Dashboard, dates: list[Entry], ada: Customer) -> None:
    book(ada, *dates)
    cancel_entry(dates[2], now=NOW)
    Letter.objects.all().delete()

    dashboard.post("entry_cancel", {"date": [each.pk for each in dates]}, pk=dates[0].pk)

    assert cancelled(dates) == [True] * 4
    assert "31 January" not in Letter.objects.get().text
    assert begin_cancelling_dates([load_entry(each) for each in dates], who="", key=uuid4(), now=NOW) is None


def test_everything_that_was_judged_before_fails(dates: list[Entry]) -> None:
    before = dict(EntryPlaces.objects.values_list("pk", "revision"))
    begin(dates[:2])
    after = dict(EntryPlaces.objects.values_list("pk", "revision"))
    assert [after[each.pk] - before[each.pk] for each in dates] == [1, 1, 0, 0]


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_statements_does_not_grow_with_the_dates(
    number: int, dashboard: Dashboard, dates: list[Entry], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    EntryPlaces.objects.update(taken=F("taken"))
    asked: dict[str, Any] = {"dates": "chosen", "date": [each.pk for each in dates[: number + 1]]}
    dashboard.get("entry_cancel", asked, pk=dates[0].pk)
    with django_assert_num_queries(9):
        dashboard.get("entry_cancel", asked, pk=dates[0].pk)


@pytest.mark.parametrize(
    ("most", "said"),
    [
        (4, []),
        (3, ["You can cancel up to 3 dates at a time. The last 1 date stays for now. Cancel it after these."]),
        (2, ["You can cancel up to 2 dates at a time. The last 2 dates stay for now. Cancel them after these."]),
    ],
)
def test_more_dates_than_are_cancelled_at_once_are_told(
    most: int, said: list[str], dashboard: Dashboard, dates: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "MOST", most)
    page = dashboard.get("entry_cancel", {"dates": "following"}, pk=dates[0].pk)

    assert re.findall(r"You can cancel up to .*? after these\.", page_text(page)) == said
    assert f"{most} dates will be cancelled" in page_text(page)
    sent = {"date": [each.pk for each in page.context["entries"]]}
    dashboard.post("entry_cancel", sent, pk=dates[0].pk)
    assert Entry.objects.live().count() == 4 - most
