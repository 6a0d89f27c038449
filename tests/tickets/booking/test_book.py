"""Booking at an entry: what is charged, what is refused, what happens twice."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter
from offers.eligibility import Attendee, Reason
from offers.models import OfferUse, UsagePeriod
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.booking.book import book, book_by_studio
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import BasketHold, WantedTicket
from tickets.models import Booking, EntryPlaces, Party, Seat

pytestmark = pytest.mark.django_db


def test_anyone_books_an_ordinary_ticket() -> None:
    entry = EntryFactory.create(capacity=3)
    ticket = TicketFactory.create(entry=entry)
    customer = CustomerFactory.create(account=entry.account)

    booking = book(
        load_entry(entry),
        customer,
        [WantedTicket(ticket=ticket.pk, name="Ada")] * 2,
        who=ANONYMOUS,
        key=uuid4(),
        now=NOW,
    ).booking

    assert [(seat.attendee_name, seat.use, seat.self_attendee) for seat in booking.seats.all()] == [
        ("Ada", None, None)
    ] * 2
    assert EntryPlaces.objects.get(entry=entry).taken == 2
    assert Letter.objects.get().recipient == customer.email


def test_a_member_books_an_exclusive_ticket_and_a_use_is_charged_in_the_period_of_the_event() -> None:
    entry = EntryFactory.create(starts_at=datetime(2030, 2, 4, 18, tzinfo=UTC))
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group)
    offer = OfferFactory.create(group=group, page=entry.page, limit=3)
    customer = create_customer_with_login(entry.account)
    member = add_member(group, customer, anchor=date(2030, 1, 3))
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]

    booking = book(load_entry(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW).booking

    period = UsagePeriod.objects.get()
    assert (period.offer, period.member, period.starts_on, period.ends_on, period.ceiling, period.used) == (
        offer,
        member,
        date(2030, 2, 3),
        date(2030, 3, 3),
        3,
        1,
    )
    seat = booking.seats.get()
    assert (seat.self_attendee, seat.use, Party.objects.get().seats) == (
        customer,
        OfferUse.objects.get(seat=seat.uuid),
        1,
    )

    cancel_by_customer(booking, [seat.pk], now=NOW + timedelta(hours=1))

    period.refresh_from_db()
    assert (period.used, Party.objects.get().seats, EntryPlaces.objects.get().taken) == (0, 0, 0)
    assert OfferUse.objects.get().why == "customer"
    assert [letter.kind for letter in Letter.objects.order_by("pk")] == ["booked", "cancelled"]


def test_the_same_form_sent_twice_books_once() -> None:
    entry = EntryFactory.create()
    ticket = TicketFactory.create(entry=entry)
    customer = CustomerFactory.create(account=entry.account)
    key = uuid4()
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]

    first = book(load_entry(entry), customer, wanted, who=ANONYMOUS, key=key, now=NOW).booking
    second = book(load_entry(entry), customer, wanted, who=ANONYMOUS, key=key, now=NOW).booking

    assert first.pk == second.pk
    assert (Booking.objects.count(), Seat.objects.count(), Letter.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(("minutes", "held"), [(10, 30), (30, 30), (40, 40)])
def test_adding_to_a_basket_prolongs_its_hold_and_never_shortens_it(minutes: int, held: int) -> None:
    """The studio may have said meanwhile that baskets are held for less: what a customer was told still holds."""
    entry = load_entry(EntryFactory.create())
    customer = CustomerFactory.create(account=entry.account)
    wanted = [WantedTicket(ticket=TicketFactory.create(entry=entry).pk, name="Ada")]
    until = NOW + timedelta(minutes=30)
    basket = book(entry, customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW, hold=BasketHold(until)).booking

    longer = BasketHold(NOW + timedelta(minutes=minutes), basket)
    book(entry, customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW, hold=longer)

    assert (Booking.objects.get().held_until, Seat.objects.count()) == (NOW + timedelta(minutes=held), 2)


def test_a_refused_order_books_nothing() -> None:
    entry = EntryFactory.create(capacity=1)
    ticket = TicketFactory.create(entry=entry)
    customer = CustomerFactory.create(account=entry.account)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")] * 2

    with pytest.raises(BookingRefusedError) as refused:
        book(load_entry(entry), customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW)

    assert [verdict.reason for verdict in refused.value.verdicts] == [Reason.ALLOWED, Reason.SOLD_OUT]
    assert (Booking.objects.count(), Seat.objects.count(), EntryPlaces.objects.get().taken) == (0, 0, 0)


def test_the_studio_books_by_hand_without_charging() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group)
    customer = CustomerFactory.create(account=entry.account)

    booking = book_by_studio(
        load_entry(entry), customer, [WantedTicket(ticket=ticket.pk, name="Ada")], key=uuid4(), now=NOW
    ).booking

    assert booking.channel == "studio"
    assert (UsagePeriod.objects.count(), EntryPlaces.objects.get().taken) == (0, 1)
