"""Moving several people of a booking at once, and what the list of entries says before one is chosen."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Letter, SchedulePage
from groups.models import Standing
from offers.models import Offer, UsagePeriod
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.tickets.booking.moving import Club, read_seat
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.move_options import read_move_options
from tickets.booking.move_terms import moves_terms, read_facts_of_moves
from tickets.consistency import check_books
from tickets.models import Entry, EntryPlaces, Seat, Ticket


@pytest.fixture
def later(yoga: SchedulePage) -> Entry:
    """Saturday 19 January 2030, 12:00 in London."""
    return EntryFactory.create(page=yoga, title="Yin", starts_at=NOW + timedelta(days=4), capacity=5)


@pytest.fixture
def club(yoga: SchedulePage, entry: Entry, later: Entry) -> Club:
    """Mia brings guests, ten tickets a month."""
    club = Club(yoga, limit=10, additional_attendees=3)
    for each in (entry, later):
        club.ticket(each)
    return club


def booked(club: Club, entry: Entry, *names: str) -> list[Seat]:
    return club.book(entry, Ticket.objects.get(series=entry.series_id, exclusive=True), *names)


def list_of(desk: Dashboard, seat: Seat, **query: Any) -> str:
    return page_text(desk.get("seat_move", query, pk=seat.pk))


def confirm(desk: Dashboard, seat: Seat, to: Entry, others: str, **changes: Any) -> Any:
    address = f"{desk.url('seat_move', pk=seat.pk)}?to={to.pk}&{others}"
    return desk.client.post(address, {**form_fields(desk.client.get(address)), **changes})


def whereabouts() -> dict[str, str]:
    return dict(Seat.objects.live().order_by("pk").values_list("attendee_name", "entry__title"))


# Several at once


def test_all_of_a_booking_are_moved_and_read_one_email(
    dashboard: Dashboard, club: Club, entry: Entry, later: Entry
) -> None:
    mia, *_guests = booked(club, entry, "Mia", "Bo", "Cy")

    shown = list_of(dashboard, mia)
    said = list_of(dashboard, mia, to=later.pk, **{"with": "all"})
    response = confirm(dashboard, mia, later, "with=all")

    assert "Others of the same booking can move with Mia. Who moves Mia Bo Member Cy Member Update Move all 3" in shown
    assert "Move Mia and 2 others to Yin" in said
    assert "Bo leaves Vinyasa and gets a space at Yin (Member)." in said
    assert "3 of Mia’s 10 tickets (Ten a month) are used. 7 left" in said
    assert shown_messages(response) == ["Mia and 2 others moved to Yin and emailed."]
    assert whereabouts() == dict.fromkeys(["Mia", "Bo", "Cy"], "Yin")
    assert [load_entry(each).places.taken for each in (entry, later)] == [0, 3]
    letter = Letter.objects.get()
    assert "River Yoga has moved your 3 spaces at Vinyasa on Thursday 17 January 2030, 12:00" in letter.text
    assert [name in letter.text for name in ("Mia: Member", "Bo: Member", "Cy: Member")] == [True] * 3
    assert AuditEntry.objects.get(action="booking.space_moved").changes[0] == ["Attendee", "", "Mia, Bo, Cy"]
    assert (UsagePeriod.objects.get().used, check_books(now=NOW)) == (3, [])


def test_only_those_who_are_chosen_are_moved(dashboard: Dashboard, club: Club, entry: Entry, later: Entry) -> None:
    mia, bo, cy = booked(club, entry, "Mia", "Bo", "Cy")

    confirm(dashboard, bo, later, f"with={cy.pk}")

    assert whereabouts() == {"Mia": "Vinyasa", "Bo": "Yin", "Cy": "Yin"}
    assert "Move Bo to another entry" in list_of(dashboard, bo)
    assert "Others of the same booking" not in list_of(dashboard, mia)
    assert check_books(now=NOW) == []


def test_people_of_other_bookings_and_odd_ones_are_left_where_they_are(
    dashboard: Dashboard, club: Club, entry: Entry, later: Entry, ticket: Ticket
) -> None:
    [mia] = booked(club, entry, "Mia")
    ada = book_seat_manually(entry, ticket, "Ada")

    assert list_of(dashboard, mia, **{"with": [ada.pk, "x", "9" * 30]}).startswith("Schedule Vinyasa Move Mia to")
    confirm(dashboard, mia, later, f"with={ada.pk}")

    assert whereabouts() == {"Mia": "Yin", "Ada": "Vinyasa"}


def test_where_there_is_not_room_for_all_none_is_moved_until_it_is_raised(
    dashboard: Dashboard, club: Club, entry: Entry, later: Entry
) -> None:
    mia, *_guests = booked(club, entry, "Mia", "Bo")
    address = f"{dashboard.url('seat_move', pk=mia.pk)}?to={later.pk}&with=all"
    seen = form_fields(dashboard.client.get(address))
    EntryPlaces.objects.filter(entry=later).update(capacity=1)

    refused = dashboard.client.post(address, seen)

    assert (refused.status_code, set(whereabouts().values())) == (409, {"Vinyasa"})
    assert "1 Not enough" in list_of(dashboard, mia, **{"with": "all"})
    assert "There aren’t enough spaces: 0 of 1 are taken. Its size changes to 2." in page_text(refused)
    assert "Increase the size to 2 and move" in page_text(refused)
    dashboard.client.post(address, form_fields(refused))
    assert (set(whereabouts().values()), load_entry(later).places.capacity) == ({"Yin"}, 2)
    assert check_books(now=NOW) == []


def test_who_was_cancelled_meanwhile_is_not_moved_and_it_is_said_again(
    dashboard: Dashboard, club: Club, entry: Entry, later: Entry
) -> None:
    mia, bo = booked(club, entry, "Mia", "Bo")
    address = f"{dashboard.url('seat_move', pk=mia.pk)}?to={later.pk}&with=all"
    seen = form_fields(dashboard.client.get(address))
    cancel_by_studio([bo.pk], now=NOW)

    answer = dashboard.client.post(address, seen)

    assert (answer.status_code, whereabouts()) == (409, {"Mia": "Vinyasa"})
    assert "Something changed while this page was open." in page_text(answer)


@pytest.mark.parametrize(("use", "charged", "used"), [("extra", 2, 3), ("charge", 1, 2), ("none", 0, 1)])
def test_where_the_allowance_is_not_enough_for_all_the_studio_chooses(
    use: str,
    charged: int,
    used: int,
    dashboard: Dashboard,
    club: Club,
    entry: Entry,
    yoga: SchedulePage,
) -> None:
    far, other = (EntryFactory.create(page=yoga, title=name, starts_at=NOW + timedelta(days=25)) for name in "ab")
    Offer.objects.update(limit=2)
    for each in (far, other):
        club.ticket(each)
    booked(club, other, "Mia")
    mia, _bo = booked(club, entry, "Mia", "Bo")

    said = list_of(dashboard, mia, to=far.pk, **{"with": "all"})
    confirm(dashboard, mia, far, "with=all", use=use)

    assert "Use what’s left of their allowance, and nothing for the rest" in said
    moved = Seat.objects.filter(entry=far)
    assert (len(moved), sum(seat.use is not None for seat in moved)) == (2, charged)
    assert list(UsagePeriod.objects.order_by("starts_on").values_list("used", flat=True)) == [0, used]
    assert check_books(now=NOW) == []


def test_what_they_owe_is_noted_for_each(dashboard: Dashboard, entry: Entry, later: Entry) -> None:
    here = TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost")
    TicketFactory.create(entry=later, name="Drop-in", price=1550, cost="cost")
    ada = book_seat_manually(entry, here, "Ada")
    bea = book_seat_manually(entry, here, "Bea")
    Seat.objects.filter(pk=bea.pk).update(booking=ada.booking, customer=ada.customer)

    assert "£7.00 more" in list_of(dashboard, ada, **{"with": "all"})
    said = list_of(dashboard, ada, to=later.pk, **{"with": "all"})
    confirm(dashboard, ada, later, "with=all", notes_difference="on")

    assert "The tickets cost £31.00. No card is charged or refunded." in said
    assert "Note £7.00 more to pay at the studio" in said
    assert list(Seat.objects.values_list("owed", flat=True)) == [1550, 1550]


# What the list says


def test_it_says_where_the_rule_gives_them_a_ticket_and_where_not_and_why(
    dashboard: Dashboard, club: Club, entry: Entry, later: Entry, yoga: SchedulePage
) -> None:
    Offer.objects.update(limit=1)
    full, there, ended, open_ = (
        EntryFactory.create(page=yoga, title=title, starts_at=NOW + timedelta(days=days))
        for title, days in (("Full month", 25), ("There already", 26), ("After the end", 70), ("Choice", 5))
    )
    for each in (full, there, ended):
        club.ticket(each)
    [mia] = booked(club, entry, "Mia")
    booked(club, there, "Mia")
    Standing.objects.update(until=NOW + timedelta(days=60))
    for name in ("Morning", "Evening"):
        TicketFactory.create(entry=open_, name=name)

    shown = list_of(dashboard, mia)

    assert "Yin Sat 19 Jan 2030, 12:00 – 13:00 Included 1 of Mia’s 1 tickets (Ten a month) is used." in shown
    assert "Choice Sun 20 Jan 2030, 12:00 – 13:00 Choose a ticket None is called like theirs." in shown
    assert "Full month Sat 9 Feb 2030, 12:00 – 13:00 Not included Mia would read: “Limit reached for period." in shown
    assert "There already Sun 10 Feb 2030, 12:00 – 13:00 Not included Mia would read: “You already have" in shown
    assert "After the end Tue 26 Mar 2030, 12:00 – 13:00 Not included Mia would read: “Your membership ends" in shown
    assert shown.count("Included ") == 1


def test_it_says_the_same_as_each_ones_page_would(club: Club, entry: Entry, later: Entry, yoga: SchedulePage) -> None:
    """For all there is: covered or not, used up or not, in this period and the next, one or all of them."""
    Offer.objects.update(limit=3)
    dates = [later, *(EntryFactory.create(page=yoga, starts_at=NOW + timedelta(days=days)) for days in (6, 25, 26, 90))]
    for number, each in enumerate(dates[1:]):
        ticket = club.ticket(each)
        if number == 1:
            ticket.groups.clear()
            ticket.groups.add(Club(yoga, limit=1).group)
    booked(club, dates[2 + 1], "Mia", "Di")
    seats = [read_seat(seat.pk) for seat in booked(club, entry, "Mia", "Bo")]
    for seat in seats:
        seat.customer.account = entry.account
    Standing.objects.filter(member=club.member).update(until=NOW + timedelta(days=80))
    fresh = [load_entry(each) for each in dates]
    for some in (seats[:1], seats[1:], seats):
        for option in read_move_options(some, fresh, now=NOW):
            tickets = [each.ticket for each in option.terms]
            facts = read_facts_of_moves(some, option.entry, now=NOW)
            there = moves_terms(some, option.entry, tickets, facts, now=NOW)
            told = [(each.verdict, each.owed_then, each.version) for each in option.terms]
            assert told == [(each.verdict, each.owed_then, each.version) for each in there]


@pytest.mark.parametrize("rows", [1, 3])
def test_all_of_them_are_judged_by_two_statements(
    rows: int, club: Club, entry: Entry, yoga: SchedulePage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    seats = booked(club, entry, "Mia", "Bo")
    seats[0].customer.account = entry.account
    dates = [EntryFactory.create(page=yoga, starts_at=NOW + timedelta(days=5 + number)) for number in range(rows)]
    for each in dates:
        club.ticket(each)
    fresh = [load_entry(each) for each in dates]
    read_move_options(seats, fresh, now=NOW)
    with django_assert_num_queries(2):
        options = read_move_options(seats, fresh, now=NOW)
    assert [len(each.terms) for each in options] == [2] * rows
