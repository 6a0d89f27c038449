"""How long a process may keep the database busy, and how it has its statements planned, as the database has it."""

import os
import subprocess
import sys

import pytest

SHOW = """
import django
django.setup()
from django.db import connection
from bookwhen.fastpath.prepared import prepared_cursor
with connection.cursor() as cursor:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SHOW {name}")
        print(*cursor.fetchone())
for number in range(2):
    with prepared_cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE oid = %s::oid", [number])
with connection.cursor() as cursor:
    cursor.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements")
    print(*cursor.fetchall())
connection.close()
"""


def patience(process: str, *, query: str = "", **environment: str) -> str:
    url = os.environ["DATABASE_URL"] + query
    given = {**os.environ, "PROCESS": process, "DATABASE_URL": url, **environment}
    done = subprocess.run([sys.executable, "-c", SHOW], env=given, check=True, capture_output=True, text=True)
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("process", "shown"),
    [
        # It plans a statement once in a connection: from the first time on, and for all values.
        ("web", "15s 1min (2, 0)"),
        ("worker", "15min 5min"),
        ("command", "0 0"),
    ],
)
def test_each_kind_of_process_has_its_patience_and_plans(process: str, shown: str) -> None:
    assert patience(process) == shown


def test_what_the_address_says_wins() -> None:
    assert patience("web", query="?options=-c%20statement_timeout%3D3s") == "3s 1min (2, 0)"


def test_nothing_is_asked_of_pgbouncer_that_it_refuses() -> None:
    assert patience("web", DATABASE_BEHIND_PGBOUNCER="true") == "0 0"
