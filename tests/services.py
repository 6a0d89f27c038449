"""Real PostgreSQL and Valkey for the tests, and the environment that the settings are read from.

A pytest plugin (`-p tests.services` in pyproject.toml), since pytest-django reads the settings before any conftest. The
servers start once for the whole run, unless DATABASE_URL and REDIS_URL name others, which must be for tests alone. Each
worker of pytest-xdist has a database of its own by pytest-django, and two Redis databases by its number.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from bookwhen.sandbox import services
from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.postgres import THROWAWAY
from tests.again import SAID


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Set the environment before pytest-django looks at it: a wrapper runs before every other hook."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        start()
    # The first pair is for the run that has no workers.
    pair = int(worker.removeprefix("gw")) + 1 if worker else 0
    redis_url = os.environ["REDIS_URL"]
    os.environ["REDIS_URL"] = services.numbered(redis_url, 2 * pair)
    os.environ["CACHE_URL"] = services.numbered(redis_url, 2 * pair + 1)
    return (yield)


def start() -> None:
    """Start the servers and name them in the environment, which the workers inherit."""
    folder = DataFolder(Path(tempfile.mkdtemp(prefix="bookwhen-tests-")))
    running = services.start(folder, lasting=False, settings=THROWAWAY)
    atexit.register(finish, running, folder)
    static_root = folder.path / "static"
    static_root.mkdir()
    said = folder.path / "workers"
    said.mkdir()
    os.environ.update(
        running.environment(),
        SECRET_KEY="for tests alone, which guard nothing with it",
        SITE_URL="http://testserver",
        STATIC_ROOT=str(static_root),
        MEDIA_ROOT=str(folder.path / "media"),
        PROCESS="command",
        **{SAID: str(said)},
        # Playwright keeps an event loop running in the thread that the tests use the database from.
        DJANGO_ALLOW_ASYNC_UNSAFE="true",
    )


def finish(running: services.Services, folder: DataFolder) -> None:
    """Stop the servers and remove their data."""
    running.stop()
    folder.wipe()
    shutil.rmtree(folder.path)
