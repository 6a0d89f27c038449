"""Where an entry's page leads to the waiting list: which of its tickets this visitor can wait for."""

from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import WaitingList
from offers.eligibility import Reason, Situation
from offers.messages import explain
from tickets.annotated import VisitedEntry
from tickets.models import Ticket, WaitlistRequest, WaitState
from tickets.public.entry.entry_context import EntryContext
from tickets.public.waiting.forms import MOST_OTHERS
from tickets.waiting.requests import asks_of, may_wait
from tickets.waiting.withdrawing import is_lost

LOST: Final = "lost"
"""What is said of an offer before a worker has taken it back."""
WITH_LOGIN: Final = frozenset({Reason.NOT_LOGGED_IN})
"""What a login may lift: with it, they may be able to wait."""
OF_MEMBERS: Final = frozenset(
    {
        Reason.ADDRESS_NOT_CONFIRMED,
        Reason.NOT_IN_GROUP,
        Reason.PAUSED,
        Reason.STARTS_AGAIN,
        Reason.STANDING_ENDS_BEFORE,
        Reason.NO_OFFER,
        Reason.LIMIT_REACHED,
    }
)
"""What stands in the way of somebody’s waiting that they may want to know."""


def own_request(entry: VisitedEntry) -> tuple[UUID | None, str]:
    """By which request (its uuid) the visitor's login waits at an entry, and its state; for who is nobody's, none."""
    return getattr(entry, "own_request", None), getattr(entry, "own_request_state", None) or ""


def note_lost_offer(entry: VisitedEntry, *, now: datetime) -> None:
    """Let an offer that is the visitor's no more, as their membership ended, be `LOST`. A statement, where one is."""
    request, state = own_request(entry)
    if request and state == WaitState.OFFERED and WaitlistRequest.objects.filter(is_lost(now), uuid=request).exists():
        setattr(entry, "own_request_state", LOST)  # noqa: B010 - an annotation of its query


def places_left(situation: Situation, ticket: int) -> int:
    """How many spaces anybody can have by a ticket (id)."""
    left, own = situation.event.places_left, situation.tickets[ticket].places_left
    return max(left if own is None else min(left, own), 0)


def most_people(entry: VisitedEntry, ticket: Ticket) -> int:
    """How many people could come by a ticket if nobody else did: nobody waits for more spaces than there are."""
    return entry.places.capacity if ticket.capacity is None else min(entry.places.capacity, ticket.capacity)


def is_full(situation: Situation, ticket: int) -> bool:
    """Whether there is no space left by a ticket (id) for anybody."""
    return places_left(situation, ticket) < 1


def way_to_wait(seen: EntryContext, ticket: Ticket, *, now: datetime) -> str:
    """How a visitor can wait for a ticket: not at all (empty), `join`, `log_in` first, or for `more` than are left.

    They are as many as there are spaces left, and one: only so do they lack nothing but space.
    """
    if seen.entry.account.waiting_list == WaitingList.OFF or own_request(seen.entry)[0]:
        return ""
    left = places_left(seen.facts.situation, ticket.pk)
    if left > MOST_OTHERS:
        return ""
    verdict = may_wait(seen.facts.situation, asks_of(ticket, left + 1), now=now)
    if verdict.allowed and not _needs_login(seen):
        return "more" if left else "join"
    if verdict.allowed and not seen.who.logged_in:
        return "" if left else "log_in"
    return "log_in" if verdict.reason in WITH_LOGIN and not left else ""


def way_to_lead(seen: EntryContext, ticket: Ticket, *, now: datetime) -> str:
    """The same, as its page leads there: not to wait for more spaces than there are."""
    way = way_to_wait(seen, ticket, now=now)
    is_vain = way == "more" and most_people(seen.entry, ticket) <= places_left(seen.facts.situation, ticket.pk)
    return "" if is_vain else way


def why_not_wait(seen: EntryContext, ticket: Ticket, *, now: datetime) -> str:
    """What of their membership keeps a visitor from waiting for a full ticket; empty where nothing of it does."""
    if seen.entry.account.waiting_list == WaitingList.OFF or own_request(seen.entry)[0]:
        return ""
    verdict = may_wait(seen.facts.situation, asks_of(ticket, 1), now=now)
    told = is_full(seen.facts.situation, ticket.pk) and verdict.reason in OF_MEMBERS
    return explain(verdict, zone=seen.entry.account.zone, address=seen.who.address) if told else ""


def others_allowed(situation: Situation, ticket: Ticket, most: int, *, now: datetime) -> int:
    """How many others a visitor may bring who waits for a ticket, `most` at most."""
    allowed = (
        number for number in range(most, 0, -1) if may_wait(situation, asks_of(ticket, number + 1), now=now).allowed
    )
    return next(allowed, 0)


def _needs_login(seen: EntryContext) -> bool:
    """Whether a guest can wait at this studio only with a login: where free tickets need a confirmed address."""
    return seen.entry.account.confirms_free_bookings and not seen.who.proved
