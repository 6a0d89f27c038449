"""What people decide about a long job: to begin it, to go on, to cancel it, to try again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts.history.acting import current_actor
from accounts.history.recording import About, record
from accounts.models import Account, Deed, Operation, OperationState, Thing
from accounts.models.operations import NO_LANE, OPEN
from accounts.operations.kinds import kind_of
from bookwhen.db import violated_constraint
from bookwhen.queue import enqueue

TASK: Final = "accounts.tasks.run_operation"


class OperationOpenError(Exception):
    """Another one in the same lane is not over yet."""


def start_operation(
    account: Account, kind: str, *, phase: str, who: str, key: UUID, lane: str = NO_LANE, now: datetime
) -> tuple[Operation, bool]:
    """Begin a long job, and whether this began it: the same key again returns the one it began.

    Raises OperationOpenError. Call it in a transaction together with what the job is about.
    """
    actor = current_actor()
    fresh: dict[str, Any] = {"kind": kind, "phase": phase, "who": who, "lane": lane}
    fresh |= {"began_by": actor.user if actor else None}
    fresh |= {"due_at": now, "created_at": now, "changed_at": now}
    try:
        with transaction.atomic():
            operation, is_new = Operation.objects.get_or_create(account=account, key=key, defaults=fresh)
    except IntegrityError as error:
        raise _as_open(error) from error
    if is_new:
        enqueue(TASK, operation.pk)
    return operation, is_new


def continue_operation(operation: Operation, phase: str, *, after: Collection[str], now: datetime) -> bool:
    """Let a job that is in one of these states go on with a phase; False where it is in none of them any more.

    Raises OperationOpenError where it was over, and another one began meanwhile.
    """
    found = Operation.objects.filter(account=operation.account_id, pk=operation.pk, state__in=after)
    try:
        with transaction.atomic():
            went_on = found.update(
                state=OperationState.QUEUED,
                phase=phase,
                cursor={},
                done=0,
                total=None,
                claims=F("claims") + 1,
                attempts=0,
                error="",
                due_at=now,
                changed_at=now,
                ended_at=None,
            )
    except IntegrityError as error:
        raise _as_open(error) from error
    if went_on:
        enqueue(TASK, operation.pk)
    return bool(went_on)


def cancel_operation(operation: Operation, *, now: datetime) -> bool:
    """End a job where it is: the batch that a worker has begun is the last one. False where it was over already."""
    found = Operation.objects.filter(account=operation.account_id, pk=operation.pk, state__in=OPEN)
    with transaction.atomic():
        ended = found.update(
            state=OperationState.CANCELLED, claims=F("claims") + 1, changed_at=now, ended_at=now, attempts=0, error=""
        )
        if ended:
            record(Deed.TASK_CANCELLED, about_operation(operation), account=operation.account_id)
    return bool(ended)


def retry_operation(operation: Operation, *, now: datetime) -> bool:
    """Go on at once where a job failed or waits to be tried again; False where it does neither.

    Raises OperationOpenError.
    """
    # One that no try has failed of waits for its time, as a message that is to be sent tomorrow does.
    has_failed = Q(state=OperationState.FAILED) | Q(state=OperationState.QUEUED, attempts__gt=0)
    found = Operation.objects.filter(has_failed, account=operation.account_id, pk=operation.pk)
    try:
        with transaction.atomic():
            again = found.update(state=OperationState.QUEUED, due_at=now, attempts=0, changed_at=now, ended_at=None)
            if again:
                record(Deed.TASK_RETRIED, about_operation(operation), account=operation.account_id)
    except IntegrityError as error:
        raise _as_open(error) from error
    if again:
        enqueue(TASK, operation.pk)
    return bool(again)


def about_operation(operation: Operation) -> About:
    """A long job as the history names it."""
    kind = kind_of(operation)
    return About(Thing.OPERATION, operation.pk, str(kind.label) if kind else operation.kind)


def _as_open(error: IntegrityError) -> Exception:
    return OperationOpenError() if violated_constraint(error) == "operation_lane_once" else error
