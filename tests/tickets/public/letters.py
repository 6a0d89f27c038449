"""Bookings that were paid for through the sandbox, and the letters about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Customer, Letter
from tests.sentences import BANKS_TAKE_DAYS, REMOVE_DATE
from tests.worlds.till import Till
from tickets.models import Booking, Entry, Ticket

STARTS = datetime(2030, 1, 17, 12, tzinfo=UTC)
CUTOFF = STARTS - timedelta(days=1)
LATE = CUTOFF + timedelta(seconds=1)
HELLO = "Hello Ada Lovelace,\n\n"
YOGA = "Morning yoga\nThursday 17 January 2030, 12:00–13:00 (Europe/London)\nBoat house\n"
SALSA = "Salsa\nThursday 24 January 2030, 12:00–13:00 (Europe/London)\n"
BACK = f"will be refunded to the card or account you paid with. {BANKS_TAKE_DAYS}\n\n"
OUT = f"{REMOVE_DATE}\n\n"


def create_yoga(till: Till, *prices: int, **fields: Any) -> tuple[Entry, list[Ticket]]:
    entry = till.entry(**{"title": "Morning yoga", "location": "Boat house", "starts_at": STARTS, **fields})
    return entry, [till.ticket(entry, price, name=f"Ticket {number}") for number, price in enumerate(prices)]


def create_ada(till: Till) -> Customer:
    return till.customer_with_login(name="Ada Lovelace")


def buy_yoga(till: Till, *prices: int) -> Booking:
    """Ada's paid places at Morning yoga; the letter about it is put away."""
    entry, tickets = create_yoga(till, *prices)
    basket = till.fill(entry, *tickets, customer=create_ada(till))
    till.pay(basket)
    Letter.objects.all().delete()
    basket.refresh_from_db()
    return basket


def see_booking(booking: Booking) -> str:
    return f"See your booking: http://testserver/my/bookings/{booking.uuid}/\n"


def see_or_cancel_booking(booking: Booking) -> str:
    return see_booking(booking).replace("See", "See or cancel", 1)


def seats(booking: Booking) -> list[int]:
    return list(booking.seats.order_by("pk").values_list("pk", flat=True))


def only_letter() -> Letter:
    """The only one there is."""
    return Letter.objects.get()
