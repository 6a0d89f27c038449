"""Who waits at the demo studio: one full class with three in line, and its next space on offer to the demo’s member."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from accounts.models import Account, Customer
from bookwhen.sandbox.demo.clubs import Crowd
from bookwhen.sandbox.demo.programme import MEMBER, Club
from bookwhen.sandbox.demo.season import Occasion
from tickets.availability.facts import person_of_customer
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.hold import release_overdue
from tickets.models import Booking, BookingState, Entry, WaitlistRequest
from tickets.waiting.offering import offer_spaces
from tickets.waiting.requests import CannotJoinError, join

IN_LINE: Final = 4
"""How many join; the first of them is offered what comes free."""


def let_some_wait(occasion: Occasion, member: Customer, crowd: Crowd, *, now: datetime) -> None:
    """Let the member and others wait at a full class, in turn, and cancel a space there half an hour ago."""
    joined: list[WaitlistRequest] = []
    for customer in [member, *crowd.clubs[Club.UNLIMITED]]:
        if len(joined) == IN_LINE:
            break
        entry = Entry.objects.for_booking().get(pk=occasion.entry.pk)
        at = now - timedelta(hours=20 - 5 * len(joined))
        with suppress(CannotJoinError):
            ticket = occasion.tickets[MEMBER.name].pk
            who = person_of_customer(customer)
            joined.append(join(entry, ticket, customer, [customer.name], who=who, now=at))
    seat = occasion.entry.seats.live().booked().latest("pk")
    cancel_by_studio([seat.pk], now=now - timedelta(minutes=30))
    offer_spaces(occasion.entry.pk, now=now - timedelta(minutes=30))


def let_offers_lapse(account: Account, *, now: datetime) -> None:
    """Release what was held until some time at which the demo was not running, as the worker's sweep would have."""
    overdue = Booking.objects.filter(account=account, state=BookingState.BASKET, held_until__lte=now)
    for basket in list(overdue.order_by("pk").values_list("pk", flat=True)):
        release_overdue(basket, now=now)
