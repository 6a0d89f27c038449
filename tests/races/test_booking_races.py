"""Races for places, uses and guests; before each, a control that shows the race without its guard."""

from collections import Counter
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Customer
from bookwhen.db import violated_constraint
from offers.eligibility import Attendee, Reason
from offers.models import OfferUse, UsagePeriod
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    TicketFactory,
    load_entry,
)
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.members_studio import MembersStudio, booking_outcome
from tickets.availability.facts import ANONYMOUS, Person
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Channel, Entry, EntryPlaces, Party, Seat, Ticket, TicketPlaces

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

BUYERS, PLACES = 40, 10
CLICKS, USES = 8, 3
TABS, PEOPLE = 5, 3


def buy(entry: Entry, customer: Customer, wanted: list[WantedTicket], who: Person, key: UUID | None = None) -> str:
    entry = load_entry(entry)
    return booking_outcome(lambda: book(entry, customer, wanted, who=who, key=key or uuid4(), now=NOW).booking)


def naive_seat(entry: Entry, ticket: Ticket, customer: Customer) -> Seat:
    """A seat put down without any guard."""
    booking = Booking.objects.create(
        account=entry.account,
        page=entry.page,
        customer=customer,
        key=uuid4(),
        channel=Channel.CUSTOMER,
        created_at=NOW,
    )
    return Seat.objects.create(
        account=entry.account,
        booking=booking,
        entry=entry,
        ticket=ticket,
        customer=customer,
        attendee_name="Ada",
        created_at=NOW,
    )


def test_control_counting_and_then_selling_oversells() -> None:
    entry = EntryFactory.create(capacity=PLACES)
    ticket = TicketFactory.create(entry=entry)
    customers = CustomerFactory.create_batch(BUYERS, account=entry.account)
    everybody_looked = wait_for_everyone(BUYERS)

    def naive(number: int) -> None:
        with transaction.atomic():
            left = PLACES - Seat.objects.filter(entry=entry).count()
            everybody_looked()
            if left > 0:
                naive_seat(entry, ticket, customers[number])

    run_at_once(BUYERS, naive)

    assert Seat.objects.filter(entry=entry).count() == BUYERS


def test_control_without_the_condition_the_check_refuses_the_eleventh() -> None:
    entry = EntryFactory.create(capacity=PLACES)

    def naive(_number: int) -> str:
        try:
            EntryPlaces.objects.filter(entry=entry).update(taken=F("taken") + 1)
        except IntegrityError as error:
            return violated_constraint(error)
        return "taken"

    assert Counter(run_at_once(BUYERS, naive)) == {"taken": PLACES, "entry_places_fit": BUYERS - PLACES}


def test_forty_buyers_for_ten_places() -> None:
    entry = EntryFactory.create(capacity=PLACES)
    ticket = TicketFactory.create(entry=entry)
    customers = CustomerFactory.create_batch(BUYERS, account=entry.account)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]

    outcomes = run_at_once(BUYERS, lambda number: buy(entry, customers[number], wanted, ANONYMOUS))

    assert Counter(outcomes) == {"booked 1": PLACES, Reason.SOLD_OUT: BUYERS - PLACES}
    assert (Seat.objects.count(), EntryPlaces.objects.get().taken, Booking.objects.count()) == (PLACES,) * 3


def test_forty_buyers_for_ten_tickets_of_a_kind() -> None:
    entry = EntryFactory.create(capacity=100)
    ticket = TicketFactory.create(entry=entry, capacity=PLACES)
    customers = CustomerFactory.create_batch(BUYERS, account=entry.account)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]

    outcomes = run_at_once(BUYERS, lambda number: buy(entry, customers[number], wanted, ANONYMOUS))

    assert Counter(outcomes) == {"booked 1": PLACES, Reason.SOLD_OUT: BUYERS - PLACES}
    assert (TicketPlaces.objects.get().taken, EntryPlaces.objects.get().taken) == (PLACES, PLACES)


def test_orders_of_three_for_ten_places_leave_one() -> None:
    entry = EntryFactory.create(capacity=PLACES)
    ticket = TicketFactory.create(entry=entry)
    customers = CustomerFactory.create_batch(20, account=entry.account)
    wanted = [WantedTicket(ticket=ticket.pk, name=name) for name in ("Ada", "Bea", "Cleo")]

    outcomes = run_at_once(20, lambda number: buy(entry, customers[number], wanted, ANONYMOUS))

    assert outcomes.count("booked 3") == 3
    assert (Seat.objects.count(), EntryPlaces.objects.get().taken) == (9, 9)


def test_control_looking_at_the_uses_left_and_then_charging_overcharges() -> None:
    studio = MembersStudio(limit=USES, entries=CLICKS)
    period = UsagePeriod.objects.create(
        account=studio.offer.account,
        offer=studio.offer,
        member=studio.member,
        starts_on=date(2030, 1, 3),
        ends_on=date(2030, 2, 3),
        ceiling=USES,
    )
    everybody_looked = wait_for_everyone(CLICKS)

    def naive(_number: int) -> None:
        left = USES - OfferUse.objects.live().filter(period=period).count()
        everybody_looked()
        if left > 0:
            OfferUse.objects.create(
                account=studio.offer.account, period=period, seat=uuid4(), event_on=date(2030, 1, 17), created_at=NOW
            )

    run_at_once(CLICKS, naive)

    assert OfferUse.objects.count() == CLICKS


def test_one_member_clicks_eight_times_with_three_uses_left() -> None:
    studio = MembersStudio(limit=USES, entries=CLICKS)

    outcomes = run_at_once(CLICKS, lambda number: studio.try_to_book(entry=number))

    assert Counter(outcomes) == {"booked 1": USES, Reason.LIMIT_REACHED: CLICKS - USES}
    period = UsagePeriod.objects.get()
    assert (period.used, OfferUse.objects.live().count(), Seat.objects.count()) == (USES,) * 3


def test_one_member_clicks_eight_times_at_one_event() -> None:
    studio = MembersStudio(limit=USES)

    outcomes = run_at_once(CLICKS, lambda _number: studio.try_to_book())

    assert Counter(outcomes) == {"booked 1": 1, Reason.ALREADY_BOOKED: CLICKS - 1}
    assert (UsagePeriod.objects.get().used, Party.objects.get().seats) == (1, 1)


def test_one_form_sent_eight_times_books_once() -> None:
    studio = MembersStudio(limit=USES)
    key = uuid4()

    outcomes = run_at_once(CLICKS, lambda _number: studio.try_to_book(key=key))

    assert outcomes == ["booked 1"] * CLICKS
    assert (Booking.objects.count(), Seat.objects.count(), UsagePeriod.objects.get().used) == (1, 1, 1)


def test_control_counting_the_party_and_then_adding_brings_too_many() -> None:
    studio = MembersStudio(additional_attendees=PEOPLE - 1, limit=None)
    everybody_looked = wait_for_everyone(TABS)

    def naive(_number: int) -> None:
        with transaction.atomic():
            party = Seat.objects.filter(entry=studio.entry, customer=studio.customer).count()
            everybody_looked()
            if party < PEOPLE:
                naive_seat(studio.entry, studio.ticket, studio.customer)

    run_at_once(TABS, naive)

    assert Seat.objects.count() == TABS


def test_the_guests_of_one_event_booked_from_five_tabs() -> None:
    studio = MembersStudio(additional_attendees=PEOPLE - 1, limit=None)

    outcomes = run_at_once(TABS, lambda _number: studio.try_to_book(Attendee.GUEST))

    assert Counter(outcomes) == {"booked 1": PEOPLE, Reason.TOO_MANY_FOR_EVENT: TABS - PEOPLE}
    assert (Party.objects.get().seats, Seat.objects.count()) == (PEOPLE, PEOPLE)


def test_a_cancellation_sent_eight_times_gives_one_use_back() -> None:
    studio = MembersStudio(limit=USES)
    studio.book()
    booking = Booking.objects.get()
    seats = [Seat.objects.get().pk]

    gone = run_at_once(CLICKS, lambda _number: len(cancel_by_customer(booking, seats, now=NOW).seats))

    assert sorted(gone) == [0] * (CLICKS - 1) + [1]
    assert (UsagePeriod.objects.get().used, EntryPlaces.objects.get().taken, Party.objects.get().seats) == (0, 0, 0)
