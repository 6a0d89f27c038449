"""A full class moves at once; who booked it is told in a few statements, where they are many by a long job."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Letter, Operation, OperationState, Role
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.poison import cure, poison
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.full_class import fill_class
from tests.worlds.members_studio import MembersStudio
from tests.worlds.replacing import carry_all as work_off
from tests.worlds.replacing import go_on
from tickets.booking.cancel import cancel_by_customer
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Entry, MoveNotice, Seat
from tickets.schedule import moving
from tickets.schedule.cancelling import begin_cancelling
from tickets.schedule.details import entry_details
from tickets.schedule.entries import EditResult, create_entries, edit_entries
from tickets.schedule.overrides import Scope

pytestmark = pytest.mark.django_db

EVENING = datetime(2030, 1, 17, 18)  # noqa: DTZ001 - on the clocks of the studio


def move(entry: Entry, *, hours: int = 0, to: str = "", scope: Scope = Scope.THIS, now: datetime = NOW) -> EditResult:
    was = entry_details(load_entry(entry))
    details = replace(was, starts=was.starts + timedelta(hours=hours), location=to or was.location)
    return edit_entries(load_entry(entry), details, scope=scope, who="olga@example.com", now=now)


def job_of(edited: EditResult) -> Operation:
    assert edited.told.operation
    return Operation.objects.get(pk=edited.told.operation.pk)


def told() -> list[tuple[str, str]]:
    """Who was emailed what, in order."""
    return list(Letter.objects.order_by("pk").values_list("recipient", "subject"))


@contextmanager
def counted(most: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as seen:
        yield
    assert len(seen) <= most, [str(each["sql"])[:90] for each in seen]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[Booking]:
    """Three bookings of an entry; more than one is many, and they are told one by one."""
    monkeypatch.setattr(moving, "MANY", 1)
    monkeypatch.setattr(moving, "BATCH", 1)
    entry = EntryFactory.create(starts_at=NOW + timedelta(days=2), title="Yoga", location="Hall")
    return fill_class(entry, TicketFactory.create(entry=entry), 3)


@pytest.fixture
def entry(few: list[Booking]) -> Entry:
    return few[0].seats.get().entry


# Statements.


@pytest.mark.parametrize(("bookings", "letters", "by_job"), [(3, 3, 0), (500, 500, 0), (600, 0, 600)])
def test_as_many_statements_however_many_have_booked(bookings: int, letters: int, by_job: int) -> None:
    entry = EntryFactory.create(starts_at=NOW + timedelta(days=2))
    fill_class(entry, TicketFactory.create(entry=entry), bookings)

    # One of them asks whether the date has others of its series to differ from, one for those who wait.
    with counted(27):  # one asks what the date differs from, and three look at its labels and at who waits
        edited = move(entry, to="Park")

    assert edited.told.people == bookings
    assert (Letter.objects.count(), MoveNotice.objects.count()) == (letters, by_job)


def test_a_job_tells_them_in_a_few_statements_a_batch() -> None:
    entry = EntryFactory.create(starts_at=NOW + timedelta(days=2))
    fill_class(entry, TicketFactory.create(entry=entry), 600)
    operation = job_of(move(entry, to="Park"))

    with counted(12 * 6 + 20):
        work_off(operation)

    assert set(Counter(Letter.objects.values_list("recipient", flat=True)).values()) == {1}
    assert (Letter.objects.count(), MoveNotice.objects.count()) == (600, 0)
    assert (operation.state, operation.done, operation.total) == (OperationState.DONE, 600, 600)


def test_a_series_moves_in_as_many_statements_as_one_entry() -> None:
    """Its days too: the uses at all of them are dated in one statement."""
    studio = MembersStudio(members=2, entries=1)
    details = replace(entry_details(load_entry(studio.entry)), starts=EVENING)
    series = create_entries(studio.page, details, until=date(2030, 11, 1))
    plain, theirs = (TicketFactory.create(entry=series[0], group=group) for group in (None, studio.group))
    studio.entries, studio.tickets = series, [theirs] * len(series)
    for each in series:
        fill_class(each, plain, 20)
    for number, customer in ((0, 0), (1, 1), (9, 0)):
        studio.book(customer=customer, entry=number)

    with counted(31):
        edited = move(series[0], hours=24, scope=Scope.FOLLOWING)

    assert len(series) == 42
    assert (edited.told.people, MoveNotice.objects.count()) == (42 * 20 + 2, 42 * 20 + 3)
    assert check_books(now=NOW) == []


# The job.


def test_everyone_is_told_once_where_it_was_and_where_it_is(few: list[Booking], entry: Entry) -> None:
    operation = job_of(move(entry, hours=2, to="Park"))

    assert (load_entry(entry).starts_at, Letter.objects.count()) == (NOW + timedelta(days=2, hours=2), 0)
    work_off(operation)

    assert [letter.recipient for letter in Letter.objects.order_by("pk")] == [each.customer.email for each in few]
    letter = Letter.objects.earliest("pk")
    assert letter.subject == "Changed: Yoga, now 17 January, 14:00"
    assert "Park" in letter.text
    assert "It was due to start on Thursday 17 January 2030, 12:00." in letter.text
    assert "METHOD:REQUEST" in letter.calendar


def test_a_crash_in_the_middle_goes_on_where_it_was_and_tells_nobody_twice(entry: Entry) -> None:
    operation = job_of(move(entry, hours=2))
    written = []
    for _ in range(3):
        go_on(operation, seconds=0)
        written.append(Letter.objects.count())
    again = dict(operation.cursor) | {"after": 0}
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.RUNNING, cursor=again)

    work_off(operation)

    assert written == [0, 1, 2]
    assert len(set(told())) == len(told()) == 3


def test_one_who_cannot_be_told_keeps_no_other_waiting(entry: Entry) -> None:
    operation = job_of(move(entry, hours=2))
    bad = MoveNotice.objects.order_by("pk")[1]
    poison(bad)

    while go_on(operation) == OperationState.RUNNING or not operation.attempts:
        pass

    assert list(MoveNotice.objects.all()) == [bad]
    assert Letter.objects.count() == 2
    cure(bad)
    go_on(operation)
    assert (len(set(told())), operation.state) == (3, OperationState.DONE)


def test_moved_twice_each_is_told_the_last_state_and_where_they_thought_it_was(entry: Entry) -> None:
    first = job_of(move(entry, hours=2))
    go_on(first, seconds=0)
    go_on(first, seconds=0)
    assert [subject for _, subject in told()] == ["Changed: Yoga, now 17 January, 14:00"]

    second = job_of(move(entry, hours=3))
    for operation in (second, first):
        work_off(operation)

    letters = list(Letter.objects.order_by("pk"))[1:]
    assert [letter.subject for letter in letters] == ["Changed: Yoga, now 17 January, 17:00"] * 3
    was = {letter.recipient: ("14:00." in letter.text, "12:00." in letter.text) for letter in letters}
    assert was.pop(told()[0][0]) == (True, False)
    assert list(was.values()) == [(False, True), (False, True)]
    assert {each.state for each in Operation.objects.all()} == {OperationState.DONE}


def test_moved_back_only_those_are_told_who_were_told_before(entry: Entry) -> None:
    first = job_of(move(entry, hours=2))
    go_on(first, seconds=0)
    go_on(first, seconds=0)

    work_off(job_of(move(entry, hours=-2)))
    work_off(first)

    (one, _), (same, subject) = told()
    assert (one, subject) == (same, "Changed: Yoga, now 17 January, 12:00")


def test_moved_again_by_a_request_that_tells_everyone_the_job_has_nobody_left(
    entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = job_of(move(entry, hours=2))
    monkeypatch.setattr(moving, "MANY", 500)

    assert move(entry, hours=3).told == moving.Told(people=3)
    work_off(operation)

    assert [subject for _, subject in told()] == ["Changed: Yoga, now 17 January, 17:00"] * 3


def test_who_cancels_meanwhile_is_not_told_nor_who_books_meanwhile(few: list[Booking], entry: Entry) -> None:
    held = few[2]
    held.state, held.held_until = BookingState.BASKET, NOW + timedelta(minutes=10)
    held.save()
    operation = job_of(move(entry, hours=2))
    held.end_hold(BookingState.BOOKED, now=NOW)
    fill_class(entry, TicketFactory.create(entry=entry), 1)
    gone = few[1].seats.get()
    cancel_by_customer(few[1], [gone.pk], now=NOW)
    Letter.objects.all().delete()

    work_off(operation)

    assert [recipient for recipient, _ in told()] == [few[0].customer.email]
    assert MoveNotice.objects.count() == 0


def test_nobody_is_told_that_a_cancelled_entry_moved(entry: Entry) -> None:
    operation = job_of(move(entry, hours=2))
    cancelling = begin_cancelling(load_entry(entry), who="", key=uuid4(), now=NOW)

    work_off(operation)

    assert cancelling
    assert (told(), Seat.objects.live().count(), MoveNotice.objects.count()) == ([], 3, 0)


# Pages.


@pytest.mark.usefixtures("_at_noon")
def test_the_page_says_how_far_the_emails_are_and_leads_to_the_entry(entry: Entry) -> None:
    dashboard = open_dashboard(entry.account)

    response = move_by_form(dashboard, entry)

    operation = Operation.objects.get()
    assert response["Location"] == dashboard.url("operation", pk=operation.pk)
    page = dashboard.client.get(response["Location"])
    assert shown_messages(page) == ["Entry moved and 3 people are being emailed."]
    assert "The entry has already moved, so everyone has to be told." in page_text(page)
    work_off(operation)
    over = dashboard.get("operation", pk=operation.pk)
    assert "Open the entry" in page_text(over)
    assert f'href="{dashboard.url("entry", pk=entry.pk)}"' in over.content.decode()


@pytest.mark.usefixtures("_at_noon")
def test_who_may_not_see_background_tasks_goes_to_the_entry(entry: Entry) -> None:
    dashboard = open_dashboard(entry.account, Role.SCHEDULE_MANAGER)

    response = move_by_form(dashboard, entry)

    assert response["Location"] == dashboard.url("entry", pk=entry.pk)
    assert Operation.objects.get().who == response.wsgi_request.user.email


def move_by_form(dashboard: Dashboard, entry: Entry) -> Any:
    form = dashboard.get("entry_edit", pk=entry.pk).context["form"]
    given = {name: form[name].value() or "" for name in form.fields}
    return dashboard.post("entry_edit", given | {"location": "Park"}, pk=entry.pk)
