"""How long a process may keep the database busy, as the database itself has it."""

import os
import subprocess
import sys

import pytest

SHOW = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SHOW {name}")
        print(*cursor.fetchone())
connection.close()
"""


def patience(process: str, *, query: str = "", **environment: str) -> str:
    url = os.environ["DATABASE_URL"] + query
    given = {**os.environ, "PROCESS": process, "DATABASE_URL": url, **environment}
    done = subprocess.run([sys.executable, "-c", SHOW], env=given, check=True, capture_output=True, text=True)
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(("process", "shown"), [("web", "15s 1min"), ("worker", "15min 5min"), ("command", "0 0")])
def test_each_kind_of_process_has_its_patience(process: str, shown: str) -> None:
    assert patience(process) == shown


def test_what_the_address_says_wins() -> None:
    assert patience("web", query="?options=-c%20statement_timeout%3D3s") == "3s 1min"


def test_nothing_is_asked_of_pgbouncer_that_it_refuses() -> None:
    assert patience("web", DATABASE_BEHIND_PGBOUNCER="true") == "0 0"
