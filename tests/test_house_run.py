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
from urllib.request import urlopen

import psutil
import psycopg
import pytest

from bookwhen.sandbox.ports import free_port
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent
OURS = {"DATABASE_URL", "REDIS_URL", "CACHE_URL", "SECRET_KEY", "SITE_URL", "STATIC_ROOT", "PROCESS"}
# As on a person's machine: without what the test run set for itself.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OURS}


def command(port: int, folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "bookwhen.sandbox", "run", "--port", str(port), "--data-dir", str(folder), *more]


@contextmanager
def running(port: int, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that has said READY; it is killed at the end if it still runs."""
    process = subprocess.Popen(command(port, folder), cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        lines = list(takewhile(lambda line: not line.startswith("READY"), process.stdout))
        assert process.poll() is None, "".join(lines)
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def refused(port: int, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        command(port, folder), cwd=ROOT, env=ENVIRONMENT, check=False, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stderr.strip()


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return children


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_run_serves_alone_mends_itself_and_stops(folder: Path, tmp_path: Path) -> None:
    port = free_port()
    with running(port, folder) as process:
        with urlopen(f"http://127.0.0.1:{port}/health/ready/") as response:
            assert json.load(response) == {"database": True, "redis": True}
        holder = f"http://127.0.0.1:{port}/ (process {process.pid})"
        advice = "Stop that one first, or choose another folder with --data-dir."
        assert refused(free_port(), folder) == (2, f"{folder} is in use by {holder}. {advice}")
        assert refused(port, tmp_path / "other") == (2, f"Port {port} is in use. Choose another with --port.")

        children = descendants(process)
        worker = next(child for child in children if child.ppid() == process.pid and "worker" in child.cmdline())
        worker.kill()
        assert process.stdout is not None
        assert process.stdout.readline() == "worker ended (exit -9); it starts again in 1 s.\n"
        eventually(
            lambda: any(
                child.pid != worker.pid and child.ppid() == process.pid and "worker" in child.cmdline()
                for child in descendants(process)
            )
        )

        children = descendants(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert [child for child in children if child.is_running()] == []


def test_a_killed_run_leaves_nothing_but_its_data(folder: Path) -> None:
    port = free_port()
    with running(port, folder) as process:
        address = json.loads((folder / "environment.json").read_text())["DATABASE_URL"]
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        children = descendants(process)
        process.kill()
    eventually(lambda: not [child for child in children if child.is_running()])

    with running(port, folder) as process:
        address = json.loads((folder / "environment.json").read_text())["DATABASE_URL"]
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
