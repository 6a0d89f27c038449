"""Where an entry's page leads to the waiting list: which of its full tickets this visitor can wait for."""

from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import WaitingList
from offers.eligibility import Reason, Situation
from tickets.annotated import VisitedEntry
from tickets.models import Ticket
from tickets.public.entry.entry_context import EntryContext
from tickets.waiting.requests import asks_of, may_wait

WITH_LOGIN: Final = frozenset({Reason.NOT_LOGGED_IN})
"""What a login may lift: with it, they may be able to wait."""


def own_request(entry: VisitedEntry) -> tuple[UUID | None, str]:
    """By which request (its uuid) the visitor's login waits at an entry, and its state; for who is nobody's, none."""
    return getattr(entry, "own_request", None), getattr(entry, "own_request_state", None) or ""


def is_full(situation: Situation, ticket: int) -> bool:
    """Whether there is no space left by a ticket (id) for anybody."""
    own = situation.tickets[ticket].places_left
    return situation.event.places_left < 1 or (own is not None and own < 1)


def way_to_wait(seen: EntryContext, ticket: Ticket, *, now: datetime) -> str:
    """How a visitor can wait for a full ticket: `join`, `log_in` first, or not at all (empty)."""
    if seen.entry.account.waiting_list == WaitingList.OFF or own_request(seen.entry)[0]:
        return ""
    if not is_full(seen.facts.situation, ticket.pk):
        return ""
    verdict = may_wait(seen.facts.situation, asks_of(ticket, 1), now=now)
    if verdict.allowed:
        return "" if _needs_login(seen) else "join"
    return "log_in" if verdict.reason in WITH_LOGIN else ""


def others_allowed(situation: Situation, ticket: Ticket, most: int, *, now: datetime) -> int:
    """How many others a visitor may bring who waits for a ticket, `most` at most."""
    allowed = (
        number for number in range(most, 0, -1) if may_wait(situation, asks_of(ticket, number + 1), now=now).allowed
    )
    return next(allowed, 0)


def _needs_login(seen: EntryContext) -> bool:
    """Whether a guest can wait at this studio only with a login: where free tickets need a confirmed address."""
    return seen.entry.account.confirms_free_bookings and not seen.who.proved
