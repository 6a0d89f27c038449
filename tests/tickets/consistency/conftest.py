"""A studio whose books are right, at a standstill."""

from collections.abc import Generator

import pytest
from time_machine import travel

from bookwhen.sandbox.stripe import Sandbox
from tests.factories.schedule import NOW
from tests.worlds.counted_shop import CountedShop
from tests.worlds.counted_studio import CountedStudio


@pytest.fixture(autouse=True)
def _now() -> Generator[None]:
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def studio(db: None) -> CountedStudio:
    return CountedStudio()


@pytest.fixture
def shop(db: None, stripe_here: Sandbox) -> CountedShop:
    return CountedShop(stripe_here)
