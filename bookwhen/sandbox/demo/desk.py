"""What the desk did on the telephone lately: a place still to be paid for, and somebody moved to another day."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from accounts.history.acting import acting
from accounts.models import Account, Customer, User
from bookwhen.sandbox.demo.logins import DESK
from bookwhen.sandbox.demo.programme import DROP_IN
from tickets.booking.book import book_by_studio
from tickets.booking.move import MoveOrder, move_seat
from tickets.booking.move_terms import SEAT_FACTS, move_terms, read_facts_of_move
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, Seat, Ticket

KEYS = tuple(UUID(int=number, version=4) for number in (1, 2))
"""Of the two bookings: always the same."""


def answer_the_telephone(account: Account, *, now: datetime) -> None:
    """Book two places of a class that costs something, and move one of them to another day."""
    ahead = Entry.objects.for_booking().filter(account=account).upcoming(now + timedelta(days=1))
    priced = ahead.filter(series__tickets__name=DROP_IN.name, series__tickets__price__gt=0)
    roomy = priced.filter(places__capacity__gt=F("places__taken") + F("places__reserved") + 2)
    here, there = roomy.order_by("starts_at", "pk")[:2]
    paying, moving = Customer.objects.filter(account=account, bookings__isnull=True).order_by("pk")[:2]
    with acting(User.objects.get(email=DESK), at=now - timedelta(hours=2)):
        _book(here, paying, KEYS[0], now=now - timedelta(hours=2))
        booked = _book(here, moving, KEYS[1], now=now - timedelta(hours=1))
        seat = Seat.objects.for_letters().select_related(*SEAT_FACTS).get(booking=booked)
        ticket = _drop_in(there)
        terms = move_terms(seat, there, ticket, read_facts_of_move(seat, there, now=now), now=now)
        order = MoveOrder(ticket=ticket.pk, use=terms.choices[0], terms_version=terms.version)
        move_seat(seat, there, order, now=now)


def _book(entry: Entry, customer: Customer, key: UUID, *, now: datetime) -> Booking:
    wanted = [WantedTicket(ticket=_drop_in(entry).pk, name=customer.name, is_for_booker=True)]
    return book_by_studio(entry, customer, wanted, key=key, now=now).booking


def _drop_in(entry: Entry) -> Ticket:
    return Ticket.objects.on_sale().get(account=entry.account_id, series=entry.series_id, name=DROP_IN.name)
