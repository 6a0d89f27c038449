"""Moving somebody up in the line of those who wait, as the studio wishes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from tickets.models import WaitlistRequest
from tickets.waiting.recorded import record_moved_up

_TICK: Final = timedelta(microseconds=1)


def move_up(request: WaitlistRequest, *, to_front: bool = False) -> int:
    """Move somebody who waits (with customer and entry) up by one, or to the front of the line.

    Their place now; 0 where they don't wait any more. Who is first stays so.
    """
    with transaction.atomic():
        waiting = WaitlistRequest.objects.waiting().filter(account=request.account_id, entry=request.entry_id)
        # Held in the order in which everybody holds a whole line: who is offered something now keeps that.
        held = list(waiting.order_by("pk").select_for_update(no_key=True))
        line = sorted(held, key=lambda each: (each.turn, each.pk))
        before = next((place for place, each in enumerate(line) if each.pk == request.pk), None)
        if before is None:
            return 0
        after = 0 if to_front else max(before - 1, 0)
        if after != before:
            turns = _distinct([each.turn for each in line])
            line.insert(after, line.pop(before))
            _file(line, turns)
            record_moved_up(request, before + 1, after + 1)
    return after + 1


def _distinct(turns: Sequence[datetime]) -> list[datetime]:
    """The same instants in the same order, no two alike: by them alone, each comes before the next."""
    found: list[datetime] = []
    for turn in turns:
        found.append(max(turn, found[-1] + _TICK) if found else turn)
    return found


def _file(line: Sequence[WaitlistRequest], turns: Sequence[datetime]) -> None:
    changed = [(each, turn) for each, turn in zip(line, turns, strict=True) if each.turn != turn]
    for each, turn in changed:
        each.turn_at = turn
    WaitlistRequest.objects.bulk_update([each for each, _turn in changed], ["turn_at"])
