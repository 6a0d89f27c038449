"""What we read of Stripe's objects, as plain values: instants are aware (UTC), money is integer minor units.

The paths are those of API version 2026-05-27.dahlia.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bookwhen.payments.billing import Cycle
from bookwhen.payments.pending_changes import read_pending_change
from bookwhen.text import machine_line

NAME_LENGTH: Final = 200
"""As long as our columns for names: Stripe takes longer ones."""

INSTALLATION: Final = "bookwhen_installation"
"""What our endpoints bear in their metadata: the id of the installation that made them."""

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReading:
    """A Stripe account."""

    id: str
    name: str
    country: str
    currency: str
    charges_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceReading:
    """A price, and the product that it is a price of; `interval` day, week, month, year, or nothing for one-off."""

    id: str
    product: str
    amount: int
    currency: str
    interval: str
    interval_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReading:
    """An invoice. `hosted_url` is where it can be seen and paid; `next_attempt_at` when Stripe tries the card again.

    A draft without `auto_advance` stays one until somebody sends it: a pause can leave bills like that.
    """

    id: str
    subscription: str
    number: str
    status: str
    amount_due: int
    amount_paid: int
    currency: str
    created_at: datetime
    hosted_url: str
    pdf_url: str
    attempt_count: int
    next_attempt_at: datetime | None
    billing_reason: str
    auto_advance: bool = True
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionReading:
    """A subscription as Stripe has it now.

    `ends_at` is when it will end by a scheduled cancellation, however that was asked for: with flexible billing the
    portal sets `cancel_at` and leaves `cancel_at_period_end` false. `billing_anchor` is what its periods follow from.
    `pause_behavior` is what Stripe does with bills while collecting is paused, empty while it is not; `schedule` the id
    of what will change it, to `next_price` at `changes_at` where that was asked for too. `pending_price` is what it
    changes to if an open bill is paid by `pending_until`.
    """

    id: str
    status: str
    customer: str
    price: PriceReading
    quantity: int
    metadata: Mapping[str, str]
    billing_anchor: datetime
    started_at: datetime
    period_start: datetime
    period_end: datetime
    trial_end: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    cancel_reason: str
    collection_method: str
    pause_behavior: str
    resumes_at: datetime | None
    schedule: str
    livemode: bool
    invoice: InvoiceReading | None
    next_price: str = ""
    changes_at: datetime | None = None
    pending_price: str = ""
    pending_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReading:
    """A checkout session: `status` open, complete or expired; `payment_status` paid, unpaid or no_payment_required."""

    id: str
    mode: str
    status: str
    payment_status: str
    url: str
    subscription: str
    reference: str
    metadata: Mapping[str, str]
    expires_at: datetime
    intent: str
    """What was paid at once; with a subscription the `read_invoice` says what was paid."""
    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReading:
    """A refund: `status` pending, requires_action, succeeded, failed or canceled; `amount` in minor units."""

    id: str
    intent: str
    amount: int
    status: str
    metadata: Mapping[str, str]
    failure: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReading:
    """A customer at Stripe; nothing but the id is sure where it was deleted."""

    id: str
    email: str
    name: str
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReading:
    """A webhook endpoint: whether Stripe calls it, where, and for which types of events."""

    id: str
    url: str
    enabled: bool
    events: frozenset[str]
    installation: str
    """The id of the installation that made it; empty on one that was made before they had ids."""


def read_account(raw: Raw) -> AccountReading:
    """Read an account."""
    profile = raw.get("business_profile") or {}
    shown = (raw.get("settings") or {}).get("dashboard") or {}
    return AccountReading(
        id=raw["id"],
        name=machine_line(profile.get("name") or shown.get("display_name") or "", NAME_LENGTH),
        country=raw.get("country") or "",
        currency=(raw.get("default_currency") or "").upper(),
        charges_enabled=bool(raw.get("charges_enabled")),
    )


def read_price(raw: Raw) -> PriceReading:
    """Read a price."""
    recurring = raw.get("recurring") or {}
    return PriceReading(
        id=raw["id"],
        product=_id(raw["product"]),
        amount=raw.get("unit_amount") or 0,
        currency=raw["currency"].upper(),
        interval=recurring.get("interval", ""),
        interval_count=recurring.get("interval_count", 1),
    )


def read_invoice(raw: Raw) -> InvoiceReading:
    """Read an invoice."""
    parent = raw.get("parent") or {}
    details = parent.get("subscription_details") or {} if parent.get("type") == "subscription_details" else {}
    return InvoiceReading(
        id=raw["id"],
        subscription=_id(details.get("subscription")),
        number=raw.get("number") or "",
        status=raw.get("status") or "",
        amount_due=raw["amount_due"],
        amount_paid=raw["amount_paid"],
        currency=raw["currency"].upper(),
        created_at=_instant(raw["created"]),
        hosted_url=raw.get("hosted_invoice_url") or "",
        pdf_url=raw.get("invoice_pdf") or "",
        attempt_count=raw.get("attempt_count") or 0,
        next_attempt_at=_when(raw.get("next_payment_attempt")),
        billing_reason=raw.get("billing_reason") or "",
        auto_advance=raw.get("auto_advance") is not False,
        total=raw.get("total") or 0,
    )


def read_subscription(raw: Raw) -> SubscriptionReading:
    """Read a subscription that has one item, with its latest invoice where that was expanded."""
    item = raw["items"]["data"][0]
    latest, pause = raw.get("latest_invoice"), raw.get("pause_collection") or {}
    period_end = _instant(item["current_period_end"])
    ends_at = _when(raw.get("cancel_at")) or (period_end if raw.get("cancel_at_period_end") else None)
    return SubscriptionReading(
        id=raw["id"],
        status=raw["status"],
        customer=_id(raw["customer"]),
        price=read_price(item["price"]),
        quantity=item.get("quantity") or 1,
        metadata=dict(raw.get("metadata") or {}),
        billing_anchor=_read_billing_anchor(raw),
        started_at=_instant(raw["start_date"]),
        period_start=_instant(item["current_period_start"]),
        period_end=period_end,
        trial_end=_when(raw.get("trial_end")),
        ends_at=ends_at,
        ended_at=_when(raw.get("ended_at")),
        cancel_reason=(raw.get("cancellation_details") or {}).get("reason") or "",
        collection_method=raw.get("collection_method") or "",
        pause_behavior=pause.get("behavior") or "",
        resumes_at=_when(pause.get("resumes_at")),
        schedule=_id(raw.get("schedule")),
        livemode=bool(raw["livemode"]),
        invoice=read_invoice(latest) if isinstance(latest, Mapping) else None,
        **read_pending_change(raw),
    )


def read_session(raw: Raw) -> SessionReading:
    """Read a checkout session."""
    return SessionReading(
        id=raw["id"],
        mode=raw["mode"],
        status=raw.get("status") or "",
        payment_status=raw["payment_status"],
        url=raw.get("url") or "",
        subscription=_id(raw.get("subscription")),
        reference=raw.get("client_reference_id") or "",
        metadata=dict(raw.get("metadata") or {}),
        expires_at=_instant(raw["expires_at"]),
        intent=_id(raw.get("payment_intent")),
        invoice=_id(raw.get("invoice")),
    )


def read_refund(raw: Raw) -> RefundReading:
    """Read a refund."""
    return RefundReading(
        id=raw["id"],
        intent=_id(raw.get("payment_intent")),
        amount=raw["amount"],
        status=raw.get("status") or "",
        metadata=dict(raw.get("metadata") or {}),
        failure=raw.get("failure_reason") or "",
        created_at=_instant(raw["created"]),
    )


def read_customer(raw: Raw) -> CustomerReading:
    """Read a customer."""
    return CustomerReading(
        id=raw["id"],
        email=raw.get("email") or "",
        name=machine_line(raw.get("name") or "", NAME_LENGTH),
        deleted=bool(raw.get("deleted")),
    )


def read_endpoint(raw: Raw) -> EndpointReading:
    """Read a webhook endpoint."""
    return EndpointReading(
        id=raw["id"],
        url=raw["url"],
        enabled=raw["status"] == "enabled",
        events=frozenset(raw["enabled_events"]),
        installation=str((raw.get("metadata") or {}).get(INSTALLATION, "")),
    )


def _read_billing_anchor(raw: Raw) -> datetime:
    told, item = _instant(raw["billing_cycle_anchor"]), raw["items"]["data"][0]
    if raw["status"] == "trialing":
        return told
    price, asked = read_price(item["price"]), raw.get("billing_cycle_anchor_config") or {}
    cycle = Cycle(
        interval=price.interval,
        interval_count=price.interval_count,
        period_start=_instant(item["current_period_start"]),
        period_end=_instant(item["current_period_end"]),
        day_of_month=asked.get("day_of_month"),
    )
    return cycle.anchor(told)


def _id(raw: str | Raw | None) -> str:
    """An id, whether the object was expanded or not."""
    if raw is None:
        return ""
    return raw if isinstance(raw, str) else str(raw["id"])


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _when(seconds: int | None) -> datetime | None:
    return None if seconds is None else _instant(seconds)
