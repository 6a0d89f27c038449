"""After every race all counts are as they should be, except after the controls, which show what becomes of them."""

from collections.abc import Generator

import pytest
from django.utils import timezone

from tickets.consistency import check_books


@pytest.fixture(autouse=True)
def _books_balance(request: pytest.FixtureRequest, transactional_db: None) -> Generator[None]:
    yield
    if "test_control" not in request.node.name:
        assert [str(each) for each in check_books(now=timezone.now())] == []
