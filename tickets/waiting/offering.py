"""Offering what has come free to those who wait, in order, to whom the rule allows at that moment.

Any number of workers may do so at a time, and the operator: each offer locks its request, takes its places by a
conditional statement and holds them in a basket, in one transaction. Who is first in line is locked first, so that
nobody is passed over by a worker who was quicker (docs/decisions/0061).
"""

import enum
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.models import WaitingList
from offers.eligibility import Reason
from tickets.availability.facts import Person
from tickets.availability.waiting import FreePlaces, give_up_reserved, read_free
from tickets.booking.book import book_offered
from tickets.booking.hold import hold_period
from tickets.booking.refusals import RefusedError
from tickets.booking.request import BasketHold, WantedTicket
from tickets.models import Entry, Seat, Ticket, WaitlistAlternative, WaitlistRequest, WaitState
from tickets.queries import free_again_until
from tickets.waiting import letters
from tickets.waiting.ending import end_booked, end_over, follow_up
from tickets.waiting.people import person_waiting
from tickets.waiting.phrases import TOO_FEW, TOO_LATE
from tickets.waiting.recorded import record_offered
from tickets.waiting.requests import asks_of, last_sale_end, sale_end
from tickets.waiting.withdrawing import next_check

ROUNDS: Final = 5
"""How often a worker begins again where more came free meanwhile; then it is the next one's turn."""
SHORTEST_OFFER: Final = timedelta(minutes=10)
"""Nobody is offered what they would have to take sooner: it is the public's."""
ASKED_AGAIN: Final = timedelta(minutes=5)
"""How soon somebody who was passed over is looked at again, while there is space."""


class Outcome(enum.Enum):
    """What became of one who waits."""

    OFFERED = "offered"
    BOOKED = "booked"
    PASSED_OVER = "passed_over"
    GONE = "gone"
    """They wait no more, or nothing is free for them."""


def offer_spaces(entry: int, *, now: datetime) -> int:
    """Offer what is free at an entry (id) to those who wait there; how many offers were made.

    What none of them can have is the public's. Safe to repeat, at any time and by anybody.
    """
    offered = 0
    for _round in range(ROUNDS):
        found = Entry.objects.for_booking().get(pk=entry)
        end_booked(found, now=now)
        end_over(found, now=now)
        if found.account.waiting_list == WaitingList.ALL_AT_ONCE:
            return _tell_everyone(found, now=now)
        made, is_done = _go_through(found, now=now)
        offered += made
        if is_done:
            break
    return offered


def look(pk: int, *, now: datetime) -> None:
    """Do what is due for a request (id): it is ended or told something, and what is free there is offered."""
    request = follow_up(pk, now=now)
    if request.state == WaitState.WAITING:
        offer_spaces(request.entry_id, now=now)


def offer_now(request: WaitlistRequest, *, now: datetime) -> Outcome:
    """Offer somebody who waits what is free, out of turn, as the operator asks for: by the same rule and statement."""
    return _offer(request.pk, read_free(request.entry_id), now=now, is_by_hand=True)


def _go_through(entry: Entry, *, now: datetime) -> tuple[int, bool]:
    """Offer to each in line; how many offers were made, and whether nothing has changed meanwhile."""
    free, made = read_free(entry.pk), 0
    line = WaitlistRequest.objects.waiting().filter(account=entry.account_id, entry=entry).in_line()
    for each in list(line.select_related("ticket").prefetch_related("also")):
        if free.entry < 1:
            break
        if not _free_tickets(each, free):
            continue
        outcome = _offer(each.pk, free, now=now)
        if outcome is Outcome.GONE:
            return made, False
        if outcome is not Outcome.PASSED_OVER:
            made += 1
            free = free.without(_ticket_of(each), each.places)
    with transaction.atomic():
        return made, give_up_reserved(entry.pk, free)


def _ticket_of(request: WaitlistRequest) -> int:
    """The ticket (id) by which a request was just offered its places: perhaps another than the one first chosen."""
    found = WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk)
    return found.values_list("ticket", flat=True).get()


def _free_tickets(request: WaitlistRequest, free: FreePlaces) -> list[Ticket]:
    """Those of their tickets of which anything is free, the cheapest first."""
    return [ticket for ticket in request.tickets if ticket.retired_at is None and free.of(ticket.pk) > 0]


def _offer(pk: int, free: FreePlaces, *, now: datetime, is_by_hand: bool = False) -> Outcome:
    """Offer one who waits (id) their places, or book them at once, if they may have them now; else say why not."""
    with transaction.atomic():
        locked = WaitlistRequest.objects.waiting().filter(pk=pk).select_for_update(of=("self",), no_key=True)
        request = locked.select_related("customer", "ticket", "entry__account", "entry__page").first()
        tickets = _free_tickets(request, free) if request else []
        if request is None or not tickets:
            return Outcome.GONE
        refused: list[str] = []
        for ticket in tickets:
            tried = _try(request, ticket, free, now=now, is_by_hand=is_by_hand)
            if isinstance(tried, Outcome):
                return tried
            refused.append(tried)
        return _pass_over(request, refused[0], now=now)


def _try(
    request: WaitlistRequest, ticket: Ticket, free: FreePlaces, *, now: datetime, is_by_hand: bool
) -> Outcome | str:
    """Offer one who waits (held) their places by one of their tickets; else why not."""
    until = _offered_until(request.entry, ticket, now=now)
    if until is None:
        return TOO_LATE
    if free.of(ticket.pk) < request.places:
        return TOO_FEW
    try:
        return _hold(request, ticket, until, now=now, is_by_hand=is_by_hand)
    except RefusedError as refusal:
        reasons = [each.reason for each in refusal.verdicts if not each.allowed]
        if Reason.SOLD_OUT in reasons:
            return Outcome.GONE  # somebody was quicker
        return str(reasons[0] if reasons else refusal.reason)


def _hold(request: WaitlistRequest, ticket: Ticket, until: datetime, *, now: datetime, is_by_hand: bool) -> Outcome:
    """Take the places and uses of one who waits (held), and tell them. Raises RefusedError."""
    who, entry = person_waiting(request), request.entry
    books = request.books_at_once and not ticket.price and now <= free_again_until(entry, entry.account)
    books = books and not (request.is_guest and entry.account.confirms_free_bookings)
    # A basket of nobody's login: it is found by the request alone, until it is taken.
    request.customer.recognised_by = request.email
    hold = None if books else BasketHold(until, limit=until + hold_period(entry.account))
    booking, seats = book_offered(
        entry,
        request.customer,
        _wanted(request, ticket),
        who=who if books else _without_login(who),
        now=now,
        hold=hold,
        booker_name=request.names[0] if request.is_guest else "",
        others=[each.pk for each in request.tickets if each.pk != ticket.pk],
    )
    WaitlistAlternative.objects.filter(request=request).delete()
    request.ticket, request.hold = ticket, booking
    request.offered_at, request.look_at, request.moved_from = now, None, None
    request.skipped, request.skipped_at = "", None
    if books:
        request.state, request.ended_at = WaitState.TAKEN, now
    else:
        request.state, request.offered_until = WaitState.OFFERED, until
        request.look_at = next_check(request, now=now)
    request.save()
    if is_by_hand:
        record_offered(request)
    _tell(request, seats, now=now)
    return Outcome.BOOKED if books else Outcome.OFFERED


def _tell(request: WaitlistRequest, seats: list[Seat], *, now: datetime) -> None:
    if request.state == WaitState.TAKEN:
        letters.tell_booked(request, seats, now=now)
    else:
        letters.tell_offered(request, seats, now=now)


def _pass_over(request: WaitlistRequest, reason: str, *, now: datetime) -> Outcome:
    """Note why one who waits (held) cannot have what is free, and tell them, once for each reason."""
    if request.skipped != reason:
        request.skipped, request.skipped_at = reason, now
        letters.tell_skipped(request, now=now)
    request.look_at = min(now + ASKED_AGAIN, max(last_sale_end(request.entry, request.tickets), now))
    request.save(update_fields=["skipped", "skipped_at", "look_at"])
    return Outcome.PASSED_OVER


def _tell_everyone(entry: Entry, *, now: datetime) -> int:
    """Tell all who wait that something came free, and leave it to the first who books it."""
    with transaction.atomic():
        free = read_free(entry.pk)
        line = WaitlistRequest.objects.waiting().filter(account=entry.account_id, entry=entry).in_line()
        everyone = line.select_related("customer", "ticket").prefetch_related("also")
        able = [each for each in everyone if _free_tickets(each, free)]
        if free.reserved:
            for each in able:
                each.entry = entry
            letters.tell_free(able, entry, now=now)
        give_up_reserved(entry.pk, free)
    return 0


def _offered_until(entry: Entry, ticket: Ticket, *, now: datetime) -> datetime | None:
    """Until when something is held that is offered now: never past the sale's close; None where that is too soon."""
    until = min(now + timedelta(minutes=entry.account.offer_minutes), sale_end(entry, ticket))
    return None if until - now < SHORTEST_OFFER or entry.cancelled_at else until


def _wanted(request: WaitlistRequest, ticket: Ticket) -> list[WantedTicket]:
    """What is held for one who waits: a ticket for each name."""
    asks = asks_of(ticket, request.places)
    return [
        WantedTicket(ticket=ask.ticket, name=name, attendee=ask.attendee, is_for_booker=number == 0)
        for number, (ask, name) in enumerate(zip(asks, request.names, strict=True))
    ]


def _without_login(who: Person) -> Person:
    return Person(
        who.customer,
        logged_in=who.logged_in,
        proved=who.proved,
        address=who.address,
        name=who.name,
        asks_name=who.asks_name,
    )
