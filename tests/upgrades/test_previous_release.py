"""The release before this one goes on while its successor migrates: its own tests, on this release's schema."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.upgrades import previous

SELLING = (
    "tests/tickets/booking/test_book.py",
    "tests/tickets/booking/test_cancel.py",
    "tests/tickets/booking/test_release.py",
    "tests/tickets/public/test_whole_booking.py",
    "tests/tickets/public/test_basket_checkout.py",
    "tests/tickets/schedule/test_entries.py",
    "tests/groups/test_services.py",
    "tests/memberships/test_sync.py",
    "tests/accounts/test_login.py",
)
"""What customers, operators and Stripe do while an upgrade runs."""


@pytest.fixture
def database(django_db_setup: None) -> Iterator[str]:
    """The address of a database whose test database has this release's schema."""
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name = f"previous_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "test_{name}"')
        given = os.environ | {"DATABASE_URL": f"{server}/test_{name}"}
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=previous.ROOT, env=given, check=True)
        yield f"{server}/{name}"
        connection.execute(f'DROP DATABASE "test_{name}" WITH (FORCE)')


@pytest.mark.skipif(not previous.is_known(), reason=f"The history of this checkout has no {previous.COMMIT[:12]}.")
def test_the_release_before_sells_on_this_schema(database: str, tmp_path: Path) -> None:
    previous.unpack(tmp_path)
    plugin = tmp_path / "cascade.py"
    plugin.write_text((previous.ROOT / "tests/upgrades/cascade.py").read_text())
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "cascade", "-p", "no:cacheprovider", "--reuse-db"]
    done = subprocess.run(
        [*command, "-m", "not live and not journey", *SELLING],
        cwd=tmp_path,
        env=previous.environment(DATABASE_URL=database, PYTHONPATH=str(tmp_path)),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    # None was left out.
    passed = re.search(r"^(\d+) passed in ", done.stdout, re.MULTILINE)
    assert passed, done.stdout[-500:]
    assert int(passed[1]) > 130
