"""A standby, a replica alias that leads to it, and a watch that looks when it is told to."""

import os
import shutil
from collections.abc import Generator

import pytest
from django.db import connections

from accounts.models import SchedulePage
from bookwhen.replica import routing, watch
from bookwhen.replica.database import REPLICA, replica_settings
from bookwhen.replica.position import current_position
from bookwhen.replica.watch import Watch
from bookwhen.sandbox.postgres import binaries
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.replica.standby import Standby
from tests.waiting import eventually


@pytest.fixture(scope="module")
def standby(django_db_setup: None) -> Generator[Standby]:
    """The replica. Made once for a file: what a test did to it, it undoes."""
    able = (binaries() / "pg_basebackup").exists() and shutil.which("pgrep")
    if not able or "127.0.0.1" not in os.environ["DATABASE_URL"]:
        pytest.skip("NO STANDBY: this needs pg_basebackup, pgrep and the tests' own PostgreSQL.")
    made = Standby()
    primary = connections.settings["default"]
    own = {**primary, "PORT": str(made.port), "NAME": connections["default"].settings_dict["NAME"]}
    both = {"default": primary, REPLICA: replica_settings(primary, own)}
    connections.settings[REPLICA] = connections.configure_settings(both)[REPLICA]
    yield made
    del connections.settings[REPLICA]
    made.remove()


@pytest.fixture
def studio_page(transactional_db: None) -> SchedulePage:
    """A studio's page with an entry that anybody may book."""
    entry = EntryFactory.create(page__title="Old title", page__slug="old")
    TicketFactory.create(entry=entry)
    return entry.page


@pytest.fixture
def looking(standby: Standby, studio_page: SchedulePage, monkeypatch: pytest.MonkeyPatch) -> Generator[Watch]:
    """The replica has got all that the test began with. The watch looks only when told to."""
    new = Watch()
    monkeypatch.setattr(Watch, "_start", lambda _self: None)
    monkeypatch.setattr(watch, "STALE_SECONDS", 60.0)  # the machine may be slow
    for module in (watch, routing):
        monkeypatch.setattr(module, "WATCH", new)
    try:
        catch_up(new)
        yield new
    finally:
        # Also where it never caught up: a connection that is left open fails a test that has nothing to do with it.
        new.close()
        connections[REPLICA].close()


@pytest.fixture
def behind(standby: Standby, looking: Watch, studio_page: SchedulePage) -> Generator[Watch]:
    """The replica stands still, and the page's title has changed since."""
    standby.stand_still()
    try:
        SchedulePage.objects.filter(pk=studio_page.pk).update(title="New title")
        yield looking
    finally:
        standby.go_on()


def catch_up(found: Watch) -> None:
    """Wait until the replica has all that the primary has now."""

    def has_all() -> bool:
        found.look()
        has = found.replayed()
        return has is not None and has >= wanted

    wanted = current_position()
    eventually(has_all, seconds=60)
