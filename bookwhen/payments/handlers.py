"""Who looks after which Stripe events: apps above register here from their `ready()`."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from bookwhen.payments.models import Connection

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


@dataclass(frozen=True, slots=True)
class Handler:
    """Looks after events of some types.

    `subject` names the object to look at (Stripe's id), or None where the event is not for this handler. `follow`
    makes our state Stripe's as it is now: it fetches the object, so one look serves every event received before it.
    It holds no lock and no transaction while it speaks to Stripe, and is safe to repeat. It is all that looks after a
    subject: what it did serves whatever event named that subject.
    """

    types: frozenset[str]
    subject_of: Callable[[str, Payload], object]
    handle: Callable[[Connection, str, datetime], Outcome]


_HANDLERS: Final[list[Handler]] = []

Reconciler = Callable[[Connection, datetime], None]
_RECONCILERS: Final[list[Reconciler]] = []


def register_handler(handler: Handler) -> None:
    """Let a handler look after its events from now on."""
    if handler not in _HANDLERS:
        _HANDLERS.append(handler)


def register_reconciler(reconciler: Reconciler) -> None:
    """Let this compare everything of a connection with Stripe, every night; it repairs and records what differs."""
    if reconciler not in _RECONCILERS:
        _RECONCILERS.append(reconciler)


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


def reconcile(connection: Connection, *, now: datetime) -> None:
    """Run every registered comparison over a connection; what one raises is raised once all have run."""
    errors = []
    for reconciler in _RECONCILERS:
        try:
            reconciler(connection, now)
        except Exception as error:  # noqa: BLE001 - the others are run, then it is raised
            log.warning("A comparison of connection %s failed: %s", connection.pk, error)
            errors.append(error)
    if errors:
        raise errors[0]
