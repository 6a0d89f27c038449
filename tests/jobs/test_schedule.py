"""When jobs are started: once each, whatever clocks, workers and servers do; and what is noted of their runs."""

import logging
from collections.abc import Generator
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import DataError
from time_machine import travel

from bookwhen.celery import app
from bookwhen.installation.models import Heartbeat
from bookwhen.installation.tasks import start_due_jobs as call
from bookwhen.jobs import schedule
from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import HOUR, MINUTE, Every, Job, Nightly, carry_out, late_since, start_due_jobs
from tests.accounts.queue import empty_queue, take_tasks

pytestmark = pytest.mark.django_db

# As a worker does when it starts.
app.loader.import_default_modules()

NOON = datetime(2030, 1, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SWEEP, CLOSING, NIGHT = "sweep", "closing", "night"


@pytest.fixture(autouse=True)
def jobs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three jobs, unless a test wants the real ones."""
    if "real_jobs" not in request.fixturenames:
        mine = {
            SWEEP: Job(SWEEP, Every(MINUTE)),
            CLOSING: Job(CLOSING, Every(HOUR)),
            NIGHT: Job(NIGHT, Nightly(time(3, 17))),
        }
        monkeypatch.setattr(schedule, "JOBS", mine)


@pytest.fixture
def real_jobs() -> Generator[None]:
    empty_queue()
    yield
    empty_queue()


class World:
    """Beat calls every minute; each job that is started ends at once, well or not."""

    def __init__(self) -> None:
        self.now, self.started = NOON, list[str]()
        self.fails = set[str]()

    def beat(self, *, clock: datetime | None = None) -> list[str]:
        now = clock or self.now
        sent: list[str] = []
        with travel(now, tick=False):
            start_due_jobs(sent.append, now=now)
            for name in sent:
                carry_out(Run(name, now=now), lambda name=name: self.work(name), recorded=True)  # type: ignore[misc]
        self.started += sent
        return sent

    def work(self, name: str) -> None:
        if name in self.fails:
            raise DataError(name)

    def run(self, beats: int, *, apart: timedelta = HOUR) -> dict[str, int]:
        self.started = []
        for _beat in range(beats):
            self.beat()
            self.now += apart
        return {name: self.started.count(name) for name in (SWEEP, CLOSING, NIGHT)}


def test_every_job_at_its_interval_and_once_a_night() -> None:
    world = World()
    world.run(24)
    assert world.run(24 * 3) == {SWEEP: 24 * 3, CLOSING: 24 * 3, NIGHT: 3}
    assert world.run(61, apart=MINUTE) == {SWEEP: 61, CLOSING: 2, NIGHT: 0}


def test_a_nightly_job_runs_at_its_time() -> None:
    world = World()
    world.run(15)
    world.now = datetime(2030, 1, 16, 3, 16, tzinfo=UTC)
    assert NIGHT not in world.beat()
    world.now += MINUTE
    assert NIGHT in world.beat()


def test_a_machine_that_slept_for_days_makes_up_for_the_night_once() -> None:
    world = World()
    world.run(2)
    world.now += 5 * DAY
    assert world.run(10, apart=MINUTE) == {SWEEP: 10, CLOSING: 1, NIGHT: 1}


def test_a_new_site_looks_at_its_books_after_an_hour() -> None:
    world = World()
    assert NIGHT not in world.beat()
    world.now += timedelta(minutes=59)
    assert NIGHT not in world.beat()
    world.now += MINUTE
    assert NIGHT in world.beat()


def test_a_night_that_failed_is_tried_each_hour_until_it_works() -> None:
    world = World()
    world.run(2)
    world.now, world.fails = datetime(2030, 1, 16, 3, 17, tzinfo=UTC), {NIGHT}
    assert world.run(10, apart=HOUR / 2)[NIGHT] == 5
    world.fails = set()
    assert world.run(10, apart=HOUR / 2)[NIGHT] == 1


def test_what_left_something_goes_on_within_a_minute() -> None:
    world = World()
    world.run(2)
    world.now -= HOUR - MINUTE
    Heartbeat.objects.filter(name=f"job:{CLOSING}").update(left=True)
    assert CLOSING in world.beat()
    world.now += MINUTE
    assert CLOSING not in world.beat()


@pytest.mark.parametrize("days", [1, -1, 400, -400])
def test_a_clock_that_jumps_and_is_put_right_stops_nothing(days: int) -> None:
    world = World()
    world.run(24)
    right = world.now
    world.now += days * DAY
    world.run(10, apart=MINUTE)

    world.now = right
    assert world.run(10, apart=MINUTE)[SWEEP] == 10
    # The first of these hours is not over since it was last put right.
    assert world.run(24)[CLOSING] == 23
    assert world.run(24)[NIGHT] == 1


def test_a_worker_whose_clock_is_wrong_keeps_no_other_from_starting() -> None:
    world = World()
    world.run(2)
    for _minute in range(5):
        world.beat(clock=world.now + DAY)
        assert SWEEP in world.beat()
        world.now += MINUTE


def test_calls_that_piled_up_start_each_job_once() -> None:
    world = World()
    world.run(2)
    assert [world.beat().count(SWEEP) for _call in range(20)] == [1] + [0] * 19


def test_what_the_broker_did_not_take_is_still_due() -> None:
    world = World()
    world.run(2)

    def refuse(_task: str) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        start_due_jobs(refuse, now=world.now)
    assert SWEEP in world.beat()


def test_a_run_is_recorded() -> None:
    def work(run: Run) -> None:
        run.each([1, 2, 3], lambda item: 1 // (item - 2))

    with travel(NOON, tick=False):
        run = Run("x", now=NOON)
        carry_out(run, lambda: work(run), recorded=True)
        found = Heartbeat.objects.get()
        assert (found.name, found.beaten_at, found.done, found.failed) == ("job:x", NOON, 2, 1)
        assert (found.succeeded_at, found.left, found.error) == (None, False, "")

        run = Run("x", now=NOON)
        carry_out(run, lambda: run.each([1, 3], lambda item: item), recorded=True)
        found = Heartbeat.objects.get()
        assert (found.done, found.failed, found.succeeded_at) == (2, 0, NOON)


def test_an_idle_run_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        carry_out(Run("x", now=NOON), lambda: None, recorded=True)
        assert caplog.records == []
        run = Run("x", now=NOON)
        carry_out(run, lambda: run.each([1], lambda _item: None), recorded=True)
    assert [each.getMessage() for each in caplog.records] == ["x: 1 done, 0 set aside, in 0.0 s."]


def test_an_error_that_comes_again_is_told_in_a_line(caplog: pytest.LogCaptureFixture) -> None:
    def work() -> None:
        message = "no such column"
        raise DataError(message)

    for _run in range(3):
        carry_out(Run("x", now=NOON), work, recorded=True)

    assert [(each.getMessage(), bool(each.exc_info)) for each in caplog.records] == [
        ("x ended: DataError: no such column", True),
        ("x ended for the 2. time: DataError: no such column", False),
        ("x ended for the 3. time: DataError: no such column", False),
    ]
    assert Heartbeat.objects.get().failures == 3
    carry_out(Run("x", now=NOON), lambda: None, recorded=True)
    assert (Heartbeat.objects.get().failures, Heartbeat.objects.get().error) == (0, "")


@pytest.mark.parametrize(
    ("minutes", "late"), [(None, None), (0, None), (5, None), (6, 6), (24 * 60, 24 * 60), (-1, None), (-60, 0)]
)
def test_since_when_they_are_late(minutes: int | None, late: int | None) -> None:
    if minutes is not None:
        schedule.beat(now=NOON - minutes * MINUTE)
    assert late_since(now=NOON) == (None if late is None else NOON - late * MINUTE)


def test_a_call_beats_and_hands_the_real_jobs_to_the_broker(real_jobs: None) -> None:
    with travel(NOON, tick=False):
        call()
        assert Heartbeat.objects.get(name="beat").beaten_at == NOON

    nightly = {name for name, each in schedule.JOBS.items() if isinstance(each.when, Nightly)}
    assert nightly == {
        "accounts.tasks.forget_exports",
        "accounts.tasks.forget_for_accounts",
        "accounts.tasks.forget_history",
        "accounts.tasks.forget_imports",
        "accounts.tasks.forget_letters",
        "accounts.tasks.forget_sessions",
        "accounts.tasks.keep_erasures",
        "accounts.tasks.reencrypt_two_step",
        "bookwhen.payments.tasks.prune",
        "bookwhen.payments.tasks.reconcile",
        "offers.tasks.file_uses_again",
        "tickets.tasks.check_books",
        "tickets.tasks.forget_pasted",
        "tickets.tasks.keep_wall_times",
        "accounts.tasks.sweep_logos",
        "tickets.tasks.sweep_pictures",
    }
    assert sorted(take_tasks()) == sorted((name, []) for name in set(schedule.JOBS) - nightly)


def test_every_task_ends_before_the_broker_hands_it_out_again() -> None:
    again = app.conf.broker_transport_options["visibility_timeout"]
    limits = {
        name: (task.soft_time_limit or app.conf.task_soft_time_limit, task.time_limit or app.conf.task_time_limit)
        for name, task in app.tasks.items()
        if not name.startswith("celery.")
    }
    assert len(limits) >= 12
    assert {name for name, (soft, hard) in limits.items() if not 0 < soft < hard < again} == set()
