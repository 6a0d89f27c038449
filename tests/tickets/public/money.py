"""Bookings that were paid for through the sandbox, and what their pages say of money."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils.formats import date_format
from time_machine import travel

from tests.browsing import page_text
from tests.sentences import BANKS_TAKE_DAYS, WE_WILL_EMAIL
from tests.worlds.till import Till
from tickets.models import Booking, Entry, Payment, Refund, Ticket

STARTS = datetime(2030, 1, 17, 12, tzinfo=UTC)
CUTOFF = STARTS - timedelta(days=1)
LATE = CUTOFF + timedelta(seconds=1)
THEN = "Wednesday 16 January 2030, 12:00 (Europe/London)"
BANKS = BANKS_TAKE_DAYS
CARD = f"you paid will be refunded to your card or account. {BANKS}"
END = f"{WE_WILL_EMAIL} Keep booking"


def create_yoga(till: Till, price: int = 1200, **fields: Any) -> tuple[Entry, Ticket]:
    entry = till.entry(**{"title": "Morning yoga", "starts_at": STARTS, **fields})
    return entry, till.ticket(entry, price, name="Drop-in")


def buy_yoga(till: Till, *prices: int) -> Booking:
    """Morning yoga in January 2030 for one person by each price, paid for now."""
    entry = till.entry(title="Morning yoga", starts_at=STARTS)
    tickets = [till.ticket(entry, price, name=f"Ticket {number}") for number, price in enumerate(prices, 1)]
    basket = till.fill(entry, *tickets, customer=till.customer_with_login(name="Ada"))
    till.pay(basket)
    return basket


def buy_yoga_and_salsa(till: Till) -> Booking:
    """Two places at Morning yoga at £12.00 and one at Salsa, a week later, at £7.00."""
    entry, ticket = create_yoga(till)
    salsa = till.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    basket = till.fill(entry, ticket, ticket, customer=till.customer_with_login(name="Ada"))
    till.fill(salsa, till.ticket(salsa, 700, name="Floor"), basket=basket)
    till.pay(basket)
    return basket


def booking_path(booking: Booking) -> str:
    return f"/my/bookings/{booking.uuid}/"


def freeze_time(moment: datetime) -> Any:
    return travel(moment, tick=False)


def cancellation_terms(client: Client, path: str) -> str:
    """What the page says that cancelling does."""
    return page_text(client.get(path)).partition("What will happen: ")[2]


def payment_time(payment: Payment) -> str:
    assert payment.paid_at is not None
    return date_format(payment.paid_at.astimezone(payment.account.zone), "j F Y, H:i")


def list_refunds(booking: Booking) -> list[tuple[int, str, list[int]]]:
    """The booking's refunds: amount, why, and how much is for which of its seats in order."""
    found = Refund.objects.filter(payment__booking=booking).order_by("pk")
    return [
        (each.amount, each.reason, list(each.seats.order_by("seat").values_list("amount", flat=True))) for each in found
    ]
