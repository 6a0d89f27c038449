"""What our objects at Stripe bear in their metadata, to say whose they are."""

from typing import Final

from accounts.models import Account
from bookwhen.payments.stripe_objects import SubscriptionReading

ENDPOINT: Final = "bookwhen_endpoint"
PURCHASE: Final = "bookwhen_purchase"
"""What our objects at Stripe bear in their metadata: whose they are, and which purchase they are."""


def stripe_metadata(account: Account, **more: object) -> dict[str, str]:
    """What an object of ours bears at Stripe: this account's endpoint, and `more`."""
    assert account.connection is not None  # noqa: S101 - only a connected account makes objects
    return {ENDPOINT: str(account.connection.endpoint), **{name: str(value) for name, value in more.items()}}


def purchase_of(account: Account, reading: SubscriptionReading) -> str:
    """The purchase that a subscription bears in its metadata, if the mark is this account's own."""
    theirs = account.connection is not None and reading.metadata.get(ENDPOINT) == str(account.connection.endpoint)
    return reading.metadata.get(PURCHASE, "") if theirs else ""
