"""Asking Stripe to leave a subscription's bills out for a while, and to go on."""

from datetime import datetime
from typing import Any

from bookwhen.payments.gateway import Gateway


def pause_collection(gateway: Gateway, subscription: str, *, until: datetime | None, key: str) -> None:
    """Let Stripe void every bill of a subscription until an aware instant; none: until it is resumed.

    A bill that is there already is collected all the same. Raises StripeError.
    """
    pause: dict[str, Any] = {"behavior": "void"}
    if until is not None:
        pause["resumes_at"] = int(until.timestamp())
    gateway.update_subscription(subscription, {"pause_collection": pause}, key=key)


def resume_collection(gateway: Gateway, subscription: str, *, key: str) -> None:
    """Let Stripe take a subscription's bills again, however it was paused; it may be done twice. Raises StripeError."""
    gateway.update_subscription(subscription, {"pause_collection": ""}, key=key)
