"""That jobs stand still is told where people look, and a worker shows whether it lives."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from time_machine import travel

from accounts.models import Account, Role
from bookwhen import worker_health
from bookwhen.jobs.schedule import MINUTE, beat
from tests.browsing import page_text
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW
from tests.tickets.consistency.breaks import entry_taken
from tests.waiting import eventually
from tests.worlds.counted_studio import CountedStudio
from tests.worlds.dashboard import open_dashboard
from tickets.consistency import store_findings

ROOT = Path(__file__).parents[2]
TITLE = "Emails, refunds and renewals are late."


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "is_late"), [(4, False), (6, True)])
def test_the_overview_says_since_when_they_are_late(minutes: int, *, is_late: bool) -> None:
    account = AccountFactory.create(time_zone="Europe/London")
    beat(now=NOW - minutes * MINUTE)

    with travel(NOW, tick=False):
        page = page_text(open_dashboard(account).get("overview"))

    assert (TITLE in page) == is_late
    assert (f"Nothing has been done automatically since {NOW - minutes * MINUTE:%-d %B, %H:%M}." in page) == is_late


@pytest.mark.django_db
def test_who_can_do_nothing_about_it_is_not_told() -> None:
    beat(now=NOW - 60 * MINUTE)
    with travel(NOW, tick=False):
        page = page_text(open_dashboard(AccountFactory.create(), Role.LEADER).get("overview"))
    assert TITLE not in page


@pytest.mark.django_db
def test_a_check_that_could_not_be_run_is_told_in_its_studio_alone() -> None:
    studio, other = CountedStudio(), CountedStudio()
    Account.objects.filter(pk=studio.account.pk).update(time_zone="Mars/Olympus_Mons")
    store_findings(now=NOW)
    Account.objects.filter(pk=studio.account.pk).update(time_zone="Europe/London")
    studio.account.refresh_from_db()

    at = open_dashboard(studio.account)
    assert "Some of your records couldn’t be checked." in page_text(at.get("overview"))
    assert "Some of your records couldn’t be checked. Nothing that was checked is wrong." in page_text(at.get("books"))
    assert "This check couldn’t be run We try again every night." in page_text(at.get("books"))
    assert "couldn’t be checked" not in page_text(open_dashboard(other.account).get("overview"))
    entry_taken(other)
    store_findings(now=NOW)
    assert "1 of your records doesn’t match." in page_text(open_dashboard(other.account).get("overview"))


def ask(*arguments: str) -> tuple[int, str]:
    program = [sys.executable, "-m", "bookwhen.worker_health", *arguments]
    asked = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.returncode, asked.stdout


def test_a_worker_that_left_no_sign_is_dead() -> None:
    assert ask("celery@nobody-here") == (1, "celery@nobody-here has left no sign here.\n")


@pytest.mark.parametrize(("seconds", "code"), [(59, 0), (61, 1)])
def test_a_sign_counts_for_a_minute(
    seconds: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    worker_health.leave_sign("celery@here/there")
    monkeypatch.setattr(worker_health, "time", _Clock(time.monotonic() + seconds))

    assert worker_health.main(["celery@here/there"]) == code
    assert capsys.readouterr().out == f"celery@here/there left its last sign {seconds} seconds ago.\n"
    assert [each.name for each in tmp_path.iterdir()] == ["bookwhen-celery@here-there.alive"]


class _Clock:
    """The seconds since the machine started."""

    def __init__(self, now: float) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now


def test_a_real_worker_leaves_its_sign() -> None:
    node = f"celery@test-{os.getpid()}"
    command = ["celery", "-A", "bookwhen.celery", "worker", "-P", "solo", "-n", node, "--without-mingle"]
    worker = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: worker_health.silence(node) is not None, seconds=60)
        assert ask(node)[0] == 0
    finally:
        worker.kill()
        worker.wait()
        worker_health.sign_of(node).unlink(missing_ok=True)
