"""Tickets of their own for some dates: what somebody has there, and what offers cover, stays what it was."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from django.apps import apps

from offers.eligibility import Attendee
from offers.models import OfferUse
from offers.services import OfferUsedError, offer_terms
from tests.factories.codes import DiscountCodeFactory
from tests.factories.schedule import NOW, OfferFactory, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.members_studio import MembersStudio
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.request import BasketHold, WantedTicket
from tickets.consistency import check_books
from tickets.models import Booking, CodeCoverage, Coverage, Entry, Seat, Series, SeriesDate, Ticket, TicketPlaces
from tickets.money.codes import code_terms
from tickets.schedule.catalogue import (
    TicketTerms,
    create_ticket_at,
    edit_ticket_at,
    retire_ticket,
    retire_ticket_at,
    ticket_terms,
)
from tickets.schedule.coverage import CoverageChange, coverage_of, edit_offer
from tickets.schedule.details import EntryDetails
from tickets.schedule.entries import create_entries
from tickets.schedule.exclusive_tickets import exclusive_tickets_with_entries, one_per_family
from tickets.schedule.extending import extend_series
from tickets.schedule.overrides import Scope
from tickets.schedule.recurrence import Repeat
from tickets.schedule.splitting import MOVED, split_series

pytestmark = pytest.mark.django_db

WEEKLY: Final = EntryDetails(
    title="Yoga",
    starts=datetime(2030, 1, 21, 18),  # noqa: DTZ001 - a wall-clock time
    duration=timedelta(hours=1),
    capacity=10,
)


class Term:
    """Four Mondays with a ticket for members, which an offer covers that was used, and one for everybody."""

    def __init__(self) -> None:
        self.studio = MembersStudio(members=1, entries=0, limit=None)
        made = create_entries(self.studio.page, WEEKLY, repeat=Repeat(count=4))
        self.entries = [load_entry(each) for each in made]
        self.ticket = TicketFactory.create(entry=self.entries[0], group=self.studio.group, name="Members")
        self.drop_in = TicketFactory.create(entry=self.entries[0], name="Drop-in", capacity=5)
        Coverage.objects.all().delete()
        self.offer = OfferFactory.create(group=self.studio.group, ticket=self.ticket, limit=3)
        self.seats = [self.book_member(each) for each in (0, 2)]

    def book_member(self, number: int, *, hold: BasketHold | None = None, ticket: Ticket | None = None) -> Seat:
        who, entry = self.studio.customer, load_entry(self.entries[number])
        wanted = [WantedTicket(ticket=(ticket or self.ticket).pk, name="Ada", attendee=Attendee.SELF)]
        key = uuid4()
        booked = book(entry, who, wanted, who=person_of_customer(who), key=key, now=NOW, hold=hold)
        return booked.booking.seats.get()

    def tickets_at(self, number: int) -> list[Ticket]:
        return list(load_entry(self.entries[number]).series.tickets.on_sale())


@pytest.fixture
def term() -> Term:
    return Term()


def covers() -> set[str]:
    return {f"{each.ticket.name} {each.ticket.series_id}" for each in Coverage.objects.select_related("ticket")}  # type: ignore[union-attr]


def test_later_dates_get_copies_and_all_that_somebody_has_there_is_of_the_copies(term: Term) -> None:
    book_seat_manually(term.entries[3], term.drop_in)

    split = split_series(term.entries[2], Scope.FOLLOWING)

    first, second = Series.objects.order_by("pk")
    assert (split.series, second.split_from) == (second, first)
    assert [load_entry(each).series_id for each in term.entries] == [first.pk, first.pk, second.pk, second.pk]
    assert [(each.name, each.split_from_id, each.capacity, each.exclusive) for each in term.tickets_at(2)] == [
        ("Members", term.ticket.pk, None, True),
        ("Drop-in", term.drop_in.pk, 5, False),
    ]
    assert list(term.tickets_at(2)[0].groups.all()) == [term.studio.group]
    theirs = {each.pk: each.series_id for each in Ticket.objects.all()}
    assert {(load_entry(seat.entry).series_id, theirs[seat.ticket_id]) for seat in Seat.objects.all()} == {
        (first.pk, first.pk),
        (second.pk, second.pk),
    }
    places = TicketPlaces.objects.filter(taken__gt=0).select_related("entry", "ticket")
    assert all(each.entry.series_id == each.ticket.series_id for each in places)
    assert check_books(now=NOW) == []


def test_an_offer_that_is_locked_covers_what_it_covered(term: Term) -> None:
    with pytest.raises(OfferUsedError):
        edit_offer(term.offer, replace(offer_terms(term.offer), limit=9))

    split_series(term.entries[2], Scope.FOLLOWING)
    term.book_member(3, ticket=term.tickets_at(3)[0])

    assert covers() == {f"Members {series}" for series in Series.objects.values_list("pk", flat=True)}
    assert OfferUse.objects.live().count() == 3
    assert check_books(now=NOW) == []


def test_a_basket_is_held_on_by_the_copies(term: Term) -> None:
    Ticket.objects.filter(pk=term.ticket.pk).update(cost="cost", price=900)
    hold = BasketHold(until=NOW + timedelta(minutes=20))
    held = term.book_member(3, hold=hold)

    split = split_series(term.entries[2], Scope.FOLLOWING)

    seat = Seat.objects.get(pk=held.pk)
    assert (seat.ticket_id, seat.booking.state) == (split.tickets[term.ticket.pk].pk, "basket")
    assert check_books(now=NOW) == []


def test_one_date_alone_is_left_out_of_the_series_it_was_in(term: Term) -> None:
    split_series(term.entries[1], Scope.THIS)

    series = [load_entry(each).series_id for each in term.entries]
    assert (series[0] == series[2] == series[3], series[0] == series[1]) == (True, False)
    assert list(SeriesDate.objects.values_list("series", "starts", "left_out")) == [
        (series[0], datetime(2030, 1, 28, 18), True)  # noqa: DTZ001
    ]


def test_nothing_is_split_where_nothing_would_be_left(term: Term) -> None:
    for scope in (Scope.ALL, Scope.FOLLOWING):
        assert split_series(term.entries[0], scope).series == term.entries[0].series

    assert (Series.objects.count(), Ticket.objects.count()) == (1, 2)


def test_both_parts_go_on_and_no_date_is_made_twice(term: Term) -> None:
    split = split_series(term.entries[2], Scope.FOLLOWING)
    first = term.entries[0].series

    assert [each.starts_at.day for each in extend_series(split.series, repeat=Repeat(count=1))] == [18]
    assert [each.starts_at.day for each in extend_series(first, repeat=Repeat(count=1))] == [25]
    first.refresh_from_db()
    assert split.series.rule == "FREQ=WEEKLY;UNTIL=20300211T235959"


def test_a_retired_ticket_that_somebody_has_there_stays_retired(term: Term) -> None:
    book_seat_manually(term.entries[3], term.drop_in)
    retire_ticket(term.drop_in, now=NOW)

    split = split_series(term.entries[2], Scope.FOLLOWING)

    assert split.tickets[term.drop_in.pk].retired_at == NOW
    assert [each.name for each in term.tickets_at(3)] == ["Members"]
    assert check_books(now=NOW) == []


# Tickets that change at some dates


def test_a_ticket_changes_at_later_dates_alone(term: Term) -> None:
    dearer = replace(ticket_terms(term.drop_in), name="Evening", cost="cost", price=1500)

    edit_ticket_at(term.entries[2], term.drop_in, Scope.FOLLOWING, dearer, now=NOW)

    names = [[(each.name, each.price) for each in term.tickets_at(number)] for number in (1, 2)]
    assert names == [[("Members", 0), ("Drop-in", 0)], [("Members", 0), ("Evening", 1500)]]


def test_a_ticket_that_does_not_change_splits_nothing(term: Term) -> None:
    edit_ticket_at(term.entries[2], term.drop_in, Scope.FOLLOWING, ticket_terms(term.drop_in), now=NOW)

    assert Series.objects.count() == 1


def test_a_ticket_is_added_and_one_removed_at_one_date_alone(term: Term) -> None:
    create_ticket_at(term.entries[1], Scope.THIS, TicketTerms(name="Workshop"))
    fresh = load_entry(term.entries[1])
    gone = fresh.series.tickets.get(name="Drop-in")
    retire_ticket_at(fresh, gone, Scope.ALL, now=NOW)

    assert [[each.name for each in term.tickets_at(number)] for number in range(3)] == [
        ["Members", "Drop-in"],
        ["Members", "Workshop"],
        ["Members", "Drop-in"],
    ]


# One family


def test_the_picker_has_one_line_for_a_family_and_choosing_it_takes_all(term: Term) -> None:
    split_series(term.entries[2], Scope.FOLLOWING)
    split_series(load_entry(term.entries[3]), Scope.THIS)
    offer = OfferFactory.create(group=term.studio.group)
    family = frozenset(Ticket.objects.filter(name="Members").values_list("pk", flat=True))

    listed = one_per_family(exclusive_tickets_with_entries(term.studio.group, now=NOW))
    assert (list(listed), len(family)) == ([term.ticket], 3)

    add = CoverageChange(keeps_tickets=True, add=frozenset({term.ticket.pk}))
    edit_offer(offer, offer_terms(offer), add)
    assert coverage_of(offer).tickets == family

    edit_offer(offer, offer_terms(offer), CoverageChange(keeps_tickets=True, drop=frozenset({term.ticket.pk})))
    assert coverage_of(offer).tickets == frozenset()


def test_where_the_first_of_a_family_is_no_longer_on_sale_the_next_stands_for_it(term: Term) -> None:
    split = split_series(term.entries[2], Scope.FOLLOWING)
    retire_ticket(term.ticket, now=NOW)

    listed = one_per_family(exclusive_tickets_with_entries(term.studio.group, now=NOW))

    assert list(listed) == [split.tickets[term.ticket.pk]]


def test_who_chose_a_ticket_before_it_was_split_books_its_copy(term: Term) -> None:
    split = split_series(term.entries[2], Scope.FOLLOWING)

    seat = term.book_member(3)

    assert seat.ticket_id == split.tickets[term.ticket.pk].pk
    assert check_books(now=NOW) == []


def test_another_account_keeps_what_it_has(term: Term) -> None:
    theirs = Term()
    before = list(Seat.objects.filter(account=theirs.studio.account).values_list("ticket", flat=True))

    split_series(term.entries[2], Scope.FOLLOWING)

    assert list(Seat.objects.filter(account=theirs.studio.account).values_list("ticket", flat=True)) == before
    assert Booking.objects.count() == 4
    assert Entry.objects.filter(series=theirs.entries[0].series).count() == 4


def test_whatever_says_who_has_which_ticket_at_which_entry_moves() -> None:
    """A table that names both, and is none of these, would keep the ticket of another series."""
    both = {
        model._meta.db_table
        for model in apps.get_models()
        if {Entry, Ticket} <= {field.related_model for field in model._meta.concrete_fields if field.is_relation}
    }

    assert both == set(MOVED)


def test_a_discount_code_for_a_ticket_is_for_its_copy_too() -> None:
    term = Term()
    code = DiscountCodeFactory.create(account=term.studio.page.account, ticket=term.drop_in)
    held = term.entries[2]
    copies = split_series(held, Scope.FOLLOWING).tickets
    covered = set(CodeCoverage.objects.filter(code=code).values_list("ticket", flat=True))
    assert covered == {term.drop_in.pk, copies[term.drop_in.pk].pk}
    assert code_terms(code).covers(load_entry(held), copies[term.drop_in.pk]) is True
    assert code_terms(code).covers(load_entry(held), copies[term.ticket.pk]) is False
