"""A studio and its worker, to be broken: afterwards every count is as it should be."""

import subprocess
from collections.abc import Generator

import pytest
from django.utils import timezone

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.seller import Seller
from tickets.consistency import check_books


@pytest.fixture(autouse=True)
def _books_balance(transactional_db: None) -> Generator[None]:
    yield
    assert [str(each) for each in check_books(now=timezone.now())] == []


@pytest.fixture
def seller(seller: Seller, stripe_here: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Seller:
    """The seller; the worker that is started next speaks to the sandbox too."""
    monkeypatch.setenv("STRIPE_API_BASE", stripe_here.url)
    return seller


@pytest.fixture
def worker(seller: Seller, request: pytest.FixtureRequest) -> subprocess.Popen[bytes]:
    """A real worker, which begins once the seller is there."""
    found: subprocess.Popen[bytes] = request.getfixturevalue("celery_worker_process")
    return found
