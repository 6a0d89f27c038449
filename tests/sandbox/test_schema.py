"""The schema that a fresh demo begins with: it is what the migrations make, and is left alone where it is not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings

from bookwhen.sandbox import schema
from bookwhen.sandbox.postgres import binaries

ANEW = "Migrations were added or changed since; run .venv/bin/python -m bookwhen.sandbox.schema"
FITS = "from bookwhen.sandbox import schema; print(schema.restore())"
TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"


@contextmanager
def database(name: str) -> Iterator[str]:
    """An empty database of the test's own: other tests change tables of the one that all use."""
    name = f"{name}_{os.getpid()}"
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as there:
        there.execute(f'CREATE DATABASE "{name}"')
        yield f"{server}/{name}"
        there.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def url(django_db_setup: None) -> Iterator[str]:
    with database("schema") as url:
        yield url


def python(url: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "bookwhen.settings"},
        cwd=settings.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def restore(url: str) -> str:
    return python(url, "-c", f"import django; django.setup(); {FITS}").strip()


def dump(url: str) -> str:
    """The tables of a database, with all that belongs to them."""
    command = [str(binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges", url]
    return schema.NOT_SQL.sub("", subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def tables(url: str) -> object:
    with psycopg.connect(url) as there:
        found = there.execute(TABLES).fetchone()
    return found and found[0]


def test_it_is_what_the_migrations_make(url: str) -> None:
    assert schema.is_fresh(), ANEW
    assert restore(url) == "True"
    assert "No migrations to apply." in python(url, "manage.py", "migrate")
    with database("migrated") as migrated:
        python(migrated, "manage.py", "migrate", "--verbosity", "0")
        assert schema.FILE.read_text().split("\n", 1)[1] == dump(migrated)


@pytest.mark.django_db
def test_it_is_used_where_every_migration_in_it_is_what_it_was() -> None:
    made_with = json.loads(schema.FILE.read_text().split("\n", 1)[0].removeprefix("--"))
    (name, its), *earlier = reversed(made_with["made_from"].items())

    assert schema.fits(made_with)
    assert schema.fits(made_with | {"made_from": dict(earlier)})
    assert not schema.fits(made_with | {"made_from": {name: f"not {its}"}})
    assert not schema.fits(made_with | {"made_from": {"accounts.9999_gone": its}})
    assert not schema.fits(made_with | {"server": 9})


def test_a_database_that_holds_something_is_left_alone(url: str) -> None:
    with psycopg.connect(url) as there:
        there.execute("CREATE TABLE theirs (id int)")

    assert restore(url) == "False"
    assert tables(url) == 1
