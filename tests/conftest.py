"""What every test may ask for: a clean cache, a browser, a real Celery worker."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from time_machine import travel

from bookwhen.celery import app as celery_app
from bookwhen.fastpath import outlines
from bookwhen.fastpath.outlines import Outlines, Shown
from bookwhen.sandbox import chromium
from tests.factories.schedule import NOW
from tests.upgrades import previous
from tests.waiting import eventually

pytest_plugins = ["tests.stripe_fixtures", "tests.worlds.fixtures"]

ROOT = Path(__file__).resolve().parent.parent
BROWSER = chromium.find()

ONCE = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=name="basket" value=")[-\w]+')
"""What is another each time that a page is drawn."""
HOUSE = re.compile(r"[a-z_/]+/[a-z_]+\.html")
"""The name of a template of the house."""

# One process that says nothing to other workers, which are not there: it starts in half the time.
WORKER = ("-P", "solo", "--loglevel=WARNING", "--without-mingle", "--without-gossip", "--without-heartbeat")


def pytest_configure() -> None:
    # The real one is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests are reached at all sorts of addresses; those about copies switch it on.
    settings.COPIES_ARE_QUIET = False
    # Nothing is collected: tests read the files where they are.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # How long an example takes is the machine's affair.
    hypothesis_settings.register_profile("house", deadline=None)
    hypothesis_settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser; without one those are skipped, which `pytest_terminal_summary` says loudly."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("journey")
        if BROWSER is None and item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.skip(reason="There is no Chromium here."))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if BROWSER is None:
        terminalreporter.section("NO BROWSER: THE JOURNEYS WERE SKIPPED", sep="!", red=True, bold=True)
        terminalreporter.line("Nothing that a person does in a browser was tested. Install Chromium")
        terminalreporter.line("(apt-get install chromium) or name one in the environment (CHROMIUM=/path/to/it).")
    if not previous.is_known():
        terminalreporter.section("NO HISTORY: UPGRADES WERE NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(f"Whether the release before ({previous.COMMIT[:12]}) goes on during an upgrade was not")
        terminalreporter.line("tested. Fetch the whole history (git fetch --unshallow).")


@pytest.fixture(autouse=True)
def _outlines_say_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every page that is put together from an outline compared with the same page drawn by its template."""
    render = Outlines.render

    def compared(self: Outlines, shown: Shown) -> str:
        found = render(self, shown)
        assert ONCE.sub("", found) == ONCE.sub("", self.draw(shown))
        return found

    def refused(_message: str, template: str, looked: list[str]) -> None:
        assert not HOUSE.fullmatch(template), (template, looked)

    monkeypatch.setattr(Outlines, "render", compared)
    monkeypatch.setattr(outlines.log, "error", refused)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[None]:
    """End what is still connected when the tests are over, so that the database can be dropped.

    A thread of the live server keeps its connection for as long as a browser or a webhook keeps its own.
    """
    yield
    # A test that lets the server fail may have left this connection dead.
    connection.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Begin with an empty cache: sessions and rate limits of another test must not count."""
    cache.clear()


@pytest.fixture
def _at_noon() -> Generator[None]:
    """The clock stands still at `NOW`."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture(scope="session")
def base_url(live_server: Any) -> str:
    """Let a page go to "/" and mean the live server."""
    return str(live_server.url)


@pytest.fixture(autouse=True)
def _links_lead_to_the_live_server(request: pytest.FixtureRequest) -> None:
    """In a journey the links in e-mails work."""
    if "base_url" in request.fixturenames:
        request.getfixturevalue("settings").SITE_URL = request.getfixturevalue("base_url")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": BROWSER, "args": list(chromium.FLAGS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {"locale": "en-GB", "timezone_id": "Europe/London", **browser_context_args}


@pytest.fixture
def celery_worker_process(transactional_db: None) -> Generator[subprocess.Popen[bytes]]:
    """A real Celery worker on this test's database, which begins with an empty queue and ends before the database does.

    Without it `.delay` goes to the real broker all the same, and nobody works it off.
    """
    celery_app.control.purge()
    url = os.environ["DATABASE_URL"].rpartition("/")[0]
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "bookwhen.celery", "worker", *WORKER],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}", "PROCESS": "worker"},
        process_group=0,
    )
    try:
        eventually(lambda: worker.poll() is not None or bool(celery_app.control.ping(timeout=1, limit=1)))
        assert worker.poll() is None, "The worker ended while starting; its output says why."
        yield worker
    finally:
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            # Celery's clean end hangs once in a great while; what this test found out stands.
            worker.kill()
            worker.wait()
