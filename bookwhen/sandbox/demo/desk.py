"""What the desk did lately: a place still to be paid for, somebody moved to another day, and two who came by."""

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
from tickets.booking.walk_ins import WalkIn, book_walk_in
from tickets.models import Booking, Entry, MoneyMethod, Seat, Ticket
from tickets.money.studio import Handed, take_money

KEYS = tuple(UUID(int=number, version=4) for number in (1, 2, 3, 4, 5))
"""Of the bookings, and of what was paid: always the same."""
CAME_BY = ("Nadia Okafor", "Tom")


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


def let_two_come_by(account: Account, *, now: datetime) -> None:
    """Book two without an address at the last class that had room: one hasn’t paid yet, one gave more than it costs."""
    past = Entry.objects.for_booking().filter(account=account, cancelled_at=None, ends_at__lt=now - timedelta(hours=1))
    priced = past.filter(series__tickets__name=DROP_IN.name, series__tickets__price__gt=0)
    roomy = priced.filter(places__capacity__gt=F("places__taken") + F("places__reserved") + 2)
    entry, desk = roomy.order_by("-starts_at", "-pk")[0], User.objects.get(email=DESK)
    at = entry.starts_at - timedelta(minutes=5)
    with acting(desk, at=at):
        for name, key in zip(CAME_BY, KEYS[2:], strict=False):
            came = WalkIn(name=name, email="", ticket=_drop_in(entry).pk)
            _booked, seat = book_walk_in(entry, came, by=desk, key=key, now=at)
        seat.refresh_from_db(fields=["owed"])
        gave = Handed(amount=2000, method=MoneyMethod.CASH, at=at, note="No change, pays less next time")
        take_money(account, {seat.pk: seat.owed}, gave, by=desk, key=KEYS[4], now=at)


def _book(entry: Entry, customer: Customer, key: UUID, *, now: datetime) -> Booking:
    wanted = [WantedTicket(ticket=_drop_in(entry).pk, name=customer.name, is_for_booker=True)]
    return book_by_studio(entry, customer, wanted, key=key, now=now).booking


def _drop_in(entry: Entry) -> Ticket:
    return Ticket.objects.on_sale().get(account=entry.account_id, series=entry.series_id, name=DROP_IN.name)
