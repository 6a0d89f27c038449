"""What Stripe says of changes of a subscription that are still to come: scheduled, or waiting for a payment."""

from datetime import datetime
from typing import Final, TypedDict

from bookwhen.payments.stripe_values import Raw, read_count, read_id, read_instant, read_object, read_objects

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
    waiting = read_object(raw.get("pending_update"))
    now = {read_id(item.get("price")) for item in read_objects(raw.get("items"))}
    wanted = [read_id(item.get("price")) for item in read_objects(waiting.get("subscription_items"))]
    price = next((each for each in wanted if each and each not in now), "")
    return PendingChange(pending_price=price, pending_until=read_instant(waiting.get("expires_at")) if price else None)


def read_scheduled_change(raw: Raw) -> tuple[str, datetime | None]:
    """To which price (its id), and when, a schedule changes its subscription next; nothing and none where it does not.

    It is the first later phase with a price that the present one does not have.
    """
    if raw.get("status") not in _GOING_ON:
        return "", None
    current = read_object(raw.get("current_phase"))
    begun = read_count(current.get("start_date"))
    phases = sorted(read_objects(raw.get("phases")), key=_start)
    now = next((set(_prices(phase)) for phase in phases if _start(phase) == begun), set())
    for phase in phases:
        if _start(phase) > begun and (new := [price for price in _prices(phase) if price not in now]):
            return new[0], read_instant(_start(phase))
    return "", None


def _start(phase: Raw) -> int:
    return read_count(phase.get("start_date"))


def _prices(phase: Raw) -> list[str]:
    return [price for item in read_objects(phase.get("items")) if (price := read_id(item.get("price")))]
