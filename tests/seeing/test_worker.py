"""From a request to the task it queued: the same id; and what tasks are counted by."""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import email_queue
from accounts.models import Letter
from bookwhen.celery import app
from bookwhen.queue import enqueue
from bookwhen.seeing.ids import current_ids, only_ids
from bookwhen.seeing.worker import COUNTS, task_counts
from tests.conftest import ROOT, WORKER
from tests.factories.accounts import AccountFactory
from tests.seeing.reading import reading_log
from tests.waiting import eventually


@shared_task
def seen_ids() -> dict[str, str]:
    return dict(current_ids())


@shared_task
def fails() -> None:
    message = "for ada@example.org"
    raise RuntimeError(message)


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(COUNTS)


def published(task: str) -> dict[str, Any]:
    """The headers that a task of this name is queued with, read from the broker."""
    with app.connection_for_read() as connection, connection.SimpleQueue("celery") as queue:
        queue.clear()
        enqueue(task)
        message = queue.get(timeout=5)
        message.ack()
    return dict(message.headers)


def test_a_task_carries_the_ids_of_the_request_that_queued_it(transactional_db: None) -> None:
    with only_ids({"request_id": "abc", "account": "river", "letter": "7"}):
        headers = published("tests.seen")

    assert headers["seen_ids"] == {"request_id": "abc", "account": "river"}


def test_a_task_runs_under_ids_of_its_own() -> None:
    with only_ids({"request_id": "abc"}):
        seen = seen_ids.apply(task_id="t1")

    assert seen.get() == {"task": seen_ids.name, "task_id": "t1"}
    assert dict(current_ids()) == {}


def test_a_task_is_one_line_with_how_it_went(settings: Any) -> None:
    settings.CELERY_TASK_EAGER_PROPAGATES = False

    with reading_log() as log:
        seen_ids.apply(task_id="t1")
        fails.apply(task_id="t2")

    lines = log.of("bookwhen.tasks")
    assert [(line["message"], line["task_id"], line["state"]) for line in lines] == [
        (f"{seen_ids.name}: success", "t1", "success"),
        (f"{fails.name}: failure", "t2", "failure"),
    ]
    [trace] = log.of("celery.app.trace")
    assert trace["level"] == "ERROR"
    assert trace["traceback"].endswith("RuntimeError: for <email>")
    assert "ada" not in log.text


def test_what_beat_starts_each_minute_says_nothing_while_it_is_well(db: None) -> None:
    app.loader.import_default_modules()
    with reading_log() as log:
        app.tasks["accounts.tasks.sweep_letters"].apply()

    assert log.lines == []


def test_beat_does_not_say_each_minute_what_it_starts() -> None:
    beat = logging.getLogger("celery.beat")

    with reading_log() as log:
        beat.info("beat: Starting...")
        beat.info("Scheduler: Sending due task %s (%s)", "sweep_letters", "accounts.tasks.sweep_letters")
        beat.warning("Scheduler: Sending due task failed")

    assert [line["message"] for line in log.lines] == ["beat: Starting...", "Scheduler: Sending due task failed"]


def test_tasks_are_counted_by_name() -> None:
    seen_ids.apply()
    seen_ids.apply()
    fails.apply()

    counts = task_counts()

    assert {task: (each["count"], each["failed"]) for task, each in counts.items()} == {
        seen_ids.name: (2, 0),
        fails.name: (1, 1),
    }
    assert 0 < counts[seen_ids.name]["seconds"] < 5


def test_a_broker_that_is_away_fails_no_task(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert seen_ids.apply(task_id="t").successful()


def test_a_booking_is_followed_into_the_worker(transactional_db: None, tmp_path: Path) -> None:
    """A real worker writes JSON, and its lines about the letter have the id of the request."""
    app.control.purge()
    log = tmp_path / "worker.log"
    url = os.environ["DATABASE_URL"].rpartition("/")[0]
    environment = {"DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}", "PROCESS": "worker"}
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "bookwhen.celery", "worker", *WORKER],
            cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output, process_group=0,
        )  # fmt: skip
    try:
        with only_ids({"request_id": "abcdefgh"}), transaction.atomic():
            email_queue.queue_letter(
                kind="team_invitation",
                recipient="ada@example.org",
                template="accounts/letters/team_invitation",
                context={"link": "https://book.example/x/", "has_login": True},
                account=AccountFactory.create(slug="river"),
                now=timezone.now(),
            )
        eventually(Letter.objects.filter(sent_at__isnull=False).exists)
        eventually(lambda: task_counts().get("accounts.tasks.send_letter", {}).get("count") == 1)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    known = {"request_id": "abcdefgh", "process": "worker", "task": "accounts.tasks.send_letter"}
    about = [line for line in lines if line.get("task_id")]
    assert [line["message"] for line in about] == ["Sent: team_invitation", "accounts.tasks.send_letter: success"]
    assert [known.items() <= line.items() for line in about] == [True, True]
    assert (about[0]["letter"], about[0]["account"]) == (str(Letter.objects.get().pk), "river")
    assert "ada@" not in log.read_text()
