"""Many subscriptions, and a worker that is killed in the middle of them. More of them, with what it took:

IMPORT_SIZE=5000 python3 dev.py test -n0 tests/memberships/importing/test_at_scale.py
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import connection
from django.utils import timezone
from time_machine import travel

from accounts.imports.services import confirm_import
from accounts.models import ListImport, Operation
from accounts.operations.running import LEASE
from bookwhen.sandbox.stripe import Sandbox
from groups.models import Standing
from memberships.models import Difference, LeftOut, Subscription
from tests.comparing import compare_memberships as reconcile
from tests.waiting import eventually
from tests.worlds.elsewhere import Elsewhere, open_elsewhere

SIZE: Final = int(os.environ.get("IMPORT_SIZE", "150"))
ROOT: Final = Path(__file__).resolve().parents[3]
WORK: Final = """
import django
django.setup()
from accounts.operations.running import run_operation
run_operation({pk}, seconds=3600)
"""
CALLS: Final = 1_000_000


class Meter:
    """How long each part took, and how many calls it made."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        sandbox.arm("slow", times=CALLS)
        self.calls = 0

    def run(self, what: str, act: Callable[[], Any]) -> Any:
        began = time.monotonic()
        found = act()
        took, calls = time.monotonic() - began, self._calls()
        if "IMPORT_SIZE" in os.environ:
            sys.stderr.write(f"{what}: {took:.1f} s for {SIZE}, {calls - self.calls} calls\n")
        self.calls = calls
        return found

    def _calls(self) -> int:
        left = [fault["times"] for fault in self.sandbox.platform.faults.armed() if fault["kind"] == "slow"]
        return CALLS - int(left[0])


def kill_a_worker_in_the_middle(studio: Elsewhere, done: ListImport) -> None:
    """A worker in a process of its own, killed once it has taken some of them over."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0]
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK.format(pk=done.operation_id)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}",
            "DJANGO_SETTINGS_MODULE": "bookwhen.settings",
            "STRIPE_API_BASE": studio.sandbox.url,
            "PROCESS": "worker",
        },
    )
    try:
        eventually(lambda: worker.poll() is not None or Subscription.objects.count() >= SIZE // 3, seconds=1200)
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_is_gone_on_for_and_comparing_finds_nothing(stripe_here: Sandbox) -> None:
    studio = open_elsewhere(stripe_here)
    price = studio.price()
    for number in range(SIZE):
        studio.member(f"member{number}@example.org", price)
    meter = Meter(stripe_here)
    read = meter.run("read", studio.read)
    judged = meter.run("judged", lambda: studio.judge(read, Gold="new"))
    confirm_import(judged, now=timezone.now())

    meter.run("a third applied, and killed", lambda: kill_a_worker_in_the_middle(studio, judged))
    before = Subscription.objects.count()
    assert 0 < before < SIZE
    assert Operation.objects.get().state == "running"
    with travel(timezone.now() + LEASE + timedelta(seconds=1)):
        done = meter.run("the rest applied", lambda: studio.run(judged))

    assert (done.operation.state, done.operation.done) == ("done", SIZE)
    assert Subscription.objects.count() == Standing.objects.count() == SIZE
    assert not LeftOut.objects.exists()
    assert studio.account.connection is not None
    meter.run("compared", lambda: reconcile(done.account.connection, timezone.now()))
    assert not Difference.objects.exists()
    meter.run("undone", lambda: studio.undo(done))
    assert not Subscription.objects.exists()
