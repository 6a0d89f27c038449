"""The demo studio at `NOW`, loaded once for this package, and the Stripe sandbox that it sold through."""

import pickle
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account
from bookwhen.payments.models import Connection
from bookwhen.sandbox.demo import subscribers
from bookwhen.sandbox.demo.loading import load
from bookwhen.sandbox.stripe import Sandbox, keeping
from tests.factories.schedule import NOW

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests together, though pytest-randomly shuffles modules: the demo takes ten seconds to load."""
    mine = [item for item in items if item.path.parent == FOLDER]
    if mine:
        before = items[: items.index(mine[0])]
        items[:] = [*before, *mine, *(item for item in items[len(before) :] if item.path.parent != FOLDER)]


@pytest.fixture(scope="package")
def started() -> Generator[Sandbox]:
    """A sandbox in which it is NOW."""
    with Sandbox.start() as sandbox, override_settings(STRIPE_API_BASE=sandbox.url):
        sandbox.platform.offset = int(NOW.timestamp() - time.time())
        sandbox.arm("drop", times=1_000_000)
        yield sandbox
        assert sandbox.complaints == []


@pytest.fixture(scope="package", autouse=True)
def _studio(django_db_setup: None, django_db_blocker: DjangoDbBlocker, started: Sandbox) -> Generator[None]:
    """Load the demo once for this package: it is a whole season, and months at Stripe."""
    of_the_tests: Any = transaction.atomic()
    # As Django's own: nobody else waits for what these tests hold while Stripe answers.
    of_the_tests._from_testcase = True  # noqa: SLF001 - only by this name
    with django_db_blocker.unblock(), of_the_tests:
        load(now=NOW)
        assert subscribers.load(now=NOW) == ""
        yield
        transaction.set_rollback(True)


@pytest.fixture
def sandbox(started: Sandbox) -> Generator[Sandbox]:
    """The demo's sandbox, which is afterwards as it was before."""
    with started.platform.lock:
        kept = pickle.dumps(keeping.state(started.platform))
    yield started
    with started.platform.lock:
        keeping.resume(started.platform, pickle.loads(kept))  # noqa: S301 - our own, of a moment ago


@pytest.fixture
def account() -> Account:
    return Account.objects.with_connection().get(slug="demo")


@pytest.fixture
def connection(account: Account) -> Connection:
    assert account.connection is not None
    return account.connection
