"""Events that are taken many at a time: what is done for all of them, and that one which fails stops no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookwhen import queues
from bookwhen.celery import app
from bookwhen.payments import claims, handlers, inbox, tasks
from bookwhen.payments.gateway import StripeDownError, StripeError
from bookwhen.payments.handlers import Handler, Outcome
from bookwhen.payments.models import Connection, StripeEvent
from tests.accounts.queue import empty_queue, take_tasks
from tests.factories.payments import ConnectionFactory, StripeEventFactory
from tests.factories.schedule import NOW

pytestmark = pytest.mark.django_db

SECOND: Final = timedelta(seconds=1)
KIND: Final = "customer.updated"


class KilledError(BaseException):
    """What a worker dies of."""


@dataclass
class Crowd:
    """A handler that looks at many at once, and what it was asked."""

    together: list[list[str]] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    act: Callable[[Sequence[str]], dict[str, Outcome | StripeError]] = lambda asked: dict.fromkeys(asked, Outcome.DONE)
    alone_act: Callable[[str], None] = lambda _subject: None

    def handle(self, _connection: Connection, subject: str, _now: datetime) -> Outcome:
        self.alone.append(subject)
        self.alone_act(subject)
        return Outcome.DONE

    def handle_many(
        self, _connection: Connection, subjects: Sequence[str], _now: datetime
    ) -> dict[str, Outcome | StripeError]:
        self.together.append(list(subjects))
        return self.act(subjects)


@pytest.fixture
def crowd(handled: list[Handler]) -> Crowd:
    made = Crowd()
    handlers.register_handler(
        Handler(frozenset({KIND}), lambda _kind, about: str(about["id"]), made.handle, made.handle_many)
    )
    return made


@pytest.fixture
def stripe() -> Connection:
    return ConnectionFactory.create()


def make(connection: Connection, name: str, **fields: object) -> StripeEvent:
    return StripeEventFactory.create(**{"connection": connection, "type": KIND, "subject": name, **fields})


def states() -> dict[str, str]:
    return dict(StripeEvent.objects.order_by("pk").values_list("subject", "state"))


def test_those_of_a_connection_are_looked_at_together_the_longest_due_first(crowd: Crowd, stripe: Connection) -> None:
    for name, ago in (("c", 1), ("a", 3), ("b", 2)):
        make(stripe, name, due_at=NOW - ago * SECOND)
    make(stripe, "a")  # comes with the first
    other = make(ConnectionFactory.create(), "d")
    assert inbox.process_events(most=20, now=NOW) is True
    assert (crowd.together, crowd.alone) == ([["a", "b", "c"]], ["d"])
    assert states() == dict.fromkeys("abcd", "done")
    other.refresh_from_db()
    assert (other.attempts, other.handled_at) == (1, NOW)
    assert inbox.process_events(most=20, now=NOW) is False


def test_how_many_are_taken_and_who_is_left(crowd: Crowd, stripe: Connection) -> None:
    made = [make(stripe, name, due_at=NOW - ago * SECOND) for name, ago in (("a", 4), ("b", 3), ("c", 2))]
    left: list[int] = []
    inbox.process_events(most=2, now=NOW, on_left=left.append)
    assert (crowd.together, left) == ([["a", "b"]], [made[2].pk])
    inbox.process_events(most=2, now=NOW, on_left=left.append)
    assert (crowd.alone, left) == (["c"], [made[2].pk])


def test_many_cost_what_two_do(crowd: Crowd, stripe: Connection) -> None:
    cost = []
    for count in (2, 2, 12):
        for number in range(count):
            make(stripe, f"s{number}")
        with CaptureQueriesContext(database) as statements:
            inbox.process_events(most=20, now=NOW)
        cost.append(len(statements))
    assert cost == [3, 3, 3]
    assert set(states().values()) == {"done"}


def test_what_is_left_out_is_looked_at_alone(crowd: Crowd, stripe: Connection) -> None:
    crowd.act = lambda asked: {asked[0]: Outcome.DONE, asked[1]: Outcome.IGNORED}
    for name in "abc":
        make(stripe, name)
    inbox.process_events(most=20, now=NOW)
    assert (crowd.together, crowd.alone) == ([["a", "b", "c"]], ["c"])
    assert states() == {"a": "done", "b": "ignored", "c": "done"}


def test_where_looking_together_fails_each_is_looked_at_alone(crowd: Crowd, stripe: Connection) -> None:
    def fail(asked: Sequence[str]) -> dict[str, Outcome | StripeError]:
        raise KeyError(asked[1])

    def fail_alone(subject: str) -> None:
        if subject == "b":
            raise KeyError(subject)

    crowd.act, crowd.alone_act = fail, fail_alone
    for name in "abc":
        make(stripe, name)
    inbox.process_events(most=20, now=NOW)
    assert crowd.alone == ["a", "b", "c"]
    assert states() == {"a": "done", "b": "received", "c": "done"}
    failed = StripeEvent.objects.get(state="received")
    assert (failed.error, failed.attempts) == ("KeyError: 'b'", 1)
    assert failed.due_at > NOW


def test_what_stripe_fails_with_is_noted_and_tried_again_later(crowd: Crowd, stripe: Connection) -> None:
    crowd.act = lambda asked: {asked[0]: StripeDownError("Down."), asked[1]: Outcome.DONE}
    for name in "ab":
        make(stripe, name)
    inbox.process_events(most=20, now=NOW)
    assert (states(), crowd.alone) == ({"a": "received", "b": "done"}, [])
    failed = StripeEvent.objects.get(subject="a")
    assert (failed.error, failed.attempts) == ("Down.", 1)
    assert NOW + 60 * SECOND <= failed.due_at <= NOW + 66 * SECOND


def test_a_worker_that_dies_takes_none_with_it_for_good(crowd: Crowd, stripe: Connection) -> None:
    """All are due again once the lease ends, each alone: the one that kills workers kills no other's try."""

    def die(asked: Sequence[str]) -> dict[str, Outcome | StripeError]:
        raise KilledError(asked)

    def die_alone(subject: str) -> None:
        if subject == "a":
            raise KilledError

    crowd.act, crowd.alone_act = die, die_alone
    for name in "abc":
        make(stripe, name)
    with pytest.raises(KilledError):
        inbox.process_events(most=20, now=NOW)
    assert inbox.process_events(most=20, now=NOW + claims.LEASE - SECOND) is False
    later = NOW + claims.LEASE
    with pytest.raises(KilledError):
        inbox.process_events(most=20, now=later)
    make(stripe, "d", due_at=later)
    assert [inbox.process_events(most=20, now=later) for _ in range(3)] == [True, True, True]
    assert (crowd.together, crowd.alone) == ([["a", "b", "c"]], ["a", "b", "c", "d"])
    assert states() == {"a": "received", "b": "done", "c": "done", "d": "done"}


def test_an_event_that_was_tried_before_is_taken_alone_and_keeps_others_from_nothing(
    crowd: Crowd, stripe: Connection
) -> None:
    make(stripe, "new", due_at=NOW - 2 * SECOND)
    make(stripe, "tried", due_at=NOW - SECOND, attempts=3)
    make(stripe, "newer", due_at=NOW)
    inbox.process_events(most=20, now=NOW)
    assert (crowd.together, crowd.alone) == ([["new", "newer"]], [])
    inbox.process_events(most=20, now=NOW)
    assert crowd.alone == ["tried"]


def test_what_would_begin_too_late_is_given_back_as_it_was(
    crowd: Crowd, stripe: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "BEGIN_WITHIN", timedelta())
    crowd.act = lambda _asked: {}
    for name in "abc":
        make(stripe, name)
    inbox.process_events(most=20, now=NOW)
    assert (crowd.alone, states()) == (["a"], {"a": "done", "b": "received", "c": "received"})
    given_back = StripeEvent.objects.filter(state="received")
    assert {each.attempts for each in given_back} == {0}
    assert max(each.due_at for each in given_back) <= timezone.now()


def test_what_another_worker_took_meanwhile_is_not_given_back(crowd: Crowd, stripe: Connection) -> None:
    make(stripe, "a")
    claimed = claims.claim_events(most=1, now=NOW).claims
    StripeEvent.objects.update(attempts=2, due_at=NOW + 9 * claims.LEASE)
    claims.release(claimed, claimed_at=NOW, now=NOW)
    event = StripeEvent.objects.get()
    assert (event.attempts, event.due_at) == (2, NOW + 9 * claims.LEASE)


def test_a_look_at_many_serves_nothing_that_came_after_it_began(crowd: Crowd, stripe: Connection) -> None:
    came_later: list[StripeEvent] = []

    def look(asked: Sequence[str]) -> dict[str, Outcome | StripeError]:
        came_later.extend(make(stripe, name) for name in asked)
        return dict.fromkeys(asked, Outcome.DONE)

    crowd.act = look
    before = [make(stripe, name) for name in "aab"]
    inbox.process_events(most=20, now=NOW)
    done = StripeEvent.objects.filter(state="done").order_by("pk")
    assert [each.pk for each in done] == [each.pk for each in before]
    assert {each.pk for each in StripeEvent.objects.filter(state="received")} == {each.pk for each in came_later}


def test_a_worker_that_leaves_something_calls_another_unless_enough_are_called(
    crowd: Crowd, stripe: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", lambda _task, pk: called.append(pk))
    empty_queue()
    now = timezone.now()
    first, second, third = (
        make(stripe, name, due_at=now - ago * SECOND).pk for name, ago in (("a", 3), ("b", 2), ("c", 1))
    )
    tasks.process_stripe_event(first)
    assert called == [third]  # the second was taken by this one
    assert (set(states().values()), second in called) == ({"done"}, False)
    StripeEvent.objects.update(state="received", attempts=0, due_at=now)
    for number in range(queues.ENOUGH):
        app.send_task(inbox.TASK, [number])
    tasks.process_stripe_event(first)
    assert called == [third]
    assert len(take_tasks(queues.EVENTS)) == queues.ENOUGH


def test_a_worker_takes_a_part_of_what_waits_so_that_few_are_shared_out_one_by_one(
    crowd: Crowd, stripe: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "enqueue", lambda _task, _pk: None)
    for number in range(130):
        make(stripe, f"s{number}", due_at=timezone.now())
    tasks.process_stripe_event(0)
    sizes = [20, 20, 20, 10, 10, 10, 10, 5, 5, 5, 2, 2, 2, 2]
    assert [len(each) for each in crowd.together] == sizes
    assert len(crowd.alone) == 130 - sum(sizes) == 7
