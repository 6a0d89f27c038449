"""The job: what accounts keep for less long than the installation goes, account by account.

Each is worked off once a night, the one that waits longest first; one with more than a turn’s worth comes again after
all others, so that nobody waits for the millions of a larger account. One that fails keeps no other.
"""

from datetime import timedelta
from functools import partial
from typing import Final

from accounts.keeping.customers import erase_idle
from accounts.keeping.kinds import KEPT, Turn
from accounts.models import Retention
from bookwhen.jobs.run import Run

NIGHT: Final = timedelta(hours=20)
"""After this an account that was worked off is due again, so that each is once a night."""
BATCH: Final = 100


def forget_for_accounts(run: Run) -> None:
    """Forget what is too old by accounts’ own times, until nothing is or the run is over."""
    while not run.is_over and (found := _due(run)):
        run.each(found, partial(_take_turn, run))
    run.left = run.left or bool(_due(run))


def _due(run: Run) -> list[int]:
    due = run.waiting(Retention.objects.filter(due_at__lt=run.now)).order_by("due_at", "pk")
    return list(due.values_list("pk", flat=True)[:BATCH])


def _take_turn(run: Run, account: int) -> bool:
    """Whether something went. Raises the first thing that could not be forgotten, once all else is."""
    retention = Retention.objects.select_related("account", "customers_by").filter(pk=account).first()
    if retention is None:
        return False
    turn = Turn(retention, run.now, lambda: run.is_over)
    for kind in KEPT:
        kind.forget_old(turn)
    if not turn.more:
        # Only once a night: it counts how many it may erase.
        erase_idle(turn)
    # Who has more waits behind all who were due with them.
    due_at = run.now if turn.more else run.now + NIGHT
    if turn.error is None:
        Retention.objects.filter(pk=account).update(due_at=due_at)
        run.left = run.left or turn.more
        # The run counts rows, and one of them for the turn.
        run.done += max(0, turn.done - 1)
        return turn.done > 0
    raise turn.error
