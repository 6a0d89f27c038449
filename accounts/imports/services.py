"""What people decide about a list import: begin it, map it, confirm it, undo it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, JSONField, Q, Value
from django.db.models.expressions import CombinedExpression
from django.utils.translation import gettext as _

from accounts.history.recording import Change, count, is_recorded, record
from accounts.imports import phases
from accounts.imports.rows import listed_rows
from accounts.imports.sources import ListSource
from accounts.models import Account, Deed, ListFile, ListImport, ListImportRow, OperationState
from accounts.operations.services import about_operation, continue_operation, start_operation

WAITS: Final = (OperationState.WAITING,)
THEN: Final = "undo_then"
"""The mapping's word for the imports (ids) that are undone after this one, the next first."""
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
        found, is_new = ListImport.objects.get_or_create(
            operation=operation, account=account, defaults={"source": source.name, "created_at": now}
        )
        if is_new:
            _record(found, Deed.IMPORT_BEGUN)
    return found


def map_import(list_import: ListImport, mapping: Mapping[str, Any], *, now: datetime) -> None:
    """Say what should become of what, and let every row be judged by it. Raises NotNowError."""
    with transaction.atomic():
        _go_on(list_import, phases.JUDGE, phases=(phases.READ, phases.JUDGE), after=WAITS, now=now)
        ListImport.objects.filter(pk=list_import.pk).update(mapping=dict(mapping))
        _record(list_import, Deed.IMPORT_MAPPED)


def read_again(list_import: ListImport, mapping: Mapping[str, Any], *, now: datetime) -> None:
    """Read the file in another way, as the mapping says (`accounts.imports.files.READ_AS`). Raises NotNowError.

    What rows become is asked again afterwards.
    """
    with transaction.atomic():
        _go_on(list_import, phases.READ, phases=(phases.READ, phases.JUDGE), after=WAITS, now=now)
        if not ListFile.objects.filter(account=list_import.account_id, list_import=list_import, size__gt=0).exists():
            raise NotNowError
        ListImport.objects.filter(pk=list_import.pk).update(mapping=dict(mapping))
        _record(list_import, Deed.IMPORT_MAPPED)


def keep_mapping(list_import: ListImport, mapping: Mapping[str, Any]) -> None:
    """Keep what was chosen so far, while more is to be said before rows are judged; nothing once one is applied."""
    with transaction.atomic():
        held = ListImport.objects.select_for_update(of=("self",)).filter(
            account=list_import.account_id,
            pk=list_import.pk,
            operation__phase__in=(phases.READ, phases.JUDGE),
            operation__state__in=WAITS,
        )
        list(held)
        held.update(mapping=dict(mapping))


def confirm_import(list_import: ListImport, *, now: datetime, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Take in the rows that are wanted; `more` is kept with the mapping. Raises NotNowError."""
    with transaction.atomic():
        _go_on(list_import, phases.APPLY, phases=(phases.JUDGE,), after=WAITS, now=now)
        ListImport.objects.filter(pk=list_import.pk).update(mapping=list_import.mapping | more)
        ListFile.objects.filter(account=list_import.account_id, list_import=list_import).update(data=b"", size=0)
        if is_recorded():
            wanted = list_import.rows.wanted().count()
            _record(list_import, Deed.IMPORT_CONFIRMED, [count(_("Lines"), wanted)])


def undo_import(list_import: ListImport, *, now: datetime, then: Sequence[int] = ()) -> None:
    """Take back what the import wrote, where that still stands; `then` are the imports (ids) to undo after it.

    Raises NotNowError, OperationOpenError.
    """
    with transaction.atomic():
        _go_on(list_import, phases.UNDO, phases=(phases.APPLY, phases.UNDO), after=OVER, now=now)
        if list(then) != list_import.mapping.get(THEN, []):
            ListImport.objects.filter(pk=list_import.pk).update(mapping={**list_import.mapping, THEN: list(then)})
        _record(list_import, Deed.IMPORT_UNDONE)


def decide_row(row: ListImportRow, decided: Mapping[str, Any], *, chosen: bool, now: datetime) -> None:
    """Say something about one row alone; it is judged again, and so are the other rows of the same people.

    Raises NotNowError once rows are being taken in.
    """
    with transaction.atomic():
        list_import = _hold(row.list_import, phases=(phases.JUDGE,), states=WAITS)
        people = {row.person}
        ListImportRow.objects.filter(pk=row.pk).update(decided=dict(decided), chosen=chosen)
        [found] = listed_rows(list_import.rows.filter(pk=row.pk))
        phases.judge_rows(list_import, [found], now=now)
        people = (people | {found.person}) - {""}
        others = list_import.rows.filter(Q(person__in=people) | Q(pk=row.pk)).order_by("number")
        phases.judge_rows(list_import, listed_rows(others), now=now)
        _record(list_import, Deed.IMPORT_ROW, [Change(_("Line"), "", str(row.number))])


def choose_rows(
    list_import: ListImport, *, why: str, chosen: bool, now: datetime, decided: Mapping[str, Any] | None = None
) -> None:
    """Take in, or leave out, all rows of one reason; then every row is judged again. Raises NotNowError.

    `decided` is said of each of them, beside what was said of it before.
    """
    with transaction.atomic():
        _go_on(list_import, phases.JUDGE, phases=(phases.JUDGE,), after=WAITS, now=now)
        said = CombinedExpression(F("decided"), "||", Value(dict(decided or {}), JSONField()))
        changed = list_import.rows.filter(why=why).update(chosen=chosen, decided=said)
        _record(list_import, Deed.IMPORT_ROWS, [count(_("Lines"), changed)])


def can_be_undone(list_import: ListImport) -> bool:
    """Whether the import (with its operation) wrote something, and can take it back now."""
    operation = list_import.operation
    if list_import.forgotten_at or operation.state not in OVER or operation.phase not in {phases.APPLY, phases.UNDO}:
        return False
    return list_import.rows.standing().exists()


def _record(list_import: ListImport, deed: Deed, changes: Collection[Change] = ()) -> None:
    """Tell of it by numbers alone: whose rows they are is forgotten sooner than the history."""
    record(deed, about_operation(list_import.operation), account=list_import.account_id, changes=changes)


def _go_on(
    list_import: ListImport, phase: str, *, phases: Collection[str], after: Collection[str], now: datetime
) -> None:
    """Go on with a phase, if the job is in one of these phases and states and its rows are there."""
    held = _hold(list_import, phases=phases, states=after)
    if not continue_operation(held.operation, phase, after=after, now=now):
        raise NotNowError


def _hold(list_import: ListImport, *, phases: Collection[str], states: Collection[str]) -> ListImport:
    """Hold an import whose job is in one of these phases and states, and whose rows are there. Raises NotNowError."""
    held = ListImport.objects.select_for_update(of=("self", "operation")).select_related("operation", "account")
    found = held.get(account=list_import.account_id, pk=list_import.pk)
    if found.forgotten_at or found.operation.phase not in phases or found.operation.state not in states:
        raise NotNowError
    return found
