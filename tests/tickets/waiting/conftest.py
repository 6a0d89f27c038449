"""A studio whose class is full, and people who wait."""

import pytest

from tests.worlds.waiting_studio import WaitingStudio


@pytest.fixture
def studio() -> WaitingStudio:
    return WaitingStudio()
