"""The data set of the benchmark, a small edition of it, in a database of its own."""

from collections.abc import Generator
from typing import Final

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from bench.scale import dataset
from bookwhen.sandbox import schema

LEFT_ALONE: Final = """
DO $$ DECLARE name regclass; BEGIN
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', name);
    END LOOP;
END $$
"""
"""Tables that PostgreSQL counts again while a test compares what two of its plans read may change one of them."""
SCALE: Final = 0.3
"""A studio of 3,000 customers: the largest tables have fifteen times as many rows as a small studio needs blocks."""


@pytest.fixture(scope="session")
def grown_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[str]:
    """The name of a database with the data set, vacuumed as a studio's is. Made once for a worker.

    Built in a transaction of which nothing stays, it would not be vacuumed, and an ANALYZE of another session would
    find its tables empty; and as long as that transaction were open, no standby could begin to answer (tests/replica).
    """
    tests_own = connection.settings_dict["NAME"]
    name = f"{tests_own}_growth"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's own test runner does
        cursor.execute(f"CREATE DATABASE {name}")
        # Tables of this size PostgreSQL would rather read whole, which tells nothing of large ones: it is asked for
        # indexes, and reads whole only where there is none.
        cursor.execute(f"ALTER DATABASE {name} SET enable_seqscan = off")
        _connect_to(name)
        try:
            schema.restore()
            call_command("migrate", verbosity=0)
            dataset.build(SCALE, now=timezone.now())
            _run(LEFT_ALONE)
        finally:
            _connect_to(tests_own)
        yield name
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def grown(grown_database: str, django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """All tests of the module are in the database of the data set, each in a transaction of which nothing stays."""
    tests_own = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        _connect_to(grown_database)
        # What the tests of another module rolled back is in its tables still.
        _run("VACUUM (ANALYZE)")
        yield
        _connect_to(tests_own)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _connect_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
