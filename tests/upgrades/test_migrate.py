"""`manage.py migrate` on a table that others use: a small app's migrations on a database of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings

from tests.waiting import eventually

Database = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def url(django_db_setup: None) -> Iterator[str]:
    """An empty database of the test's own."""
    name = f"scratch_{os.getpid()}"
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{server}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def start(url: str, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "SCRATCH_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.upgrades.scratch.settings",
    }
    command = [sys.executable, "-m", "django", "migrate", "--no-color", *arguments]
    return subprocess.Popen(
        command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def migrate(url: str, *arguments: str) -> str:
    process = start(url, *arguments)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return said


def columns(connection: Database) -> set[object]:
    found = connection.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'scratch_thing'")
    return {name for (name,) in found}


def test_a_table_in_use_holds_up_nobody_else_and_is_tried_again(url: str) -> None:
    migrate(url, "scratch", "0001")
    with psycopg.connect(url) as backup, psycopg.connect(url, autocommit=True) as booking:
        backup.execute("SELECT count(*) FROM scratch_thing")
        process = start(url, "--lock-seconds", "0.5", "scratch", "0002")
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'scratch_thing'::regclass"
        eventually(lambda: booking.execute(waiting).fetchone() is not None, seconds=30)
        began = time.monotonic()
        booking.execute("INSERT INTO scratch_thing (name) VALUES ('booked')")
        waited = time.monotonic() - began
        # It has given up, and waits for its next turn.
        assert columns(booking) == {"id", "name"}
        backup.rollback()
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert "the table is in use (try 1 of 120)" in said
        assert columns(booking) == {"id", "name", "size"}
        assert booking.execute("SELECT name, size FROM scratch_thing").fetchall() == [("booked", 0)]
    assert waited < 5  # with Django's own it is as long as the backup takes


def test_a_lock_that_never_comes_ends_with_what_to_do(url: str) -> None:
    migrate(url, "scratch", "0001")
    with psycopg.connect(url) as backup:
        backup.execute("SELECT count(*) FROM scratch_thing")
        process = start(url, "--lock-seconds", "0.1", "--tries", "1", "scratch", "0002")
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    # What is said and what went wrong go two ways, and may come in either order.
    assert (
        "CommandError: A table was in use all the time, by a backup or a long transaction perhaps: see"
        " pg_stat_activity. What was applied stays; run migrate again.\n"
    ) in said


def test_half_an_index_is_made_again(url: str) -> None:
    migrate(url, "scratch", "0002")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE INDEX scratch_thing_name ON scratch_thing (name)")
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'scratch_thing_name'::regclass")
        migrate(url)
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'scratch_thing_name'::regclass"
        assert connection.execute(valid).fetchone() == (True,)


def test_a_whole_index_is_left_as_it_is(url: str) -> None:
    migrate(url, "scratch", "0002")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE INDEX scratch_thing_name ON scratch_thing (name)")
        number = "SELECT 'scratch_thing_name'::regclass::oid"
        before = connection.execute(number).fetchone()
        migrate(url)
        assert connection.execute(number).fetchone() == before


def test_two_at_once_take_turns(url: str) -> None:
    both = [start(url), start(url)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted("No migrations to apply" in each for each in said) == [False, True]
