"""What Stripe is asked for: plain values, money in integer minor units, currencies in capitals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bookwhen.payments.stripe_objects import INSTALLATION


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutLine:
    """What is sold once at a hosted checkout: `amount` each, in minor units."""

    title: str
    amount: int
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A hosted checkout of a basket: its lines, and a membership by its `price` where one is in it.

    `currency` is in capitals; `expires_at` an aware instant, half an hour to a day ahead. `reference` is our payment;
    `subscription` are the marks of the membership that begins.
    """

    customer: str
    currency: str
    lines: Sequence[CheckoutLine]
    reference: str
    metadata: Mapping[str, str]
    success_url: str
    cancel_url: str
    expires_at: datetime
    price: str = ""
    trial_days: int = 0
    subscription: Mapping[str, str] = field(default_factory=dict)
    locale: str = "auto"
    excluded: Sequence[str] = ()
    """The ways of paying that it does not offer, in Stripe's words (`bookwhen.payments.payment_methods`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """A new price: `amount` in minor units, every `interval_count` `interval`s (day, week, month, year)."""

    product: str
    title: str
    amount: int
    currency: str
    interval: str
    interval_count: int
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A webhook endpoint: where Stripe calls, for which types of events, and whose it is (`Installation.uuid`).

    `site` is its name, for who reads the list of endpoints in Stripe's dashboard.
    """

    url: str
    events: Sequence[str]
    installation: UUID
    site: str

    def params(self) -> dict[str, object]:
        """What Stripe is asked for, to make it or to change it."""
        return {
            "url": self.url,
            "enabled_events": list(self.events),
            "description": self.site,
            "metadata": {INSTALLATION: str(self.installation)},
        }
