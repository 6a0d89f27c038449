"""The studios that sell, as fixtures for every test."""

import pytest

from bookwhen.sandbox.stripe import Sandbox
from tests.plans import empty
from tests.worlds.seller import Seller, open_seller
from tests.worlds.till import Till

__all__ = ["new_files", "seller", "till"]


@pytest.fixture
def seller(db: None, stripe_here: Sandbox) -> Seller:
    """A studio that sells the membership Gold through the sandbox."""
    return open_seller(stripe_here)


@pytest.fixture
def till(seller: Seller) -> Till:
    """The same studio, which sells tickets too."""
    return Till(seller)


@pytest.fixture
def new_files(db: None) -> None:
    """Have every table in a new file, for tests that count blocks: what others rolled back is still in the old ones."""
    empty("accounts_account", "accounts_user")
