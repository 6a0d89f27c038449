"""One bad row: the others are done, it is set aside, tried again later, and told without a flood."""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from bookwhen.installation.models import Heartbeat, SetAside
from bookwhen.jobs import run as jobs_run
from bookwhen.jobs import stopping
from bookwhen.jobs.run import Run, divide, pause
from tests.factories.schedule import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


class BrokenRowError(Exception):
    pass


class DownError(Exception):
    pass


def refuse(*bad: int) -> "Refusal":
    return Refusal(bad)


class Refusal:
    """Does every item but the bad ones, and remembers which it did."""

    def __init__(self, bad: Sequence[int]) -> None:
        self.bad, self.did = bad, list[int]()

    def __call__(self, item: int) -> None:
        if item in self.bad:
            message = f"sk_live_secret {item}"
            raise BrokenRowError(message)
        self.did.append(item)


def test_what_fails_first_keeps_no_other_waiting() -> None:
    act, run = refuse(1, 2), Run("job", now=NOW)

    run.each([1, 2, 3, 4], act)

    assert (act.did, run.done, run.failed, run.left) == ([3, 4], 2, 2, False)
    kept = SetAside.objects.order_by("item").values_list("job", "item", "failures", "since", "retry_at", "error")
    assert list(kept) == [
        ("job", str(item), 1, NOW, NOW + MINUTE, f"BrokenRowError: sk_live_… {item}") for item in (1, 2)
    ]


def test_it_is_tried_again_when_its_pause_is_over_and_each_pause_is_longer() -> None:
    now, tried = NOW, []
    for minute in range(130):
        now = NOW + minute * MINUTE
        run = Run("job", now=now)
        if 7 not in run.set_aside():
            tried.append(minute)
            run.each([7], refuse(7))
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123]

    run = Run("job", now=now + 2 * MINUTE * 60)
    run.each([7], refuse())

    assert (run.set_aside(), SetAside.objects.count()) == ([], 0)


@given(st.integers(1, 40_000))
def test_a_pause_never_ends_before_and_never_lasts_an_hour_more(failures: int) -> None:
    assert MINUTE <= pause(failures) <= 60 * MINUTE


def test_another_job_does_not_set_it_aside() -> None:
    Run("one", now=NOW).each([7], refuse(7))
    assert (Run("one", now=NOW).set_aside(), Run("other", now=NOW).set_aside()) == ([7], [])


def test_a_clock_that_was_a_day_ahead_sets_nothing_aside_for_a_day() -> None:
    Run("job", now=NOW + timedelta(days=1)).each([7], refuse(7))
    assert Run("job", now=NOW).set_aside() == []


def test_what_nobody_tries_again_is_forgotten() -> None:
    Run("job", now=NOW).each([7], refuse(7))
    assert Run("job", now=NOW + timedelta(days=6)).set_aside() == []
    assert SetAside.objects.count() == 1
    assert Run("job", now=NOW + timedelta(days=8)).set_aside() == []
    assert SetAside.objects.count() == 0


def test_the_first_failure_is_told_in_full_and_each_later_one_in_a_line(caplog: pytest.LogCaptureFixture) -> None:
    for number in range(3):
        Run("job", now=NOW + number * 60 * MINUTE).each([7], refuse(7))

    told = [(each.levelno, each.getMessage(), bool(each.exc_info)) for each in caplog.records]
    assert told == [
        (logging.ERROR, "job failed for 7, which is set aside: BrokenRowError: sk_live_… 7", True),
        (logging.WARNING, _again(2), False),
        (logging.WARNING, _again(3), False),
    ]


def _again(times: int) -> str:
    return f"job fails for 7 for the {times}. time since {NOW:%Y-%m-%d %H:%M} UTC: BrokenRowError: sk_live_… 7"


def test_where_every_row_fails_a_few_tracebacks_are_enough_and_the_run_ends(caplog: pytest.LogCaptureFixture) -> None:
    run = Run("job", now=NOW)

    run.each(range(1, 500), refuse(*range(500)))

    assert (run.failed, run.left) == (jobs_run.MOST_FAILURES, True)
    assert sum(bool(each.exc_info) for each in caplog.records) == jobs_run.TRACEBACKS


def test_an_expected_error_needs_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    Run("job", now=NOW, expected=(BrokenRowError,)).each([7], refuse(7))
    assert [bool(each.exc_info) for each in caplog.records] == [False]


def test_a_run_ends_when_its_time_is_up() -> None:
    act, run = refuse(), Run("job", now=NOW, seconds=0)
    run.each([1, 2], act)
    assert (act.did, run.left) == ([], True)


def test_a_run_ends_after_the_row_in_which_its_worker_was_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_FLAG", bytearray(1))
    act, run = refuse(), Run("job", now=NOW)

    def told_to_stop(item: int) -> None:
        act(item)
        stopping.stop()

    run.each([1, 2], told_to_stop)

    assert (act.did, run.done, run.left) == ([1], 1, True)


def test_a_time_limit_sets_the_row_aside_and_ends_the_run() -> None:
    run = Run("job", now=NOW)

    def too_long(_item: int) -> None:
        raise SoftTimeLimitExceeded

    run.each([1, 2], too_long)

    assert (run.failed, run.left, run.set_aside()) == (1, True, [1])


def test_a_run_ends_when_the_other_side_is_down_but_not_for_one_that_is_refused() -> None:
    tried = []

    def is_down(item: int) -> None:
        tried.append(item)
        if item != 3:
            raise DownError

    run = Run("job", now=NOW, down=(DownError,))
    run.each(range(1, 10), is_down)

    assert (tried, run.done, run.failed, run.left) == ([1, 2, 3, 4, 5, 6], 1, 5, True)


def test_keys_are_read_in_batches_without_those_set_aside() -> None:
    rows = [SetAside.objects.create(job="rows", item=str(n), since=NOW, retry_at=NOW, error="") for n in range(5)]
    Run("job", now=NOW).each([rows[1].pk], refuse(rows[1].pk))

    keys = Run("job", now=NOW).keys(SetAside.objects.filter(job="rows"), batch=2)

    assert list(keys) == [rows[n].pk for n in (0, 2, 3, 4)]


@given(st.integers(1, 60), st.sets(st.integers(0, 59)))
def test_a_batch_is_divided_until_what_fails_stands_alone(size: int, bad: set[int]) -> None:
    done, failed = list[int](), list[int]()

    def act(some: Sequence[int]) -> None:
        if bad & set(some):
            raise BrokenRowError
        done.extend(some)

    assert divide(range(size), act, lambda item, _error: failed.append(item), is_over=lambda: False)

    assert sorted(failed) == sorted(bad & set(range(size)))
    assert sorted(done) == sorted(set(range(size)) - bad)


def test_what_half_a_batch_did_is_undone_before_it_is_divided() -> None:
    run = Run("job", now=NOW)

    def act(items: Sequence[int]) -> int:
        for item in items:
            Heartbeat.objects.create(name=str(item), beaten_at=NOW)
            if item == 3:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")
        return len(items)

    run.divided([1, 2, 3, 4], act)

    assert sorted(Heartbeat.objects.values_list("name", flat=True)) == ["1", "2", "4"]
    assert (run.done, run.failed, run.set_aside()) == (3, 1, [3])


def test_a_generator_is_not_read_further_than_the_run_goes() -> None:
    read = []

    def items() -> Iterator[int]:
        for item in range(1, 4):
            read.append(item)
            yield item

    Run("job", now=NOW, seconds=0).each(items(), refuse())

    assert read == [1]
