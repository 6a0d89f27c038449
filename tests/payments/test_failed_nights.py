"""A night that failed for a connection is made up for within hours, and each comparison runs for itself."""

from datetime import datetime, timedelta

import pytest

from bookwhen.payments import handlers, tasks
from bookwhen.payments.comparing import compare_for_a_while
from bookwhen.payments.gateway import StripeDownError
from bookwhen.payments.handlers import Comparer, Cursor, Look
from bookwhen.payments.models import Connection
from tests.factories.schedule import NOW

NIGHT = tasks.NIGHT.latest(NOW)


def test_p14_each_registered_comparison_runs_for_itself(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []

    def fails(_look: Look, cursor: Cursor) -> Cursor | None:
        ran.append(f"fails at {dict(cursor)}")
        if cursor and ran.count(f"fails at {dict(cursor)}") == 1:
            message = "Request rate limit exceeded."
            raise StripeDownError(message)
        return None if cursor else {"page": 2}

    def works(_look: Look, _cursor: Cursor) -> None:
        ran.append("works")

    monkeypatch.setattr(handlers, "_COMPARERS", {"a": Comparer("a", fails), "b": Comparer("b", works)})
    with pytest.raises(StripeDownError):
        compare_for_a_while(connection, now=NOW)
    assert ran == ["fails at {}", "fails at {'page': 2}", "works"]
    connection.refresh_from_db()
    assert connection.reconciled_at is None

    # What failed goes on where it was; what was done is not done again.
    assert compare_for_a_while(connection, now=NOW) is False
    assert ran[3:] == ["fails at {'page': 2}"]
    connection.refresh_from_db()
    assert connection.reconciled_at == NOW


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
