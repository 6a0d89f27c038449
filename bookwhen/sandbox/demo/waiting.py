"""Who waits at the demo studio: one full class with three in line, and its next space on offer to the demo’s member.

The last to join was moved up by the studio. Two who come together wait where a single space is left.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from accounts.models import Account, Customer
from bookwhen.sandbox.demo.clubs import Crowd
from bookwhen.sandbox.demo.logins import give_login
from bookwhen.sandbox.demo.programme import DROP_IN, MEMBER, Club
from bookwhen.sandbox.demo.season import Occasion
from tickets.availability.facts import person_of_customer
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.hold import release_overdue
from tickets.models import Booking, BookingState, Entry, WaitlistRequest
from tickets.waiting.offering import offer_spaces
from tickets.waiting.requests import CannotJoinError, join
from tickets.waiting.turns import move_up

FRIEND: Final = "Jo Lindqvist"
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
            give_login(customer)
            who = person_of_customer(customer)
            joined.append(join(entry, ticket, customer, [customer.name], who=who, now=at))
    if len(joined) == IN_LINE:
        move_up(joined[-1])
    seat = occasion.entry.seats.live().booked().latest("pk")
    cancel_by_studio([seat.pk], now=now - timedelta(minutes=30))
    offer_spaces(occasion.entry.pk, now=now - timedelta(minutes=30))


def let_two_wait_together(occasion: Occasion, crowd: Crowd, *, now: datetime) -> None:
    """Let a member and a friend wait by the drop-in ticket, who want to come together or not at all."""
    entry = Entry.objects.for_booking().get(pk=occasion.entry.pk)
    customer, drop_in = crowd.clubs[Club.TEN][-1], occasion.tickets[DROP_IN.name].pk
    who, at = person_of_customer(customer), now - timedelta(hours=3)
    with suppress(CannotJoinError):
        join(entry, drop_in, customer, [customer.name, FRIEND], who=who, now=at)


def let_offers_lapse(account: Account, *, now: datetime) -> None:
    """Release what was held until some time at which the demo was not running, as the worker's sweep would have."""
    overdue = Booking.objects.filter(account=account, state=BookingState.BASKET, held_until__lte=now)
    for basket in list(overdue.order_by("pk").values_list("pk", flat=True)):
        release_overdue(basket, now=now)
