"""Telling everybody who has booked of a change that a studio may keep to itself: one letter each, however many dates.

Where they are many, workers tell them, from what is so by then; a letter that was written before is not written again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.db import transaction

from accounts.models import Account, Operation
from accounts.operations.kinds import Step
from accounts.operations.services import start_operation
from tickets.models import Seat, SeatQuerySet

BATCH: Final = 100
"""How many customers are written to in one transaction."""
AFTER: Final = "after"
TELL: Final = "tell"


def tell_batch(operation: Operation, seats: SeatQuerySet, write: Callable[[Sequence[Seat]], object]) -> Step:
    """Write to the next customers of those who have these seats."""
    after = operation.cursor[AFTER]
    with transaction.atomic():
        customers = seats.filter(booking__customer__gt=after).order_by("booking__customer")
        keys = list(customers.values_list("booking__customer", flat=True).distinct()[:BATCH])
        if not keys:
            return Step(None, operation.done)
        write(list(seats.filter(booking__customer__in=keys)))
    return Step({**operation.cursor, AFTER: keys[-1]}, operation.done + len(keys))


def start_telling(
    account: Account, kind: str, lane: str, cursor: dict[str, Any], *, who: str, now: datetime
) -> Operation:
    """Let workers tell them: a job of its own for each change, in a lane of its own that begins with `lane`."""
    lane = f"{lane} {uuid4().hex[:8]}"
    operation, _new = start_operation(account, kind, phase=TELL, who=who, key=uuid4(), lane=lane, now=now)
    Operation.objects.filter(account=account, pk=operation.pk).update(cursor={**cursor, AFTER: 0})
    return operation


def count_customers(seats: SeatQuerySet) -> int:
    """How many customers have these seats."""
    return seats.order_by().values("booking__customer").distinct().count()
