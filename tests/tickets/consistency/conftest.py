"""A studio whose books are right, at a standstill."""

from collections.abc import Generator

import pytest
from time_machine import travel

from bookwhen.sandbox.stripe import Sandbox
from tests.factories.schedule import NOW
from tests.tickets.consistency.shop import Shop
from tests.tickets.consistency.studio import Studio


@pytest.fixture(autouse=True)
def _now() -> Generator[None]:
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def studio(db: None) -> Studio:
    return Studio()


@pytest.fixture
def shop(db: None, stripe_here: Sandbox) -> Shop:
    return Shop(stripe_here)
