"""What the models' query sets give, and that rows with more than their own columns come in one statement."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer
from groups.models import Group, Standing
from offers.models import Offer, OfferUse
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    add_membership_standing,
    book_member_place,
)
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Booking, BookingState, Coverage, Entry, Seat, Ticket
from tickets.queries import tickets_at, tickets_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def group() -> Group:
    return GroupFactory.create()


@pytest.fixture
def customer(group: Group) -> Customer:
    return CustomerFactory.create(account=group.account)


@pytest.fixture
def seat(group: Group, customer: Customer) -> Seat:
    add_member(group, customer)
    return book_member_place(group, customer).seats.get()


def test_a_group_is_in_use_until_it_is_archived(group: Group) -> None:
    GroupFactory.create(account=group.account, archived_at=NOW)

    assert list(Group.objects.in_use()) == [group]


def test_a_standing_holds_from_its_first_instant_to_just_before_its_last(group: Group, customer: Customer) -> None:
    member = add_member(group, customer, until=NOW)
    by_hand, paid = member.standings.get(), add_membership_standing(member)

    assert set(Standing.objects.at(NOW)) == {paid}
    assert set(Standing.objects.at(NOW - DAY)) == {by_hand, paid}
    assert set(member.standings.at(paid.since)) == {by_hand, paid}
    assert set(member.standings.at(paid.since - DAY)) == {by_hand}
    assert set(Standing.objects.not_ended(paid.since - DAY)) == {by_hand, paid}
    assert set(Standing.objects.not_ended(NOW)) == {paid}


def test_an_offer_that_was_deleted_is_neither_listed_nor_enabled(group: Group) -> None:
    enabled = OfferFactory.create(group=group)
    disabled = OfferFactory.create(group=group, enabled=False)
    OfferFactory.create(group=group, deleted_at=NOW)

    assert list(group.offers.not_deleted()) == [enabled, disabled]
    assert list(Offer.objects.enabled()) == [enabled]


def test_only_enabled_offers_cover_anything(group: Group) -> None:
    ticket = TicketFactory.create(entry=EntryFactory.create(), group=group)
    enabled = OfferFactory.create(group=group, ticket=ticket)
    OfferFactory.create(group=group, ticket=ticket, enabled=False)
    OfferFactory.create(group=group, ticket=ticket, deleted_at=NOW)

    assert [row.offer for row in Coverage.objects.in_force()] == [enabled]


def test_an_entry_is_upcoming_until_it_starts_or_is_cancelled() -> None:
    past, starting = EntryFactory.create(starts_at=NOW - DAY), EntryFactory.create(starts_at=NOW)
    ahead = EntryFactory.create()
    EntryFactory.create(cancelled_at=NOW)

    assert list(Entry.objects.live()) == [past, starting, ahead]
    assert list(Entry.objects.upcoming(NOW)) == [ahead]


def test_a_ticket_is_on_sale_until_it_is_retired() -> None:
    entry = EntryFactory.create()
    kept = TicketFactory.create(entry=entry)
    TicketFactory.create(entry=entry, retired_at=NOW)

    assert list(Ticket.objects.on_sale()) == list(entry.series.tickets.on_sale()) == [kept]


def test_a_seat_is_live_until_it_is_cancelled(seat: Seat) -> None:
    assert list(Seat.objects.live()) == list(seat.booking.seats.live()) == list(seat.entry.seats.live()) == [seat]
    assert OfferUse.objects.live().count() == 1

    cancel_by_studio([seat.pk], now=NOW)

    assert (list(seat.booking.seats.live()), list(Seat.objects.booked())) == ([], [seat])
    assert OfferUse.objects.live().count() == 0


def test_a_seat_is_upcoming_until_its_entry_starts(seat: Seat) -> None:
    assert list(Seat.objects.upcoming(seat.entry.starts_at - DAY)) == [seat]
    assert list(Seat.objects.upcoming(seat.entry.starts_at)) == []


def test_a_basket_is_held_and_not_booked(seat: Seat) -> None:
    assert (list(Booking.objects.booked()), list(Booking.objects.held())) == ([seat.booking], [])

    Booking.objects.update(state=BookingState.BASKET, held_until=NOW)

    assert (list(Booking.objects.booked()), list(Booking.objects.held())) == ([], [seat.booking])
    assert list(Seat.objects.booked()) == []


def test_an_entry_brings_all_that_a_booking_is_judged_by(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    made = EntryFactory.create()

    with django_assert_num_queries(1):
        entry = Entry.objects.for_booking().get()
        facts = (entry.account.takes_payments, entry.page.title, entry.places.capacity, entry.series.rule)

    assert facts == (False, made.page.title, 10, "")


@pytest.mark.parametrize("count", [1, 3])
def test_a_seat_brings_all_that_a_letter_says(
    count: int, group: Group, customer: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    add_member(group, customer)
    for days in range(2, 2 + count):
        book_member_place(group, customer, days=days)

    with django_assert_num_queries(1):
        seats = Seat.objects.live().for_letters().order_by("pk")
        told = [(each.entry.account, each.entry.page.account_id, each.ticket.name) for each in seats]
        taken = [each.entry.places.taken for each in seats]

    assert told == [(group.account, group.account_id, "Member place")] * count
    assert taken == [1] * count


@pytest.mark.parametrize("count", [1, 4])
def test_tickets_come_with_their_groups_and_how_many_are_taken_in_one_statement(
    count: int, group: Group, seat: Seat, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entry, archived = seat.entry, GroupFactory.create(account=group.account, archived_at=NOW)
    for number in range(1, count):
        TicketFactory.create(entry=entry, position=number).groups.add(archived)

    with django_assert_num_queries(1):
        here = [(each.taken, each.group_ids) for each in tickets_of(entry)]
    with django_assert_num_queries(1):
        listed = [(each.entry_id, each.taken, each.group_ids) for each in tickets_at([entry])]

    assert here == [(1, [group.pk]), *[(None, [])] * (count - 1)]
    assert listed == [(entry.pk, *each) for each in here]
