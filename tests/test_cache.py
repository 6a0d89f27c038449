"""A cache that is gone is an empty one: nobody waits for it, and it is not believed when it is back."""

import logging
import os
import time
from collections.abc import Generator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.cache import caches
from pytest_django import Settings
from redis import Redis, RedisError

from bookwhen import circuit
from bookwhen.cache import Cache, clear_cache
from bookwhen.circuit import Circuit
from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.valkey import Valkey
from tests.faults.wire import Break, Wire

QUICK = 0.05


@pytest.fixture
def wire() -> Generator[Wire]:
    parts = urlsplit(os.environ["CACHE_URL"])
    wire = Wire(parts.hostname or "", parts.port or 0)
    yield wire
    wire.close()


@pytest.fixture
def cache(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setattr(circuit, "PAUSE", QUICK)
    parts = urlsplit(os.environ["CACHE_URL"])
    url = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{wire.port}").geturl()
    options = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
    return Cache(url, {"OPTIONS": options, "KEY_PREFIX": uuid4().hex})


def test_it_keeps_what_it_is_given(cache: Cache) -> None:
    cache.set("a", {"b": 1})
    cache.set_many({"c": 2, "d": 3})
    assert (cache.get("a"), cache.get_many(["c", "d", "e"])) == ({"b": 1}, {"c": 2, "d": 3})
    assert (cache.add("a", 1), cache.add("f", 1), cache.incr("f", 2)) == (False, True, 3)
    assert (cache.has_key("a"), cache.touch("a", 60), cache.delete("a"), cache.get("a", "none")) == (
        True,
        True,
        True,
        "none",
    )


def test_who_clears_it_is_told_that_it_is_away(settings: Settings) -> None:
    """As `manage.py restore` does: sessions of the database before may be in it."""
    assert clear_cache()

    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert not clear_cache()


@pytest.mark.parametrize("how", Break)
def test_while_it_is_gone_it_is_empty_and_nobody_waits(cache: Cache, wire: Wire, how: Break) -> None:
    cache.set("a", 1)
    wire.break_(how)

    began = time.monotonic()
    assert cache.get("a", "none") == "none"
    assert time.monotonic() - began < 1
    assert (cache.add("a", 2), cache.get_many(["a"]), cache.has_key("a")) == (True, {}, False)
    assert (cache.touch("a"), cache.delete("a")) == (False, False)
    cache.set("a", 3)
    cache.set_many({"a": 3})
    cache.delete_many(["a"])
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


def test_what_could_not_be_written_is_not_read_when_it_is_back(cache: Cache, wire: Wire) -> None:
    """A session from which somebody logged out meanwhile would be one again."""
    cache.set_many({"ended": 1, "changed": 1, "added": 1, "left": 1})
    wire.break_(Break.REFUSES)
    cache.delete("ended")
    cache.set("changed", 2)
    cache.delete_many(["added"])
    wire.mend()
    time.sleep(2 * QUICK)

    assert cache.get_many(["ended", "changed", "added", "left"]) == {"left": 1}


def test_what_must_be_forgotten_is_so_even_if_it_breaks_again(cache: Cache, wire: Wire) -> None:
    cache.set("ended", 1)
    wire.break_(Break.REFUSES)
    cache.delete("ended")
    time.sleep(2 * QUICK)
    assert cache.get("ended") is None  # asked again, in vain
    wire.mend()
    time.sleep(2 * QUICK)

    assert cache.get("ended") is None


def test_a_server_that_is_full_is_as_good_as_gone(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("valkey"))
    valkey = Valkey(folder, lasting=False)
    process = valkey.start()
    try:
        full = Cache(valkey.url, {})
        full.set("a", 1)
        with Redis.from_url(valkey.url) as client:
            client.config_set("maxmemory", 1)
            with pytest.raises(RedisError):
                client.set("b", 1)
        full.set("a", 2)
        assert full.get("a") is None
    finally:
        process.stop()
        folder.wipe()


def test_a_password_may_have_a_comma() -> None:
    assert vars(Cache("redis://:a,b;c@127.0.0.1/0", {}))["_servers"] == ["redis://:a,b;c@127.0.0.1/0"]


def test_the_sites_cache_is_such_a_one() -> None:
    assert isinstance(caches["default"], Cache)


def test_one_asks_again_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    now = [100.0]
    monkeypatch.setattr(circuit, "monotonic", lambda: now[0])
    broker, asked = Circuit("The broker", OSError), []

    def fail() -> str:
        asked.append(now[0])
        # Meanwhile somebody else asks, too.
        assert broker.ask(lambda: "meanwhile", "nothing") == ("nothing" if len(asked) > 1 else "meanwhile")
        raise ConnectionRefusedError

    with caplog.at_level(logging.WARNING):
        for seconds in (0, 1, 4, 5.5, 6, 11):
            now[0] = 100.0 + seconds
            assert broker.ask(fail, "nothing") == "nothing"
    assert asked == [100.0, 105.5, 111.0]
    assert len(caplog.records) == 3
    now[0] = 117.0
    assert [broker.ask(lambda: "yes", "no") for _twice in range(2)] == ["yes", "yes"]


def test_what_is_no_outage_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        Circuit("The broker", OSError).ask(lambda: 1 // 0, 0)
