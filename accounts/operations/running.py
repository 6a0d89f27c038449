"""What workers do with long jobs: one takes a job for a while, does batch after batch, and notes how far it got.

A claim is a lease, as in the inbox of events: a worker that dies delays its job by that. What is noted carries the
number of the claim, so that one that was overtaken, or whose job was cancelled, writes nothing more.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.history.acting import acting_for
from accounts.models import Operation, OperationState
from accounts.models.operations import WORKED_OFF
from accounts.operations.kinds import Phase, Step, phase_of
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.run import pause
from bookwhen.jobs.stopping import is_stopping
from bookwhen.payments.gateway import StripeError
from bookwhen.text import storable, without_secrets

LEASE: Final = timedelta(minutes=3)
"""How long a worker has a job to itself without noting anything: longer than any batch takes."""
SECONDS: Final = 20
"""How long one task goes on; then it lets others have the worker, and calls for another."""
ATTEMPTS: Final = 8
"""How often a batch is tried: with the pauses between, for about two hours."""
ERROR_LENGTH: Final = 1000

log = logging.getLogger(__name__)


def run_operation(pk: int, *, seconds: float = SECONDS, now: datetime | None = None) -> bool:
    """Work a job off for a while; whether there is more to do at once. In a quiet copy jobs wait.

    It begins if it is due by `now`: by the clock, but for a demo’s past.
    """
    if is_quiet():
        return False
    operation = _claim(pk, now=now or timezone.now())
    if operation is None:
        return False
    stop = time.monotonic() + seconds
    while _do_batch(operation):
        if time.monotonic() >= stop or is_stopping():
            _note(operation, due_at=timezone.now(), state=OperationState.QUEUED)
            return not is_stopping()
    return False


def due_operations(*, now: datetime) -> list[int]:
    """The jobs (numbers) that a worker may take, those that have waited longest first."""
    waiting = Operation.objects.filter(state__in=WORKED_OFF, due_at__lte=now)
    return list(waiting.order_by("due_at", "pk").values_list("pk", flat=True))


def _claim(pk: int, *, now: datetime) -> Operation | None:
    free = Operation.objects.select_related("account__connection", "began_by").filter(
        pk=pk, state__in=WORKED_OFF, due_at__lte=now
    )
    if (found := free.first()) is None:
        return None
    as_found = Operation.objects.filter(pk=pk, claims=found.claims, state=found.state, due_at__lte=now)
    facts: dict[str, Any] = {"state": OperationState.RUNNING, "due_at": now + LEASE, "claims": found.claims + 1}
    if not as_found.update(**facts):
        return None
    for name, value in facts.items():
        setattr(found, name, value)
    return found


def _do_batch(operation: Operation) -> bool:
    """Do one batch, and note how far that is; whether this worker goes on."""
    phase = phase_of(operation)
    try:
        if phase is None:
            message = f"Nobody works off {operation.kind}, {operation.phase}."
            raise LookupError(message)  # noqa: TRY301 - it is told as whatever a batch raises
        now = timezone.now()
        with override(operation.account.language), acting_for(operation, at=now):
            step = phase.work(operation, now)
    except Exception as error:  # noqa: BLE001 - whatever a batch does, the job is tried again and says why
        _note_failure(operation, error, now=timezone.now())
        return False
    return _note_step(operation, phase, step, now=timezone.now())


def _note_step(operation: Operation, phase: Phase, step: Step, *, now: datetime) -> bool:
    facts: dict[str, Any] = {"done": step.done, "total": step.total, "attempts": 0, "error": "", "changed_at": now}
    if step.cursor is not None:
        return _note(operation, cursor=dict(step.cursor), due_at=now + LEASE, **facts)
    if phase.then:
        facts |= {"phase": phase.then, "cursor": {}, "done": 0, "total": None, "due_at": now + LEASE}
        return _note(operation, **facts)
    state = OperationState.WAITING if phase.waits else OperationState.DONE
    _note(operation, cursor={}, state=state, ended_at=None if phase.waits else now, **facts)
    return False


def _note_failure(operation: Operation, error: Exception, *, now: datetime) -> None:
    attempts = operation.attempts + 1
    is_expected = isinstance(error, StripeError)
    log.error("%s failed: %s", operation, error, exc_info=None if is_expected else error)
    facts: dict[str, Any] = {"attempts": attempts, "error": error_text(operation, error), "changed_at": now}
    if attempts >= ATTEMPTS:
        _note(operation, state=OperationState.FAILED, ended_at=now, **facts)
    else:
        _note(operation, state=OperationState.QUEUED, due_at=now + pause(attempts), **facts)


def error_text(operation: Operation, error: Exception) -> str:
    """Why a batch failed, in words for the operator."""
    if isinstance(error, StripeError):
        return storable(without_secrets(str(error)))[:ERROR_LENGTH]
    with override(operation.account.language):
        return _("Something went wrong on our side. We’ve made a note of it.")


def _note(operation: Operation, **facts: Any) -> bool:  # noqa: ANN401 - whatever columns hold
    """Write facts, unless the job was taken from this worker; whether it still has it."""
    mine = Operation.objects.filter(pk=operation.pk, claims=operation.claims, state=OperationState.RUNNING)
    if not mine.update(**facts):
        return False
    for name, value in facts.items():
        setattr(operation, name, value)
    return operation.state == OperationState.RUNNING
