"""`dev.py run` as a person meets it: to READY, refused, stopped, killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
import psycopg

from bookwhen.sandbox.first_start import AGAIN, DONE, TOLD
from bookwhen.sandbox.ports import free_port
from tests.waiting import eventually

STILL = "This demo is still being filled in."
ROOT = Path(__file__).resolve().parent.parent
OURS = {
    "DATABASE_URL",
    "REDIS_URL",
    "CACHE_URL",
    "SECRET_KEY",
    "SITE_URL",
    "STATIC_ROOT",
    "MEDIA_ROOT",
    "STRIPE_API_BASE",
    "PROCESS",
}
# As on a person's machine: without what the test run set for itself.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OURS}


def command(port: int, folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "bookwhen.sandbox", "run", "--port", str(port), "--data-dir", str(folder), *more]


@contextmanager
def running(port: int, folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A run that has said READY, and what it said before; it is killed at the end if it still runs."""
    process = subprocess.Popen(command(port, folder), cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        lines = list(takewhile(lambda line: not line.startswith("READY"), process.stdout))
        assert process.poll() is None, "".join(lines)
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def refused(port: int, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        command(port, folder), cwd=ROOT, env=ENVIRONMENT, check=False, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stderr.strip()


def database(folder: Path) -> str:
    """The address that the run wrote down for `dev.py manage`."""
    return str(json.loads((folder / "environment.json").read_text())["DATABASE_URL"])


def stripe_api(folder: Path) -> str:
    return str(json.loads((folder / "environment.json").read_text())["STRIPE_API_BASE"])


def ask_stripe(folder: Path, method: str) -> dict[str, Any]:
    """Make or list customers at the Stripe sandbox of the run."""
    key = {"Authorization": "Bearer sk_test_house"}
    request = Request(f"{stripe_api(folder)}/v1/customers", method=method, headers=key)  # noqa: S310 - our own address
    with urlopen(request) as response:  # noqa: S310 - our own address
        answer: dict[str, Any] = json.load(response)
    return answer


def move_stripe_on(folder: Path) -> None:
    """Press *Move on by a period* in the sandbox's panel."""
    with urlopen(f"{stripe_api(folder)}/_sandbox/advance", b"by=period") as response:  # noqa: S310 - our own address
        assert response.status == 200


def count_of(folder: Path, what: str) -> int:
    with psycopg.connect(database(folder)) as connection:
        found = connection.execute(f"SELECT count(*) FROM memberships_{what}").fetchone()  # noqa: S608 - our own words
    assert found is not None
    return int(found[0])


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return children


def the_worker(process: subprocess.Popen[str]) -> psutil.Process | None:
    """The worker that the supervisor itself started, none of that worker's own children."""
    started = (child for child in psutil.Process(process.pid).children() if "worker" in child.cmdline())
    return next(started, None)


def page(port: int, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{port}{path}") as response:
        return str(response.read().decode())


def kill(process: subprocess.Popen[str]) -> None:
    children = descendants(process)
    process.kill()
    eventually(lambda: not [child for child in children if child.is_running()])


def renews(folder: Path) -> None:
    """What Stripe bills later arrives."""
    paid = count_of(folder, "invoice WHERE status = 'paid'")
    move_stripe_on(folder)
    eventually(lambda: count_of(folder, "invoice WHERE status = 'paid'") > paid)


def mends_its_worker(process: subprocess.Popen[str]) -> None:
    worker = the_worker(process)
    assert worker is not None
    assert process.stdout is not None
    worker.kill()
    assert process.stdout.readline() == "worker ended (exit -9); it starts again in 1 s.\n"
    eventually(lambda: the_worker(process) not in {None, worker})


def test_the_life_of_a_run(tmp_path: Path) -> None:
    """One test, since each start costs seconds: killed too early, it begins anew; it serves, is killed, is stopped."""
    folder, port = tmp_path / "data", free_port()
    with running(port, folder) as (process, said):
        assert f"{TOLD}\n" in "".join(said)
        assert f"{AGAIN}\n" not in said
        assert "Saturday Vinyasa" in page(port, "/demo/")
        assert STILL in page(port, "/outbox/")
        assert (count_of(folder, "subscription"), the_worker(process)) == (0, None)
        kill(process)

    with running(port, folder) as (process, said):
        assert said[0] == f"{AGAIN}\n"
        assert process.stdout is not None
        assert process.stdout.readline() == f"{DONE}\n"
        assert STILL not in page(port, "/outbox/")
        assert count_of(folder, "subscription") == 15
        assert json.loads(page(port, "/health/ready/")) == {
            "database": True,
            "redis": True,
            "clock": True,
            "jobs_late_since": None,
        }
        with psycopg.connect(database(folder)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        customer = ask_stripe(folder, "POST")["id"]
        stripe_before = stripe_api(folder)
        renews(folder)
        holder = f"http://127.0.0.1:{port}/ (process {process.pid})"
        advice = "Stop that one first, or choose another folder with --data-dir."
        assert refused(free_port(), folder) == (2, f"{folder} is in use by {holder}. {advice}")
        assert refused(port, tmp_path / "other") == (2, f"Port {port} is in use. Choose another with --port.")
        mends_its_worker(process)
        kill(process)

    with running(port, folder) as (process, said):
        assert f"{TOLD}\n" not in "".join(said)
        with psycopg.connect(database(folder)) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
        assert [each["id"] for each in ask_stripe(folder, "GET")["data"]] == [customer]
        assert stripe_api(folder) == stripe_before
        assert count_of(folder, "subscription") == 15
        children = descendants(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert [child for child in children if child.is_running()] == []
