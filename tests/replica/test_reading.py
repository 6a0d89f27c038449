"""Strangers read public pages from the replica, and nobody else reads anything from it."""

import logging
import threading
import time
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import SchedulePage
from bookwhen.replica import routing, watch
from bookwhen.replica.database import REPLICA
from bookwhen.replica.position import NAME
from bookwhen.replica.routing import alias_to_read
from bookwhen.replica.watch import Watch
from tests.browsing import open_browser
from tests.factories.accounts import UserFactory
from tests.factories.schedule import EntryFactory
from tests.replica.conftest import catch_up
from tests.replica.standby import Standby
from tests.waiting import eventually
from tickets.models import Entry, EntryPlaces, Seat

pytestmark = [
    pytest.mark.usefixtures("standby"),
    pytest.mark.django_db(transaction=True, databases=["default", "replica"]),
]

FEED = "/old/calendar.ics"
PAGES = ("/old/", FEED, "/old/memberships/")


def title(client: Client, path: str = FEED) -> str:
    """Which title the page tells: the old one was read from a replica that stands still."""
    response = client.get(path)
    assert response.status_code == 200
    text = response.content.decode()
    assert ("Old title" in text) != ("New title" in text)
    return "old" if "Old title" in text else "new"


def test_a_stranger_reads_the_replica(behind: Watch) -> None:
    assert [title(Client(), path) for path in PAGES] == ["old", "old", "old"]


def test_nothing_of_such_a_page_is_read_from_the_primary(looking: Watch) -> None:
    for path in PAGES:
        with CaptureQueriesContext(connection) as primary, CaptureQueriesContext(connections[REPLICA]) as replica:
            assert Client().get(path).status_code == 200

        assert (path, primary.captured_queries) == (path, [])
        assert len(replica.captured_queries) >= 1


def test_a_form_of_a_page_is_no_reason_to_ask_the_primary(behind: Watch) -> None:
    client = Client()
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32

    assert title(client) == "old"


def test_whoever_carries_anything_reads_the_primary(behind: Watch) -> None:
    for name in ("basket-1", "booked", settings.SESSION_COOKIE_NAME, "messages", "unknown"):
        client = Client()
        client.cookies[name] = "1"

        assert (name, title(client)) == (name, "new")


def test_whoever_is_logged_in_reads_the_primary(behind: Watch) -> None:
    assert title(open_browser(UserFactory.create())) == "new"


def test_only_pages_that_say_so_read_the_replica(behind: Watch, studio_page: SchedulePage) -> None:
    entry = Entry.objects.get(page=studio_page)

    assert title(Client(), f"/old/entries/{entry.uuid}/") == "new"


def test_who_sent_a_form_sees_what_came_of_it(standby: Standby, behind: Watch) -> None:
    client = Client()
    client.post("/accounts/logout/")
    assert set(client.cookies) == {NAME}
    assert client.cookies[NAME]["max-age"] == 60

    behind.look()
    assert [title(client), title(Client())] == ["new", "old"]

    standby.go_on()
    catch_up(behind)
    with CaptureQueriesContext(connection) as primary:
        assert title(client) == "new"
    assert primary.captured_queries == []


def test_a_position_that_is_none_of_ours_leads_to_the_primary(behind: Watch) -> None:
    for written in ("-1", "-ff", "what", "", "f" * 4000, "0x"):
        client = Client()
        client.cookies[NAME] = written

        assert (written, title(client)) == (written, "new")


def test_places_that_a_replica_still_shows_are_not_sold(behind: Watch, studio_page: SchedulePage) -> None:
    entry = Entry.objects.get(page=studio_page)
    EntryPlaces.objects.filter(entry=entry).update(taken=entry.places.capacity)
    client = Client()
    ticket = entry.series.tickets.get()

    assert ">Full<" not in client.get("/old/").content.decode()
    booked = client.post(
        f"/old/entries/{entry.uuid}/book/?t{ticket.pk}=1",
        {"booker-name": "Ada", "booker-email": "ada@example.org", f"t{ticket.pk}-1-who": "self", "key": "x"},
    )

    assert booked.status_code >= 400
    assert Seat.objects.count() == 0


def test_what_is_new_is_found(behind: Watch) -> None:
    EntryFactory.create(page__slug="brand-new", page__title="New title")

    assert title(Client(), "/brand-new/") == "new"


def test_a_replica_that_is_too_far_behind_is_not_read(
    behind: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    behind.look()
    assert title(Client()) == "old"

    monkeypatch.setattr(watch, "MOST_SECONDS_BEHIND", 0.2)

    def is_left() -> bool:
        behind.look()
        return behind.replayed() is None

    eventually(is_left)
    assert title(Client()) == "new"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "The replica is too far behind: public pages are read from the primary."
    ]


def test_a_replica_that_nobody_looked_after_is_not_read(behind: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "STALE_SECONDS", 0.1)
    time.sleep(0.2)

    assert title(Client()) == "new"


def test_a_standby_that_was_promoted_is_no_replica(looking: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Standby()
    monkeypatch.setitem(connections[REPLICA].settings_dict, "PORT", str(other.port))
    looking.close()
    catch_up(looking)

    other.ask("SELECT pg_promote()")
    looking.look()
    other.remove()

    assert looking.replayed() is None


def test_a_replica_that_dies_costs_nobody_a_page(
    standby: Standby, looking: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watch, "DISTRUST_SECONDS", 0.5)
    client = Client()
    with CaptureQueriesContext(connection) as primary:
        assert title(client) == "old"
    assert primary.captured_queries == []

    standby.kill()
    assert [title(client), title(client)] == ["old", "old"]
    looking.look()
    assert looking.replayed() is None
    assert [record.getMessage()[:35] for record in caplog.records if record.levelno >= logging.WARNING] == [
        "The replica did not answer, so the ",
        "The replica answers nothing: public",
    ]

    standby.start_again()
    catch_up(looking)
    with CaptureQueriesContext(connection) as primary:
        assert title(client) == "old"
    assert primary.captured_queries == []


def test_a_frozen_replica_holds_nobody_up_for_long(
    standby: Standby, looking: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the watch’s own thread looks
    watching = Watch()
    monkeypatch.setattr(routing, "WATCH", watching)
    monkeypatch.setattr(watch, "LONGEST_SECONDS", 0.5)
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.2)
    client = Client()
    eventually(lambda: watching.replayed() is not None, seconds=60)
    assert title(client) == "old"

    standby.freeze()
    try:
        began = time.monotonic()
        found = title(client)
        took = time.monotonic() - began
    finally:
        standby.thaw()
    monkeypatch.setattr(watch, "IDLE_SECONDS", 0.0)
    eventually(lambda: "replica" not in {thread.name for thread in threading.enumerate()})

    assert found == "old"
    assert 0.3 < took < 15


def test_while_the_primary_is_silent_the_replica_goes_on(behind: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    behind.look()
    behind.close()
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")
    behind.look()

    assert title(Client()) == "old"


def reading(act: Callable[[], None]) -> list[str]:
    """Where a request that reads the replica reads: before an act of it, within it, and after."""
    token = routing.READING.set(True)
    try:
        before = alias_to_read()
        act()
        return [before, alias_to_read()]
    finally:
        routing.READING.reset(token)


def test_who_writes_reads_the_primary_from_then_on(looking: Watch, studio_page: SchedulePage) -> None:
    def write() -> None:
        studio_page.save()

    def lock() -> None:
        with transaction.atomic():
            assert list(SchedulePage.objects.select_for_update()) == [studio_page]

    def look_in_a_transaction() -> None:
        with transaction.atomic():
            assert list(SchedulePage.objects.all()) == [studio_page]

    acts = (write, lock, look_in_a_transaction)
    assert [reading(act) for act in acts] == [[REPLICA, "default"]] * 3
    assert reading(lambda: None) == [REPLICA, REPLICA]
    assert alias_to_read() == "default"
