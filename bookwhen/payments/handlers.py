"""Who looks after which Stripe events: apps above register here from their `ready()`."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from math import inf
from typing import Any, Final

from bookwhen.jobs.run import Run
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_errors import StripeDownError, StripeError

log = logging.getLogger(__name__)

SUBJECT: Final = re.compile(r"\w{1,255}", re.ASCII)
"""Ids at Stripe: they go into addresses there."""

Payload = Mapping[str, Any]
"""The object that an event tells of (`event.data.object`), as Stripe sent it."""


class Outcome(Enum):
    """What came of looking at a subject."""

    DONE = auto()
    IGNORED = auto()
    """It is not ours: made by somebody else on the same Stripe account."""


class NotYetError(Exception):
    """It is ours by what it bears, but we do not know it (yet): to be tried again later. Its text says what."""


HandleMany = Callable[[Connection, Sequence[str], datetime], Mapping[str, Outcome | StripeError]]


@dataclass(frozen=True, slots=True)
class Handler:
    """Looks after events of some types.

    `subject` names the object to look at (Stripe's id), or None where the event is not for this handler. `follow`
    makes our state Stripe's as it is now: it fetches the object, so one look serves every event received before it.
    It holds no lock and no transaction while it speaks to Stripe, and is safe to repeat. It is all that looks after a
    subject: what it did serves whatever event named that subject.

    `handle_many`, if it has that, does the same for several subjects of a connection in fewer statements, and says what
    came of which. It may leave any of them to `handle`; where it raises, all are.
    """

    types: frozenset[str]
    subject_of: Callable[[str, Payload], object]
    handle: Callable[[Connection, str, datetime], Outcome]
    handle_many: HandleMany | None = None


_HANDLERS: Final[list[Handler]] = []


Cursor = Mapping[str, Any]
"""Where comparing goes on: what JSON can hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """A while in which things are compared with Stripe: over which connection, in which comparison, and for how long.

    `begun_at` is the comparison's own instant, the same in each of its looks. `failures` are those of single rows.
    """

    connection: Connection
    begun_at: datetime
    now: datetime
    is_over: Callable[[], bool]
    failures: list[Exception] = field(default_factory=list)

    def run(self, job: str, *, expected: tuple[type[Exception], ...]) -> Run:
        """What rows are worked off with: one that fails is set aside by this job, and stops no other."""
        return Run(job, now=self.now, seconds=inf, expected=expected, down=(StripeDownError,))

    def conclude(self, run: Run) -> None:
        """Note what failed; where Stripe is down, raise that: then it goes on there once Stripe is up again."""
        if run.first_error:
            self.failures.append(run.first_error)
            if run.left:
                raise run.first_error


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares some things of a connection with Stripe, repairs what differs, and records it.

    `compare` does a part that takes seconds (a page of Stripe's list) from a cursor on, none at first, and says where
    the next part begins, or None once all is compared. It is safe to repeat, and ends early where the look is over.
    """

    name: str
    compare: Callable[[Look, Cursor], Cursor | None]


_COMPARERS: Final[dict[str, Comparer]] = {}


def register_handler(handler: Handler) -> None:
    """Let a handler look after its events from now on."""
    if handler not in _HANDLERS:
        _HANDLERS.append(handler)


def register_comparer(comparer: Comparer) -> None:
    """Let this compare its things of a connection with Stripe, every night."""
    _COMPARERS[comparer.name] = comparer


def comparers() -> list[Comparer]:
    """Every registered one, in the order in which they were registered."""
    return list(_COMPARERS.values())


def wanted_types() -> list[str]:
    """Every event type that somebody looks after, sorted: what an endpoint is made for."""
    return sorted({each for handler in _HANDLERS for each in handler.types})


def find_handler(kind: str, payload: Payload) -> tuple[Handler, str] | None:
    """The handler of an event type and payload, with the subject to look at; None where nobody looks after it.

    Raises ValueError for a subject that can be no id of Stripe's, and whatever reading a strange payload does.
    """
    for handler in _HANDLERS:
        if kind in handler.types and (subject := handler.subject_of(kind, payload)):
            if not (isinstance(subject, str) and SUBJECT.fullmatch(subject)):
                message = f"{subject!r:.60} is no id of an object at Stripe."
                raise ValueError(message)
            return handler, subject
    return None
