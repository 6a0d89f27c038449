"""Stripe for the tests: the sandbox over HTTP, the application pointed at it, and its news taken in."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.utils import timezone

from bookwhen.payments import upkeep
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.payments import connect_stripe, process_due_events

__all__ = ["connection", "process_stripe_events", "running", "sandbox", "stripe_here"]


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Generator[Sandbox]:
    """An empty sandbox, which must have been true to Stripe's document when the test ends."""
    yield running
    platform = running.platform
    with platform.lock:
        platform.worlds.clear()
        platform.restricted.clear()
        platform.domains.clear()
        platform.faults.clear()
        platform.offset, platform.pays_out = 0, False
        platform.after_retries = "cancel"
        # What nobody took is not tried again during another test.
        platform.deliveries.resume([], [])
        found, platform.complaints = platform.complaints, []
    assert found == []


@pytest.fixture
def stripe_here(request: pytest.FixtureRequest, settings: Any, sandbox: Sandbox) -> Sandbox:
    """The application speaks to the sandbox.

    The sandbox calls back by HTTP where the test has Django's live server (or a browser); else its webhooks are dropped
    and `take_in` brings its news.
    """
    settings.STRIPE_API_BASE = sandbox.url
    # What fails is told at once, and what is asked too often is asked again at once.
    patch = request.getfixturevalue("monkeypatch")
    patch.setattr("bookwhen.payments.transport.PAUSES", (0.01, 0.01))
    patch.setattr("bookwhen.payments.transport.LONG_PAUSES", ())
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    directives = {**policy, "form-action": ["'self'", sandbox.url]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    if {"live_server", "base_url"} & set(request.fixturenames):
        settings.SITE_URL = request.getfixturevalue("live_server").url
    else:
        sandbox.arm("drop", times=1_000_000)
    return sandbox


@pytest.fixture
def connection(db: None, stripe_here: Sandbox) -> Connection:
    """A new studio's connection to a Stripe account of its own."""
    return connect_stripe()


@pytest.fixture
def process_stripe_events(stripe_here: Sandbox) -> Callable[[Connection], None]:
    """Take in all that Stripe has to tell: what was not delivered is fetched; then everything due is looked at."""

    def act(connection: Connection) -> None:
        stripe_here.flush()
        connection.refresh_from_db()
        upkeep.catch_up(connection, now=timezone.now())
        process_due_events()

    return act
