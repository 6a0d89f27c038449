"""A night that failed for a connection is made up for within hours, and each comparison runs for itself."""

from datetime import datetime, timedelta

import pytest

from bookwhen.payments import handlers, tasks
from bookwhen.payments.gateway import StripeDownError
from bookwhen.payments.models import Connection
from tests.factories.schedule import NOW

NIGHT = tasks.NIGHT.latest(NOW)


def test_p14_each_registered_comparison_runs_for_itself(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []

    def fails(_connection: Connection, _now: datetime) -> None:
        ran.append("fails")
        message = "Request rate limit exceeded."
        raise StripeDownError(message)

    def works(_connection: Connection, _now: datetime) -> None:
        ran.append("works")

    monkeypatch.setattr(handlers, "_RECONCILERS", [fails, works])
    with pytest.raises(StripeDownError):
        handlers.reconcile(connection, now=NOW)
    assert ran == ["fails", "works"]


@pytest.mark.parametrize(
    ("reconciled_at", "hours", "again"),
    [
        (NIGHT - timedelta(days=1), 3, True),
        (NIGHT - timedelta(days=1), 1, False),
        (NIGHT + timedelta(minutes=5), 3, False),
        (None, 3, False),
    ],
    ids=["failed", "still going on", "compared", "new"],
)
def test_p14_a_comparison_that_failed_is_made_again_within_hours(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, reconciled_at: datetime | None, hours: int, *, again: bool
) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, pk: asked.append((task, pk)))
    connection.reconciled_at = reconciled_at

    tasks._catch_up(connection, NIGHT + timedelta(hours=hours))  # noqa: SLF001 - one hour's look at one connection

    assert asked == ([("bookwhen.payments.tasks.reconcile", connection.pk)] if again else [])
