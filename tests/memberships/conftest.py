"""A studio that sells a membership through the sandbox."""

import pytest

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.seller import Seller, open_shop


@pytest.fixture
def seller(db: None, stripe_here: Sandbox) -> Seller:
    return open_shop(stripe_here)
