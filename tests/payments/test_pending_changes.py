"""Changes of subscriptions that are still to come are read, however Stripe says them; what is odd is no change."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bookwhen.payments.pending_changes import read_pending_change, read_scheduled_change


def phase(start: int, *prices: object) -> dict[str, Any]:
    return {"start_date": start, "end_date": start + 10, "items": [{"price": price} for price in prices]}


def schedule(*phases: dict[str, Any], begun: int = 10, status: str = "active") -> dict[str, Any]:
    return {"status": status, "current_phase": {"start_date": begun, "end_date": begun + 10}, "phases": list(phases)}


@pytest.mark.parametrize(
    ("raw", "price", "at"),
    [
        (schedule(phase(10, "a"), phase(20, "b")), "b", 20),
        (schedule(phase(20, "b"), phase(10, "a")), "b", 20),
        (schedule(phase(10, "a"), phase(20, "a"), phase(30, "b")), "b", 30),
        (schedule(phase(10, "towel", "a"), phase(20, "towel", {"id": "b"})), "b", 20),
        (schedule(phase(0, "z"), phase(10, "a"), phase(20, "a")), "", None),
        (schedule(phase(10, "a"), phase(20, "b"), begun=20), "", None),
        (schedule(phase(10, "a"), phase(20, "b"), status="released"), "", None),
        (schedule(phase(10, "a")), "", None),
        ({"status": "active", "current_phase": None, "phases": None}, "", None),
        ({}, "", None),
    ],
)
def test_the_next_price_of_a_schedule(raw: dict[str, Any], price: str, at: int | None) -> None:
    assert read_scheduled_change(raw) == (price, None if at is None else datetime.fromtimestamp(at, UTC))


@pytest.mark.parametrize(
    ("waiting", "price"),
    [
        ({"expires_at": 50, "subscription_items": [{"price": {"id": "b"}}]}, "b"),
        ({"expires_at": 50, "subscription_items": [{"price": "a"}, {"price": "b"}]}, "b"),
        ({"expires_at": 50, "subscription_items": [{"price": "a"}]}, ""),
        ({"expires_at": 50, "subscription_items": None}, ""),
        (None, ""),
    ],
)
def test_what_waits_for_a_payment(waiting: object, price: str) -> None:
    raw = {"items": {"data": [{"price": {"id": "a"}}]}, "pending_update": waiting}

    read = read_pending_change(raw)

    until = datetime.fromtimestamp(50, UTC) if price else None
    assert (read["pending_price"], read["pending_until"]) == (price, until)
