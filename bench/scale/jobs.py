"""Measure what runs in the background: jobs with nothing due, jobs by the row, and the books of a small studio."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from celery import current_app
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from bench.scale.meter import measure
from bench.scale.pages import Measured
from bookwhen.installation.models import Heartbeat
from bookwhen.jobs.schedule import JOBS, PREFIX
from tickets.consistency import check_books

ASK_STRIPE: Final = frozenset({"bookwhen.payments.tasks.catch_up"})
"""Jobs that speak to every connection's Stripe, even when nothing is due."""
BY_ROW: Final = {
    "offers.tasks.file_uses_again": "offers_usageperiod WHERE closed_at IS NULL",
    "tickets.tasks.check_books": "tickets_seat",
    "tickets.tasks.keep_wall_times": "tickets_entry",
}
"""Jobs that look at everything there is, whatever is due: every night, they cost by the row of such a table."""
WHOLE_TABLES: Final = frozenset({"tickets.tasks.check_books"})
"""Those that read tables whole on purpose: by indexes alone they would take many times as long."""
DUE: Final = 200
"""How many rows are made due."""
MADE_DUE: Final = {
    "accounts.tasks.forget_letters": """
        UPDATE accounts_letter SET sent_at = now() - interval '9 years' WHERE id IN (SELECT id FROM accounts_letter
        WHERE account_id = %(account)s AND sent_at IS NOT NULL ORDER BY id DESC LIMIT %(due)s)
    """,
    "bookwhen.payments.tasks.prune": """
        UPDATE payments_stripeevent SET received_at = now() - interval '9 years' WHERE id IN (SELECT id FROM
        payments_stripeevent WHERE connection_id = %(connection)s AND state = 'done' ORDER BY id DESC LIMIT %(due)s)
    """,
    "offers.tasks.close_ended_periods": """
        UPDATE offers_usageperiod SET closed_at = NULL, left_unused = NULL WHERE id IN (SELECT id FROM
        offers_usageperiod WHERE account_id = %(account)s AND closed_at IS NOT NULL ORDER BY id DESC LIMIT %(due)s)
    """,
    "tickets.tasks.process_releases": """
        UPDATE tickets_release SET done_at = NULL WHERE id IN (SELECT id FROM tickets_release
        WHERE account_id = %(account)s ORDER BY id DESC LIMIT %(due)s)
    """,
}
"""Statements that give jobs as many of a studio's rows to work off, the newest it has."""
PATIENCE: Final = 300
"""Seconds that a statement gets that looks at everything."""


@dataclass(frozen=True, slots=True)
class JobMeasured(Measured):
    """The same of a job that has worked `rows` off."""

    rows: int

    def told(self) -> dict[str, object]:
        """As JSON has it."""
        return {**Measured.told(self), "rows": self.rows}


def measure_jobs(small: Account, *, times: int = 3) -> Iterator[Measured]:
    """What each costs with nothing due in the data set; and checking the books of a small studio."""
    current_app.loader.import_default_modules()
    for name in sorted(JOBS.keys() - ASK_STRIPE - BY_ROW.keys()):
        yield _measured(f"job {name}, nothing due", partial(_run, name), times=times)
    books = partial(check_books, account=small, now=timezone.now())
    yield _measured("check_books --account, a small studio", books, times=times)


def measure_due(account: Account) -> Iterator[Measured]:
    """What jobs cost that have some rows of a studio to work off."""
    current_app.loader.import_default_modules()
    for name, statement in MADE_DUE.items():
        made = list[int]()
        act, given = partial(_run, name), partial(_make_due, statement, account, made)
        cost = measure(act, times=1, given=given, patience=PATIENCE)
        yield JobMeasured(f"job {name}, a row", HTTPStatus.OK, 0, cost, made[-1])


def measure_by_row(*, whole_tables: bool) -> Iterator[Measured]:
    """What those cost that look at everything (by reading tables whole, or not), with the number of rows there are."""
    current_app.loader.import_default_modules()
    for name, table in BY_ROW.items():
        if (name in WHOLE_TABLES) != whole_tables:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - of our own
            rows = int(cursor.fetchone()[0])
        cost = measure(partial(_run, name), times=1, patience=PATIENCE)
        yield JobMeasured(f"job {name}, a row", HTTPStatus.OK, 0, cost, rows)


def _measured(label: str, act: Callable[[], object], *, times: int) -> Measured:
    return Measured(label, HTTPStatus.OK, 0, measure(act, times=times))


def _run(name: str) -> None:
    """Run a job as a worker does; what it could not do is raised."""
    current_app.tasks[name].run()
    error = Heartbeat.objects.values_list("error", flat=True).get(name=f"{PREFIX}{name}")
    if error:
        raise RuntimeError(error)


def _make_due(statement: str, account: Account, made: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"account": account.pk, "connection": account.connection_id, "due": DUE})
        made.append(cursor.rowcount)
