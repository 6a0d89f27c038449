"""What people decide about a list import: begin it, map it, confirm it, undo it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts.imports import phases
from accounts.imports.sources import ListSource
from accounts.models import Account, ListImport, OperationState
from accounts.operations.services import continue_operation, start_operation

WAITS: Final = (OperationState.WAITING,)
OVER: Final = (OperationState.DONE, OperationState.FAILED, OperationState.CANCELLED)


class NotNowError(Exception):
    """The import is not where this can be decided: it went on meanwhile, or its rows were forgotten."""


def begin_import(account: Account, source: ListSource, *, who: str, key: UUID, now: datetime) -> ListImport:
    """Begin to read a list; the same key again returns the import that it began.

    One of each source at a time: raises accounts.operations.services.OperationOpenError.
    """
    with transaction.atomic():
        operation, _is_new = start_operation(
            account, source.name, phase=phases.READ, who=who, key=key, lane=source.name, now=now
        )
        found, _is_new = ListImport.objects.get_or_create(
            operation=operation, account=account, defaults={"source": source.name, "created_at": now}
        )
    return found


def map_import(list_import: ListImport, mapping: Mapping[str, Any], *, now: datetime) -> None:
    """Say what should become of what, and let every row be judged by it. Raises NotNowError."""
    with transaction.atomic():
        _go_on(list_import, phases.JUDGE, phases=(phases.READ, phases.JUDGE), after=WAITS, now=now)
        ListImport.objects.filter(pk=list_import.pk).update(mapping=dict(mapping))


def confirm_import(list_import: ListImport, *, now: datetime, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Take in the rows that are wanted; `more` is kept with the mapping. Raises NotNowError."""
    with transaction.atomic():
        _go_on(list_import, phases.APPLY, phases=(phases.JUDGE,), after=WAITS, now=now)
        ListImport.objects.filter(pk=list_import.pk).update(mapping=list_import.mapping | more)


def undo_import(list_import: ListImport, *, now: datetime) -> None:
    """Take back what the import wrote, where that still stands. Raises NotNowError, OperationOpenError."""
    with transaction.atomic():
        _go_on(list_import, phases.UNDO, phases=(phases.APPLY, phases.UNDO), after=OVER, now=now)


def can_be_undone(list_import: ListImport) -> bool:
    """Whether the import (with its operation) wrote something, and can take it back now."""
    operation = list_import.operation
    if list_import.forgotten_at or operation.state not in OVER or operation.phase not in {phases.APPLY, phases.UNDO}:
        return False
    return list_import.rows.standing().exists()


def _go_on(
    list_import: ListImport, phase: str, *, phases: tuple[str, ...], after: tuple[OperationState, ...], now: datetime
) -> None:
    """Go on with a phase, if the job is in one of these phases and states and its rows are there."""
    held = ListImport.objects.select_for_update(of=("self",)).select_related("operation").get(pk=list_import.pk)
    is_there = held.forgotten_at is None and held.operation.phase in phases
    if not (is_there and continue_operation(held.operation, phase, after=after, now=now)):
        raise NotNowError
