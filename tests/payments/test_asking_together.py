"""Calls of one worker that are on their way together: in order, few at a time, and only ever to Stripe."""

from threading import Barrier, Lock
from typing import Any, Final

import pytest
from django.db import connections as databases
from django.db import transaction

from bookwhen.installation import copies
from bookwhen.installation.models import Installation
from bookwhen.payments import transport
from bookwhen.payments.gateway import Gateway, GoneError, KeyRefusedError, QuietError, RateLimitedError
from bookwhen.payments.models import Connection
from bookwhen.payments.transport import AT_ONCE
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.seeing.ids import current_ids, with_ids
from tests.factories.payments import connect_stripe

pytestmark = pytest.mark.django_db
SECONDS: Final = 20
"""A test that waits so long for others has failed."""


class Waiting:
    """How many calls are on their way, and how many were at most."""

    def __init__(self, together: int) -> None:
        self._lock, self._barrier = Lock(), Barrier(together)
        self.now = self.most = 0

    def ask(self, _gateway: Gateway, key: str) -> str:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self._barrier.wait(SECONDS)
        with self._lock:
            self.now -= 1
        return key.upper()


@pytest.fixture
def gateway(stripe_here: Sandbox) -> Gateway:
    return Gateway.of(connect_stripe())


def test_some_are_on_their_way_together_and_no_more(gateway: Gateway) -> None:
    waiting = Waiting(AT_ONCE)
    keys = [f"k{number}" for number in range(3 * AT_ONCE)]
    told = [(key, tell()) for key, tell in gateway.ask_together(waiting.ask, keys)]
    assert told == [(key, key.upper()) for key in keys]
    assert (waiting.most, waiting.now) == (AT_ONCE, 0)


def test_once_nobody_wants_more_no_other_is_asked_and_none_is_on_its_way(gateway: Gateway) -> None:
    asked: list[str] = []

    def ask(_gateway: Gateway, key: str) -> str:
        asked.append(key)
        return key

    for key, tell in gateway.ask_together(ask, map(str, range(100))):
        assert tell() == key == "0"
        break
    assert sorted(asked) == [str(number) for number in range(AT_ONCE)]


def test_what_one_failed_with_is_told_in_its_place(gateway: Gateway) -> None:
    product = gateway.create_product("Gold", metadata={}, key="gold")
    told: list[tuple[str, str]] = []
    for key, tell in gateway.ask_together(
        lambda each, key: each.ask("products.retrieve", key)["name"], ["prod_no", product]
    ):
        try:
            told.append((key, tell()))
        except GoneError as error:
            told.append((key, str(error)))
    assert told == [("prod_no", "No such product: 'prod_no'"), (product, "Gold")]


def test_a_refused_key_is_noted_by_the_thread_that_may_write(stripe_here: Sandbox, gateway: Gateway) -> None:
    made = gateway.connection
    assert isinstance(made, Connection)
    refused = Gateway("sk_live_refused")
    refused.connection = made
    for _key, tell in refused.ask_together(Gateway.subscription, ["sub_1", "sub_2"]):
        with pytest.raises(KeyRefusedError):
            tell()
    made.refresh_from_db()
    assert made.trouble.count("Stripe doesn’t accept your key") == 1


def test_the_threads_beside_speak_to_stripe_only_and_log_whose_work_it_is(gateway: Gateway) -> None:
    def ask(each: Gateway, _key: str) -> tuple[str | None, list[object]]:
        each.ask("products.list", {"limit": 1})
        return current_ids().get("event"), [database.connection for database in databases.all(initialized_only=True)]

    with with_ids(event="evt_1"):
        told = [tell() for _key, tell in gateway.ask_together(ask, ["a", "b"])]
    assert [ids for ids, _databases in told] == ["evt_1", "evt_1"]
    assert [opened for _ids, found in told for opened in found if opened is not None] == []


def test_once_stripe_was_asked_too_much_one_waits_for_the_other(
    stripe_here: Sandbox, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PAUSES", (0.0, 0.0, 0.0))
    limited, waiting = ["first"], Waiting(1)

    def ask(each: Gateway, key: str) -> str:
        def send() -> dict[str, str]:
            if limited:
                limited.pop()
                raise RateLimitedError(key)
            return {"key": waiting.ask(each, key)}

        return str(each._patiently("products.list", send)["key"])  # noqa: SLF001 - what all calls go by

    keys = [f"k{number}" for number in range(2 * AT_ONCE)]
    asked = gateway.ask_together(ask, keys)
    first = [next(asked) for _ in range(AT_ONCE)]
    assert [tell() for _key, tell in first] == [key.upper() for key, _tell in first]
    waiting.most = 0
    assert [tell() for _key, tell in asked] == [key.upper() for key in keys[AT_ONCE:]]
    assert waiting.most == 1


def test_nobody_is_asked_while_a_lock_is_held(gateway: Gateway) -> None:
    with transaction.atomic(), pytest.raises(AssertionError, match="No network call while a lock is held"):
        list(gateway.ask_together(Gateway.subscription, ["sub_1"]))


def test_whether_this_is_a_quiet_copy_is_asked_once_in_a_while(
    gateway: Gateway, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.COPIES_ARE_QUIET = True
    Installation.objects.update(site_url=settings.SITE_URL)
    with django_assert_num_queries(1):
        assert [tell() for _key, tell in gateway.ask_together(lambda _each, key: key, map(str, range(20)))]
    Installation.objects.update(site_url="https://production.example")
    with pytest.raises(QuietError):
        list(gateway.ask_together(lambda _each, key: key, ["a"]))
    copies.forget()
