"""A studio whose books are right, at a standstill."""

import pytest

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.counted_shop import CountedShop
from tests.worlds.counted_studio import CountedStudio


@pytest.fixture(autouse=True)
def _clock(_at_noon: None) -> None:
    """Let all tests here take place at `NOW`."""


@pytest.fixture
def studio(db: None) -> CountedStudio:
    return CountedStudio()


@pytest.fixture
def shop(db: None, stripe_here: Sandbox) -> CountedShop:
    return CountedShop(stripe_here)
