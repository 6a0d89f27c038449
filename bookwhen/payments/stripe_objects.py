"""What we read of Stripe's objects, as plain values: instants are aware (UTC), money is integer minor units.

The paths are those of API version 2026-05-27.dahlia.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bookwhen.payments.pending_changes import read_pending_change
from bookwhen.payments.stripe_prices import CostBasis, CostReading, ItemReading, PriceReading, read_cost, read_items
from bookwhen.payments.stripe_values import (
    Raw,
    UnreadableError,
    read_count,
    read_currency,
    read_id,
    read_instant,
    read_integer,
    read_line,
    read_metadata,
    read_object,
    read_url,
    read_word,
    require_id,
    require_instant,
    require_integer,
)

NAME_LENGTH, EMAIL_LENGTH, NUMBER_LENGTH, WORD_LENGTH = 200, 512, 100, 40
"""As long as our columns: Stripe takes longer ones."""

INSTALLATION: Final = "bookwhen_installation"
"""What our endpoints bear in their metadata: the id of the installation that made them."""
STATUSES: Final = frozenset(
    {"incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"}
)
"""Where a subscription can be, in Stripe's words."""


class Settlement(StrEnum):
    """What became of a bill that nobody has to pay any more."""

    MONEY = "money"
    """It was paid through Stripe."""
    OUTSIDE = "outside"
    """The studio marked it as paid: the money did not come through Stripe."""
    CREDIT = "credit"
    """The customer's credit covered it."""
    FREE = "free"
    """There was nothing to pay."""
    WAIVED = "waived"
    """The studio voided it, or took all of it back by a credit note."""
    WRITTEN_OFF = "written_off"
    """The studio does not expect the money any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReading:
    """A Stripe account."""

    id: str
    name: str
    country: str
    currency: str
    charges_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReading:
    """An invoice. `hosted_url` is where it can be seen and paid; `next_attempt_at` when Stripe tries the card again.

    `off_stripe` is what was paid of it elsewhere, `credited` what credit notes took off it before it was paid, and
    `balance` what the customer owed when it was opened, negative where they had credit. A draft without `auto_advance`
    stays one until somebody sends it: a pause can leave bills like that.
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
    collection_method: str = "charge_automatically"
    due_at: datetime | None = None
    total: int = 0
    off_stripe: int = 0
    credited: int = 0
    balance: int = 0
    paid_at: datetime | None = None

    @property
    def settlement(self) -> Settlement | None:
        """What became of it; None while it is being prepared or waits to be paid."""
        if self.status == "void":
            return Settlement.WAIVED
        if self.status == "uncollectible":
            return Settlement.WRITTEN_OFF
        return self._paid_by() if self.status == "paid" else None

    def _paid_by(self) -> Settlement:
        if self.amount_paid > max(self.off_stripe, 0):
            return Settlement.MONEY
        if self.off_stripe > 0 or self.amount_due > 0:
            return Settlement.OUTSIDE
        if self.total > 0 and self.balance < 0:
            return Settlement.CREDIT
        return Settlement.WAIVED if self.credited > 0 else Settlement.FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionReading:
    """A subscription as Stripe has it now.

    Price, quantity, period and `billing_anchor` (what its periods follow from) are those of its first item, or of the
    one that was chosen by `of_item`; `cost` is of all `items` together. `is_plain`: as far as it says itself, Stripe
    will bill just what its price says. `ends_at` is when it will end by a scheduled cancellation, however that was
    asked for: with flexible billing the portal sets `cancel_at` and leaves `cancel_at_period_end` false.
    `pause_behavior` is what Stripe does with bills while collecting is paused, empty while it is not; `schedule` the id
    of what will change it, to `next_price` at `changes_at` where that was asked for too. `pending_price` is what it
    changes to if an open bill is paid by `pending_until`.
    """

    id: str
    status: str
    customer: str
    price: PriceReading
    quantity: int
    items: tuple[ItemReading, ...]
    cost: CostReading
    is_plain: bool
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

    def of_item(self, item: ItemReading) -> "SubscriptionReading":
        """The same subscription, seen by another of its items."""
        return replace(
            self,
            price=item.price,
            quantity=item.quantity,
            billing_anchor=item.billing_anchor,
            period_start=item.period_start,
            period_end=item.period_end,
        )


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
    """Read an account. Raises UnreadableError, as all of these do."""
    profile, shown = read_object(raw.get("business_profile")), read_object(raw.get("settings")).get("dashboard")
    name = read_line(profile.get("name"), NAME_LENGTH)
    return AccountReading(
        id=require_id(raw),
        name=name or read_line(read_object(shown).get("display_name"), NAME_LENGTH),
        country=read_word(raw.get("country")),
        currency=read_currency(raw.get("default_currency")),
        charges_enabled=raw.get("charges_enabled") is not False,
    )


def subscription_of_invoice(raw: Raw) -> object:
    """The subscription that an invoice bills, as today's versions of Stripe's API say it, or those before 2025-03-31.

    It is what stands there, which an event may have made up: no id yet.
    """
    parent = raw.get("parent") or {}
    return (parent.get("subscription_details") or {}).get("subscription") or raw.get("subscription")


def read_invoice(raw: Raw) -> InvoiceReading:
    """Read an invoice."""
    parent = read_object(read_object(raw.get("parent")).get("subscription_details"))
    currency = read_currency(raw.get("currency"))
    if not currency:
        message = f"Stripe sent an invoice ({read_id(raw)}) without a currency that we know."
        raise UnreadableError(message)
    return InvoiceReading(
        id=require_id(raw),
        subscription=read_id(parent.get("subscription")) or read_id(raw.get("subscription")),
        number=read_line(raw.get("number"), NUMBER_LENGTH),
        status=read_word(raw.get("status")),
        amount_due=require_integer(raw, "amount_due"),
        amount_paid=require_integer(raw, "amount_paid"),
        currency=currency,
        created_at=require_instant(raw, "created"),
        hosted_url=read_url(raw.get("hosted_invoice_url")),
        pdf_url=read_url(raw.get("invoice_pdf")),
        attempt_count=read_count(raw.get("attempt_count")),
        next_attempt_at=read_instant(raw.get("next_payment_attempt")),
        billing_reason=read_word(raw.get("billing_reason"), WORD_LENGTH),
        collection_method=read_word(raw.get("collection_method"), WORD_LENGTH),
        due_at=read_instant(raw.get("due_date")),
        total=read_integer(raw.get("total")) or 0,
        off_stripe=read_integer(raw.get("amount_paid_off_stripe")) or 0,
        credited=read_integer(raw.get("pre_payment_credit_notes_amount")) or 0,
        balance=read_integer(raw.get("starting_balance")) or 0,
        paid_at=read_instant(read_object(raw.get("status_transitions")).get("paid_at")),
        auto_advance=raw.get("auto_advance") is not False,
    )


def read_preview(raw: Raw) -> InvoiceReading:
    """Read the preview of a bill, which Stripe has not made yet and may give no id."""
    return read_invoice({"id": "upcoming", **raw} if not raw.get("id") else raw)


def read_subscription(raw: Raw) -> SubscriptionReading:
    """Read a subscription, with its latest invoice and its customer where these were expanded."""
    found, status = read_items(raw), read_word(raw.get("status"))
    if not found or status not in STATUSES:
        message = f"Stripe sent a subscription ({read_id(raw)}) whose {'status' if found else 'items'} we can’t read."
        raise UnreadableError(message)
    item, cost, pause = found[0], read_cost(raw, found), read_object(raw.get("pause_collection"))
    ends_at = read_instant(raw.get("cancel_at")) or (item.period_end if raw.get("cancel_at_period_end") else None)
    return SubscriptionReading(
        id=require_id(raw),
        status=status,
        customer=read_id(raw.get("customer")),
        price=item.price,
        quantity=item.quantity,
        items=tuple(found),
        cost=cost,
        is_plain=_is_plain(raw, found, cost),
        metadata=read_metadata(raw.get("metadata")),
        billing_anchor=item.billing_anchor,
        started_at=read_instant(raw.get("start_date")) or require_instant(raw, "created"),
        period_start=item.period_start,
        period_end=item.period_end,
        trial_end=read_instant(raw.get("trial_end")),
        ends_at=ends_at,
        ended_at=read_instant(raw.get("ended_at")),
        cancel_reason=read_word(read_object(raw.get("cancellation_details")).get("reason"), WORD_LENGTH),
        collection_method=read_word(raw.get("collection_method"), WORD_LENGTH),
        pause_behavior=read_word(pause.get("behavior"), WORD_LENGTH),
        resumes_at=read_instant(pause.get("resumes_at")),
        schedule=read_id(raw.get("schedule")),
        livemode=raw.get("livemode") is True,
        invoice=_latest_invoice(raw),
        **read_pending_change(raw),
    )


def _latest_invoice(raw: Raw) -> InvoiceReading | None:
    """The latest invoice where it was expanded; one that cannot be read keeps nobody's membership from being read."""
    latest = read_object(raw.get("latest_invoice"))
    try:
        return read_invoice(latest) if latest else None
    except UnreadableError:
        return None


def _is_plain(raw: Raw, items: list[ItemReading], cost: CostReading) -> bool:
    """Whether a subscription and its customer (expanded) say themselves that the next bill is what its price says.

    Waiting invoice items are on neither: `memberships.next_payment` has to hear of them otherwise.
    """
    customer = read_object(raw.get("customer"))
    grants = read_object(customer.get("invoice_credit_balance"))
    complicated = any(
        raw.get(name) for name in ("schedule", "pending_update", "billing_thresholds", "pending_invoice_item_interval")
    )
    return (
        len(items) == 1
        and items[0].quantity == 1
        and cost.basis is CostBasis.EXACT
        and customer.get("balance") == 0
        and not any(grants.values())
        and not complicated
    )


def read_session(raw: Raw) -> SessionReading:
    """Read a checkout session."""
    return SessionReading(
        id=require_id(raw),
        mode=read_word(raw.get("mode")),
        status=read_word(raw.get("status")),
        payment_status=read_word(raw.get("payment_status")),
        url=read_url(raw.get("url")),
        subscription=read_id(raw.get("subscription")),
        reference=read_line(raw.get("client_reference_id"), NAME_LENGTH),
        metadata=read_metadata(raw.get("metadata")),
        expires_at=require_instant(raw, "expires_at"),
        intent=read_id(raw.get("payment_intent")),
        invoice=read_id(raw.get("invoice")),
    )


def read_refund(raw: Raw) -> RefundReading:
    """Read a refund. Raises UnreadableError."""
    return RefundReading(
        id=require_id(raw),
        intent=read_id(raw.get("payment_intent")),
        amount=require_integer(raw, "amount"),
        status=read_word(raw.get("status")),
        metadata=read_metadata(raw.get("metadata")),
        failure=read_line(raw.get("failure_reason"), NAME_LENGTH),
        created_at=require_instant(raw, "created"),
    )


def read_customer(raw: Raw) -> CustomerReading:
    """Read a customer."""
    return CustomerReading(
        id=require_id(raw),
        email=read_line(raw.get("email"), EMAIL_LENGTH),
        name=read_line(raw.get("name"), NAME_LENGTH),
        deleted=bool(raw.get("deleted")),
    )


def read_endpoint(raw: Raw) -> EndpointReading:
    """Read a webhook endpoint."""
    events = raw.get("enabled_events")
    return EndpointReading(
        id=require_id(raw),
        url=read_url(raw.get("url")),
        enabled=raw.get("status") == "enabled",
        events=frozenset(map(str, events)) if isinstance(events, list | tuple) else frozenset(),
        installation=read_metadata(raw.get("metadata")).get(INSTALLATION, ""),
    )
