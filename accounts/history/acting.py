"""Who of the team acts just now: known in one place, so that no service has to be handed it.

Set where somebody comes in: by the dashboard’s access check for the length of a request, and by workers for a batch of
the long job that somebody began. Everywhere else, above all where customers book, nobody acts and nothing is recorded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.models import Operation, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the team, and the instant at which what they do now is done."""

    user: User | None
    at: datetime
    known_as: str = ""
    """What they are called where their login is gone."""

    @property
    def name(self) -> str:
        """What colleagues call them."""
        return (self.user.name or self.user.email) if self.user else self.known_as


_ACTOR: Final[ContextVar[Actor | None]] = ContextVar("actor", default=None)


def current_actor() -> Actor | None:
    """Who acts; None where it is a customer, Stripe or nobody at all."""
    return _ACTOR.get()


@contextmanager
def acting(user: User, *, at: datetime) -> Iterator[None]:
    """Let all that is done within be recorded as this user’s deed."""
    with _set(Actor(user, at)):
        yield


@contextmanager
def acting_for(operation: Operation, *, at: datetime) -> Iterator[None]:
    """The same for a batch of a long job (with `began_by`): as the one who began it."""
    with _set(Actor(operation.began_by, at, operation.who) if operation.who or operation.began_by else None):
        yield


@contextmanager
def told_already() -> Iterator[None]:
    """Record nothing of what is done within: a line of the history tells it as a whole."""
    with _set(None):
        yield


@contextmanager
def _set(actor: Actor | None) -> Iterator[None]:
    token = _ACTOR.set(actor)
    try:
        yield
    finally:
        _ACTOR.reset(token)
