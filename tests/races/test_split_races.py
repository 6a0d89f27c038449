"""Bookings against the operator who gives their date tickets of its own at the same moment."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.schedule import NOW, EntryFactory, load_entry
from tests.races.crowd import run_at_once
from tests.worlds.members_studio import MembersStudio
from tickets.availability import locks
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.refusals import TicketGoneError
from tickets.consistency import check_books
from tickets.models import Entry, Seat, Ticket, TicketPlaces
from tickets.schedule import splitting
from tickets.schedule.extending import DateBookedError, skip_date
from tickets.schedule.overrides import Scope

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MEMBERS = 8


def open_studio() -> MembersStudio:
    """Members, and a series of two dates; the first is the studio's entry."""
    studio = MembersStudio(members=MEMBERS)
    series = studio.entry.series
    EntryFactory.create(page=studio.page, series=series, starts_at=NOW + timedelta(days=9))
    return studio


def odd_seats() -> int:
    """How many seats are of a ticket that is not sold at their entry."""
    return sum(seat.entry.series_id != seat.ticket.series_id for seat in Seat.objects.select_related("entry", "ticket"))


def race(studio: MembersStudio) -> Counter[str]:
    def act(number: int) -> str:
        if number < MEMBERS:
            return studio.try_to_book(customer=number)
        splitting.split_series(load_entry(studio.entry), Scope.THIS)
        return "split"

    return Counter(run_at_once(MEMBERS + 1, act))


def test_everybody_who_books_while_their_date_is_split_away_has_its_ticket() -> None:
    studio = open_studio()

    outcomes = race(studio)

    assert outcomes == {"booked 1": MEMBERS, "split": 1}
    assert odd_seats() == 0
    assert (Ticket.objects.count(), TicketPlaces.objects.filter(taken__gt=0).count()) == (2, 1)
    assert check_books(now=NOW) == []


def test_without_the_entry_s_revision_somebody_has_a_ticket_of_another_series(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the split waits for nobody, and whoever judged before it books what they saw."""
    studio = open_studio()
    monkeypatch.setattr(locks, "bump_entry_revision", _nothing)
    monkeypatch.setattr(locks, "lock_seats_at", _nothing)
    seen: list[int] = []

    def between(entry: Entry, book: Callable[[], object]) -> None:
        splitting.split_series(load_entry(entry), Scope.THIS)
        seen.append(entry.pk)
        book()

    from tickets.booking import book as booking

    plain: Any = vars(booking)["load_facts"]

    def load_then_split(entry: Entry, *args: object, **given: object) -> object:
        facts: object = plain(entry, *args, **given)
        if not seen:
            run_at_once(1, lambda _number: between(entry, lambda: None))
        return facts

    monkeypatch.setattr(booking, "load_facts", load_then_split)
    studio.book()

    assert odd_seats() == 1


def test_who_cancels_while_their_date_is_split_away_gives_their_place_back() -> None:
    studio = open_studio()
    seats = [studio.book(customer=number).seats.get().pk for number in range(MEMBERS)]

    def act(number: int) -> str:
        if number < MEMBERS:
            return f"cancelled {len(cancel_by_studio([seats[number]], now=NOW).seats)}"
        splitting.split_series(load_entry(studio.entry), Scope.THIS)
        return "split"

    outcomes = Counter(run_at_once(MEMBERS + 1, act))

    assert outcomes == {"cancelled 1": MEMBERS, "split": 1}
    assert TicketPlaces.objects.filter(taken__gt=0).count() == 0
    assert check_books(now=NOW) == []


def test_a_date_is_removed_or_booked_and_never_both() -> None:
    studio = open_studio()

    def act(number: int) -> str:
        if number < MEMBERS:
            try:
                return studio.try_to_book(customer=number)
            except (TicketGoneError, Entry.DoesNotExist):  # removed while they booked, or before they looked
                return "gone"
        try:
            skip_date(load_entry(studio.entry))
        except DateBookedError:
            return "kept"
        return "removed"

    outcomes = Counter(run_at_once(MEMBERS + 1, act))

    removed = not Entry.objects.filter(pk=studio.entry.pk).exists()
    assert outcomes == ({"gone": MEMBERS, "removed": 1} if removed else {"booked 1": MEMBERS, "kept": 1})
    assert Seat.objects.count() == (0 if removed else MEMBERS)


def _nothing(*_given: object, **_named: object) -> None:
    return None
