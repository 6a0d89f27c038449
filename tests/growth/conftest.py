"""The data set of the benchmark, a small edition of it, for all tests of a module."""

from collections.abc import Generator

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from bench.scale import dataset

SCALE = 0.3
"""A studio of 3,000 customers: the largest tables have fifteen times as many rows as a small studio needs blocks."""


@pytest.fixture(scope="module")
def grown(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """Build the data set, in a transaction of which nothing stays.

    Tables of this size PostgreSQL would rather read whole, which tells nothing of large ones: it is asked for indexes,
    and reads whole only where there is none.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        dataset.build(SCALE, now=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        transaction.set_rollback(True)
