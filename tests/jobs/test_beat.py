"""Beat calls every minute by a clock that nobody sets, and remembers nothing."""

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from time_machine import travel

from bookwhen import worker_health
from bookwhen.celery import app
from bookwhen.jobs.beat import RETRY, SteadyScheduler
from tests.accounts.queue import empty_queue, take_tasks

CALL = ("bookwhen.installation.tasks.start_due_jobs", list[object]())


class Beat:
    """Beat's scheduler, and the seconds since the machine started."""

    def __init__(self) -> None:
        empty_queue()
        self.seconds = 1000.0
        self.scheduler = SteadyScheduler(app=app)
        self.scheduler.monotonic = lambda: self.seconds

    def calls(self) -> int:
        self.scheduler.tick()
        return take_tasks().count(CALL)


@pytest.fixture
def beat() -> Beat:
    return Beat()


def test_it_is_what_beat_runs() -> None:
    assert app.conf.beat_scheduler == "bookwhen.jobs.beat:SteadyScheduler"
    assert [entry["task"] for entry in app.conf.beat_schedule.values()] == [CALL[0]]


def test_it_calls_at_once_and_then_every_minute(beat: Beat) -> None:
    assert beat.calls() == 1
    assert [beat.scheduler.tick(), beat.calls()] == [60.0, 0]
    beat.seconds += 59
    assert [beat.scheduler.tick(), beat.calls()] == [1.0, 0]
    beat.seconds += 1
    assert beat.calls() == 1


def test_each_call_that_the_broker_takes_is_a_sign_that_it_lives(
    beat: Beat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert worker_health.main(["beat"]) == 1
    beat.calls()
    assert worker_health.main(["beat"]) == 0
    left = float(worker_health.sign_of("beat").read_text())
    worker_health.sign_of("beat").write_text(str(left - 181))
    assert worker_health.main(["beat"]) == 1
    assert capsys.readouterr().out.startswith("beat has left no sign here.\nbeat left its last sign 0 seconds ago.\n")


@pytest.mark.parametrize("days", [1, -1, 3650])
def test_a_clock_that_jumps_makes_no_difference(beat: Beat, days: int) -> None:
    beat.calls()
    with travel(timezone.now() + timedelta(days=days)):
        for _minute in range(3):
            beat.seconds += 60
            assert beat.calls() == 1
        Beat().calls()
    for _minute in range(3):
        beat.seconds += 60
        assert beat.calls() == 1
    assert Beat().calls() == 1


def test_it_outlives_a_broker_that_is_gone(beat: Beat, caplog: pytest.LogCaptureFixture) -> None:
    beat.calls()
    whole = app.conf.broker_url
    app.conf.update(broker_url="redis://127.0.0.1:1/0")
    try:
        lost = SteadyScheduler(app=app)
        lost.monotonic = lambda: beat.seconds
        assert [lost.tick() for _call in range(2)] == [RETRY, RETRY]
        beat.seconds += RETRY
        assert lost.tick() == RETRY
    finally:
        app.conf.update(broker_url=whole)
    beat.seconds += RETRY
    assert (lost.tick(), take_tasks()) == (60.0, [CALL])
    told = [each.getMessage() for each in caplog.records if each.name == "bookwhen.jobs.beat"]
    assert told[0].startswith("The broker could not be reached; beat tries every 5 seconds: ")
    assert told[1:] == ["The broker takes calls again, after 2 that it did not."]
