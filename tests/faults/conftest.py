"""Whatever broke: afterwards the books are right."""

from collections.abc import Generator

import pytest
from django.utils import timezone

from tickets.consistency import check_books


@pytest.fixture(autouse=True)
def _books_are_right(transactional_db: None) -> Generator[None]:
    yield
    assert [str(each) for each in check_books(now=timezone.now())] == []
