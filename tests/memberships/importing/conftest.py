"""A studio whose members pay at Stripe already."""

import pytest

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.elsewhere import Elsewhere, open_elsewhere


@pytest.fixture
def studio(stripe_here: Sandbox) -> Elsewhere:
    return open_elsewhere(stripe_here)
