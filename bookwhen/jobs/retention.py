"""Forgetting what is old, a batch at a time in the order of an index, for as long as the run lasts.

What is left goes on a minute later: a job whose run left something is due again.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from django.db.models import QuerySet

from bookwhen.jobs.run import Run

BATCH: Final = 1000


def forget(run: Run, old: QuerySet[Any], by: str, *, act: Callable[[Sequence[int]], int] | None = None) -> None:
    """Delete all rows of `old`, the first by this column first: the one that says how old they are, with an index.

    `act` deletes rows by their keys instead, and returns how many; it is safe to repeat. A row that cannot be deleted
    is set aside, and keeps no other.
    """
    act = act or partial(delete, old.model)
    while keys := list(run.waiting(old).order_by(by).values_list("pk", flat=True)[:BATCH]):
        if run.is_over:
            run.left = True
            return
        run.divided(keys, act)


def delete(model: Any, keys: Sequence[Any]) -> int:  # noqa: ANN401 - any model
    """Delete rows by their keys; how many."""
    return int(model._base_manager.filter(pk__in=keys).delete()[0])  # noqa: SLF001 - Django's own name for it
