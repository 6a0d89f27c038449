"""Erasing customers of whom there was no sign for years, where an account wants that: some each night.

Customers are walked through from who came first, a bounded number a night; where the walk ends, the next one begins
anew. Each is erased as by hand, in a transaction of its own: what is in the way leaves them as they are.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import Final

from django.db.models import Q

from accounts.erasing.parts import Obstacle
from accounts.erasing.service import InTheWayError, erase_customer
from accounts.history.acting import acting
from accounts.keeping.kinds import Turn
from accounts.keeping.seen import idle_since, years_before
from accounts.models import Account, Customer, Retention

ERASED: Final = 100
"""How many customers of an account are erased a night."""
LOOKED_AT: Final = 20_000
"""How many are looked at."""
CHUNK: Final = 500


def erase_idle(turn: Turn) -> None:
    """Erase some of an account’s customers (its turn’s) of whom there was no sign for as many years as it chose."""
    retention = turn.retention
    if retention.customers_years is None:
        return
    before, erased = years_before(turn.now, retention.customers_years), 0
    for _chunk in range(LOOKED_AT // CHUNK):
        chunk = _next(retention, before)
        for pk in _idle(retention.account, [pk for _made, pk in chunk], before):
            if erased == ERASED or turn.is_over():
                return
            erased += _erase(turn, pk, before)
            _come_to(retention, next(each for each in chunk if each[1] == pk))
        if len(chunk) < CHUNK:
            _come_to(retention, (None, 0))
            return
        _come_to(retention, chunk[-1])


def _next(retention: Retention, before: datetime) -> list[tuple[datetime, int]]:
    """The next customers on the walk, of any kind: when they were made, and their numbers."""
    rows = Customer.objects.filter(account=retention.account, erased_at__isnull=True, created_at__lt=before)
    if retention.walked_at is not None:
        later = Q(created_at__gt=retention.walked_at) | Q(pk__gt=retention.walked_id)
        rows = rows.filter(later, created_at__gte=retention.walked_at)
    return list(rows.order_by("created_at", "pk").values_list("created_at", "pk")[:CHUNK])


def _idle(account: Account, keys: list[int], before: datetime) -> list[int]:
    idle = idle_since(before).filter(account=account, pk__in=keys).order_by("created_at", "pk")
    return list(idle.values_list("pk", flat=True))


def _erase(turn: Turn, pk: int, before: datetime) -> bool:
    """Erase one, unless something is in the way or they were seen meanwhile; whether they were erased."""
    retention, customer = turn.retention, Customer.objects.filter(account=turn.retention.account, pk=pk).first()
    if customer is None:
        return False

    def seen_meanwhile(held: Customer, _now: datetime) -> Iterable[Obstacle]:
        if not _idle(retention.account, [held.pk], before):
            yield Obstacle("")

    customer.account = retention.account
    actor = retention.customers_by
    try:
        with acting(actor, at=turn.now) if actor else nullcontext():
            erase_customer(customer, now=turn.now, also=seen_meanwhile)
    except InTheWayError:
        return False
    except Exception as error:  # noqa: BLE001 - one who cannot be erased keeps no other
        turn.fail(pk, error)
        return False
    turn.done += 1
    return True


def _come_to(retention: Retention, where: tuple[datetime | None, int]) -> None:
    retention.walked_at, retention.walked_id = where
    Retention.objects.filter(pk=retention.pk).update(walked_at=where[0], walked_id=where[1])
