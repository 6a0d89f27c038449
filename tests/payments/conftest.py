"""Somebody who follows Stripe's customers, so that the inbox has something to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest
import stripe

from bookwhen.payments import handlers
from bookwhen.payments.encryption import decrypt
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.handlers import Handler, Outcome, Payload
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.payments import connect_stripe
from tests.worlds.stripe_shop import open_stripe_client

TYPES = frozenset({"customer.created", "customer.updated", "customer.deleted"})


@dataclass
class Follower:
    """What was looked at, and what the names of the customers were then."""

    looks: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    outcome: Outcome = Outcome.DONE
    before: Callable[[], None] = lambda: None
    """Called before each look; may raise."""

    def follow(self, connection: Connection, subject: str, _now: datetime) -> Outcome:
        self.looks.append(subject)
        self.before()
        if self.outcome is Outcome.DONE:
            self.names[subject] = Gateway.of(connection).customer(subject).name
        return self.outcome


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[Handler]:
    """The registered handlers: none."""
    monkeypatch.setattr(handlers, "_HANDLERS", [])
    return handlers._HANDLERS  # noqa: SLF001 - what is registered for the life of a process


@pytest.fixture
def follower(handled: list[Handler]) -> Follower:
    def subject(kind: str, about: Payload) -> str:
        return str(about["id"])

    follower = Follower()
    handlers.register_handler(Handler(TYPES, subject, follower.follow))
    return follower


@pytest.fixture
def connection(db: None, follower: Follower, stripe_here: Sandbox) -> Connection:
    """A connection whose endpoint is for what the follower looks after."""
    return connect_stripe()


@pytest.fixture
def theirs(follower: Follower, connection: Connection, sandbox: Sandbox) -> stripe.StripeClient:
    """What the operator does at Stripe, with the same key."""
    return open_stripe_client(sandbox, decrypt(connection.encrypted_key))
