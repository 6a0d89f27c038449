"""What lines of the schedule say to one customer alone: booked, in their basket, or included in what they have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from accounts.models import WaitingList
from offers.eligibility import Reason, Verdict
from tickets.availability.ahead import Ahead
from tickets.public.phrases import left_of_limit
from tickets.public.schedule.listing import EntryLine

BOOKABLE: Final = frozenset({"open", "members"})
"""States of a line in which a member can book."""


@dataclass(frozen=True, slots=True)
class OwnNote:
    """What stands at a line in place of its price, or beside it.

    `state` is booked, offered (a space that came free), basket, waiting, included or empty; `left` says how many
    tickets of their allowance are left for it; `wait`, how they can wait for one that is full (`WayToWait`).
    """

    state: str = ""
    left: str = ""
    wait: str = ""


class WayToWait(StrEnum):
    """How somebody can wait for space at an event, as the schedule says it."""

    JOIN = "join"
    LOGGED_IN = "logged_in"
    """Everybody may who is logged in, and nobody else."""
    MEMBERS = "members"
    NONE = "none"


NOTHING: Final = OwnNote()
OwnNotes = Mapping[int, OwnNote]
"""By entry (id)."""


def own_notes(lines: Iterable[EntryLine], ahead: Ahead | None, *, now: datetime) -> OwnNotes:
    """The notes of a customer at these lines (each entry with `account`); none for anyone else."""
    if ahead is None:
        return {}
    notes = ((line.entry.pk, _note(line, ahead, now)) for line in lines)
    return {entry: note for entry, note in notes if note != NOTHING}


def _note(line: EntryLine, ahead: Ahead, now: datetime) -> OwnNote:
    if state := ahead.states.get(line.entry.pk):
        return OwnNote(state)
    if line.state == "full":
        return _wait(line, ahead, now)
    exclusive = [ticket for ticket in line.on_sale if ticket.exclusive]
    if not exclusive or line.state not in BOOKABLE:
        return NOTHING
    verdicts = ahead.judge(line.entry, exclusive, now=now)
    allowed = [verdict for verdict in verdicts if verdict.allowed]
    if allowed:
        return OwnNote("included", _left(max(allowed, key=_worth)))
    used_up = [verdict for verdict in verdicts if verdict.reason is Reason.LIMIT_REACHED]
    return OwnNote(left=_left(used_up[0])) if used_up else NOTHING


def _wait(line: EntryLine, ahead: Ahead, now: datetime) -> OwnNote:
    """How a customer can wait at a full event; where their allowance is used up, that is what stands in the way."""
    if line.entry.account.waiting_list == WaitingList.OFF or not line.open_now:
        return NOTHING
    verdicts = ahead.judge(line.entry, line.open_now, waits=True, now=now)
    if any(verdict.allowed for verdict in verdicts):
        return OwnNote(wait=WayToWait.JOIN)
    used_up = [verdict for verdict in verdicts if verdict.reason is Reason.LIMIT_REACHED]
    return OwnNote(left=_left(used_up[0]), wait=WayToWait.NONE) if used_up else OwnNote(wait=WayToWait.MEMBERS)


def _worth(verdict: Verdict) -> float:
    return float("inf") if verdict.uses_left is None else verdict.uses_left


def _left(verdict: Verdict) -> str:
    if verdict.uses_left is None or verdict.limit is None:
        return ""
    return left_of_limit(verdict.uses_left + 1 if verdict.allowed else 0, verdict.limit)
