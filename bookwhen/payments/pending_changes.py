"""What Stripe says of changes of a subscription that are still to come: scheduled, or waiting for a payment."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypedDict

Raw = Mapping[str, Any]

_GOING_ON: Final = frozenset({"active", "not_started"})
"""Schedules that still change something."""


class PendingChange(TypedDict):
    """A change that waits for an open bill to be paid: to a price (its id), until an instant."""

    pending_price: str
    pending_until: datetime | None


def read_pending_change(raw: Raw) -> PendingChange:
    """What a subscription changes to once an open bill is paid (`pending_update`); nothing and none where it does not.

    Of several items the first that is not what the subscription has now.
    """
    waiting = raw.get("pending_update") or {}
    now = {_id(item.get("price")) for item in _items((raw.get("items") or {}).get("data"))}
    wanted = [_id(item.get("price")) for item in _items(waiting.get("subscription_items"))]
    price = next((each for each in wanted if each and each not in now), "")
    return PendingChange(pending_price=price, pending_until=_when(waiting.get("expires_at")) if price else None)


def read_scheduled_change(raw: Raw) -> tuple[str, datetime | None]:
    """To which price (its id), and when, a schedule changes its subscription next; nothing and none where it does not.

    It is the first later phase with a price that the present one does not have.
    """
    if raw.get("status") not in _GOING_ON:
        return "", None
    current = raw.get("current_phase") or {}
    begun = current.get("start_date") or 0
    phases = sorted(_items(raw.get("phases")), key=lambda phase: int(phase["start_date"]))
    now = next((set(_prices(phase)) for phase in phases if phase["start_date"] == begun), set())
    for phase in phases:
        if phase["start_date"] > begun and (new := [price for price in _prices(phase) if price not in now]):
            return new[0], _when(phase["start_date"])
    return "", None


def _prices(phase: Raw) -> list[str]:
    return [price for item in _items(phase.get("items")) if (price := _id(item.get("price")))]


def _items(found: object) -> Sequence[Raw]:
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, Sequence) else []


def _id(found: object) -> str:
    if isinstance(found, Mapping):
        return str(found.get("id") or "")
    return found if isinstance(found, str) else ""


def _when(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
