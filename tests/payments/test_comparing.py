"""A comparison with Stripe goes on where it was, no matter who was killed; one worker at a time."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from time_machine import travel

from bookwhen.payments import handlers, tasks
from bookwhen.payments.comparing import LEASE, STALE, NotAllComparedError, compare_for_a_while
from bookwhen.payments.handlers import Comparer, Cursor, Look
from bookwhen.payments.models import Comparison, Connection
from tests.factories.payments import connect_stripe

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

PAGES = 3


class Killed(BaseException):
    """What ends a worker in the middle: nothing catches it."""


class Pages:
    """A comparer of some pages; `during` happens in each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[tuple[int, int]] = []
        self.during: Callable[[Look, int], object] = lambda _look, _page: None
        monkeypatch.setattr(handlers, "_COMPARERS", {"pages": Comparer("pages", self.compare)})

    def compare(self, look: Look, cursor: Cursor) -> Cursor | None:
        page = int(cursor.get("page", 1))
        self.during(look, page)
        self.done.append((look.connection.pk, page))
        return {"page": page + 1} if page < PAGES else None


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    return Pages(monkeypatch)


def read_comparison(connection: Connection) -> tuple[bool, dict[str, object]]:
    found = Comparison.objects.get(connection=connection)
    return found.is_open, found.cursors


def test_it_goes_on_where_a_killed_worker_was_once_its_lease_is_over(
    connection: Connection, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_look: Look, page: int) -> None:
        if page == 2:
            raise Killed

    monkeypatch.setattr(pages, "during", dies)
    with pytest.raises(Killed):
        compare_for_a_while(connection, now=timezone.now())
    assert (pages.done, read_comparison(connection)) == ([(connection.pk, 1)], (True, {"pages": {"page": 2}}))

    monkeypatch.undo()
    again = Pages(monkeypatch)
    assert compare_for_a_while(connection, now=timezone.now()) is False
    assert again.done == []
    with travel(timezone.now() + LEASE + timedelta(seconds=1)):
        assert compare_for_a_while(connection, now=timezone.now()) is False
    assert again.done == [(connection.pk, 2), (connection.pk, 3)]
    assert read_comparison(connection) == (False, {"pages": None})


def test_two_workers_never_compare_one_connection_at_once(connection: Connection, pages: Pages) -> None:
    seen = []

    def another_comes(look: Look, page: int) -> None:
        seen.append((page, compare_for_a_while(look.connection, now=timezone.now())))

    pages.during = another_comes
    compare_for_a_while(connection, now=timezone.now())
    assert seen == [(1, False), (2, False), (3, False)]
    assert pages.done == [(connection.pk, 1), (connection.pk, 2), (connection.pk, 3)]


def test_a_worker_that_was_overtaken_notes_nothing_more(connection: Connection, pages: Pages) -> None:
    def overtaken(look: Look, page: int) -> None:
        if page == 1:
            pages.during = lambda _look, _page: None
            with travel(timezone.now() + LEASE + timedelta(seconds=1)):
                compare_for_a_while(look.connection, now=timezone.now())

    pages.during = overtaken
    assert compare_for_a_while(connection, now=timezone.now()) is False
    assert [page for _connection, page in pages.done] == [1, 2, 3, 1]
    assert read_comparison(connection) == (False, {"pages": None})


def test_each_connection_has_a_while_in_turn(
    connection: Connection, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = connect_stripe()
    monkeypatch.setattr(tasks, "compare_for_a_while", lambda each, *, now: _one_page(each, now=now))
    tasks.reconcile()
    first, second = sorted([connection.pk, other.pk])
    assert pages.done == [(first, 1), (second, 1), (first, 2), (second, 2), (first, 3), (second, 3)]
    assert not Connection.objects.filter(reconciled_at=None).exists()


def _one_page(connection: Connection, *, now: datetime) -> bool:
    """A while that is over after one page."""
    ticks = iter([0.0, 0.0] + [100.0] * 10)
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        context.setattr("bookwhen.payments.comparing.time.monotonic", lambda: next(ticks))
        return compare_for_a_while(connection, now=now)


def test_what_is_asked_for_one_connection_calls_for_another_task_when_its_time_is_up(
    connection: Connection, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, pk: called.append((task, pk)))
    monkeypatch.setattr(tasks, "compare_for_a_while", lambda each, *, now: _one_page(each, now=now))
    monkeypatch.setattr("bookwhen.jobs.run.Run.is_over", property(lambda _run: bool(pages.done)))
    tasks.reconcile(connection.pk)
    assert (pages.done, called) == ([(connection.pk, 1)], [(tasks.RECONCILE, connection.pk)])


def test_a_row_that_failed_is_told_at_the_end_and_the_next_comparison_begins_anew(
    connection: Connection, pages: Pages
) -> None:
    def fails(look: Look, page: int) -> None:
        if page == 1:
            look.failures.append(ValueError("odd"))

    pages.during = fails
    with pytest.raises(NotAllComparedError, match="ValueError: odd"):
        compare_for_a_while(connection, now=timezone.now())
    connection.refresh_from_db()
    assert (connection.reconciled_at, read_comparison(connection)[0]) == (None, False)
    pages.during = lambda _look, _page: None
    compare_for_a_while(connection, now=(now := timezone.now()))
    connection.refresh_from_db()
    assert connection.reconciled_at == now
    assert len(pages.done) == 2 * PAGES


def test_what_began_too_long_ago_begins_anew(connection: Connection, pages: Pages) -> None:
    now = timezone.now()
    Comparison.objects.create(connection=connection, begun_at=now - STALE, free_at=now, cursors={"pages": {"page": 3}})
    compare_for_a_while(connection, now=now)
    assert len(pages.done) == 1
    Comparison.objects.update(is_open=True, begun_at=now - STALE - timedelta(seconds=1), cursors={"pages": {"page": 3}})
    compare_for_a_while(connection, now=now)
    assert [page for _connection, page in pages.done] == [3, 1, 2, 3]
