"""Offers that are their customer's no more: their membership ended while something was held for them."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from offers.eligibility import Reason
from tickets.availability.facts import load_facts
from tickets.booking.hold import release_basket
from tickets.booking.lost_seats import lost_seats, stands
from tickets.models import BookingState, Entry, Seat, WaitlistRequest, WaitState
from tickets.waiting import letters
from tickets.waiting.people import person_waiting
from tickets.waiting.requests import asks_of, may_wait

CHECKED_AGAIN: Final = timedelta(minutes=1)
"""How soon a worker looks again whether what is held for a member is still theirs."""
_OF_MEMBERS: Final = frozenset({Reason.NOT_IN_GROUP, Reason.PAUSED, Reason.STARTS_AGAIN, Reason.STANDING_ENDS_BEFORE})


def next_check(request: WaitlistRequest, *, now: datetime) -> datetime | None:
    """When it is looked at again whether what is held for somebody is theirs; none where it is everybody's."""
    return now + CHECKED_AGAIN if request.ticket.exclusive else None


def is_lost(now: datetime) -> Q:
    """The same as a condition on a request, for pages that only say whether anything is held.

    A membership that is in the basket may open it: then its own page and the worker decide.
    """
    theirs = Seat.objects.live().filter(Q(use__isnull=True) | stands(now), booking=OuterRef("hold"))
    plain = Q(state=WaitState.OFFERED, hold__state=BookingState.BASKET, hold__membership_price__isnull=True)
    return plain & ~Q(Exists(theirs))


def why_lost(request: WaitlistRequest, *, now: datetime) -> str:
    """Why what is offered to somebody (with customer, ticket and hold) is theirs no more; empty where it is.

    Not while it is being paid for: what then comes of it is the checkout's.
    """
    hold = request.hold
    if request.state != WaitState.OFFERED or hold is None or hold.state != BookingState.BASKET:
        return ""
    live = set(Seat.objects.live().filter(booking=hold).values_list("pk", flat=True))
    if live - set(lost_seats(hold, hold.membership_price, now=now)):
        return ""
    entry = Entry.objects.for_booking().get(pk=request.entry_id)
    facts = load_facts(entry, person_waiting(request), now=now)
    if request.ticket_id not in facts.situation.tickets:
        return Reason.NOT_IN_GROUP
    reason = may_wait(facts.situation, asks_of(request.ticket, request.places), now=now).reason
    return reason if reason in _OF_MEMBERS else Reason.NOT_IN_GROUP


def withdraw(request: WaitlistRequest, reason: str, *, now: datetime, tells: bool = True) -> bool:
    """Let the next in line have what somebody lost, and tell them why; whether this call did it.

    Not `tells`: they are reading it just now.
    """
    with transaction.atomic():
        if request.hold_id is None or not release_basket(request.hold_id, now=now):
            return False
        lapsed = WaitlistRequest.objects.filter(account=request.account_id, pk=request.pk, state=WaitState.LAPSED)
        lapsed.update(look_at=None, moved_from=None, skipped=reason, skipped_at=now)
        request.skipped = reason
        if tells:
            letters.tell_lapsed(request, now=now)
    return True
