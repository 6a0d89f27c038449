"""What we ask of Stripe, and its answers as our own readings. How the calls are made is in `transport`."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal
from urllib.parse import quote

import stripe

from bookwhen.payments import refusals, stripe_objects
from bookwhen.payments.encryption import CannotDecryptError, decrypt
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_errors import (
    DeclinedError,
    GoneError,
    KeyRefusedError,
    PermissionMissingError,
    QuietError,
    RateLimitedError,
    StripeDownError,
    StripeError,
)
from bookwhen.payments.stripe_params import Checkout, Endpoint, Recurring
from bookwhen.payments.stripe_prices import PriceReading, read_price
from bookwhen.payments.stripe_values import UnreadableError, read_id, read_metadata, read_object
from bookwhen.payments.transport import API_VERSION, PAGE, Transport, as_json

__all__ = [
    "API_VERSION",
    "DeclinedError",
    "Gateway",
    "GoneError",
    "KeyRefusedError",
    "PermissionMissingError",
    "QuietError",
    "RateLimitedError",
    "StripeDownError",
    "StripeError",
    "is_signed",
]

log = logging.getLogger(__name__)

TOLERANCE_SECONDS: Final = 300
MOST_TYPES: Final = 20
"""How many event types Stripe takes in one question."""


class Gateway(Transport):
    """One Stripe account, by its secret key. Each method is one call (lists: one a page) and may raise StripeError."""

    connection: Connection | None = None
    """The connection that the key is of, where it is kept already."""

    @classmethod
    def of(cls, connection: Connection) -> "Gateway":
        """The gateway of a connection; raises KeyRefusedError when it has no key that we can open."""
        if not connection.encrypted_key:
            message = "This account isn’t connected to Stripe."
            raise KeyRefusedError(message)
        try:
            made = cls(decrypt(connection.encrypted_key))
        except CannotDecryptError as error:
            message = "We can’t read your saved Stripe key because SECRET_KEY was changed. Enter the key again."
            raise KeyRefusedError(message) from error
        made.connection = connection
        return made

    def note_refused(self, error: KeyRefusedError) -> None:
        """Note it at the connection, where the studio reads how to mend it; not what we can do without."""
        is_needed = not isinstance(error, PermissionMissingError) or error.needed is not None
        if self.connection is not None and is_needed:
            refusals.note(self.connection, error)

    def account(self) -> stripe_objects.AccountReading:
        """The account that the key belongs to."""
        return stripe_objects.read_account(self.ask("accounts.retrieve_current"))

    # --- what is sold

    def create_product(self, name: str, *, metadata: Mapping[str, str], key: str) -> str:
        """Make a product; returns its id."""
        asked = {"name": name, "metadata": dict(metadata)}
        return str(self.create("products.create", asked, key=key, among={"active": True})["id"])

    def rename_product(self, product: str, name: str) -> None:
        """Give a product another name."""
        self.ask("products.update", product, {"name": name})

    def create_price(self, wanted: Recurring, *, key: str) -> PriceReading:
        """Make a recurring price."""
        asked = {
            "product": wanted.product,
            "nickname": wanted.title,
            "unit_amount": wanted.amount,
            "currency": wanted.currency.lower(),
            "recurring": {"interval": wanted.interval, "interval_count": wanted.interval_count},
            "metadata": dict(wanted.metadata),
        }
        among = {"product": wanted.product, "active": True}
        return read_price(self.create("prices.create", asked, key=key, among=among))

    def is_there(self, operation: str, key: str) -> bool:
        """Whether Stripe still has an object, to be read by an operation (`prices.retrieve`), that was not deleted."""
        try:
            return not self.ask(operation, key).get("deleted")
        except GoneError:
            return False

    def is_sellable(self, price: str) -> bool:
        """Whether Stripe still has a price and what it is a price of."""
        try:
            product = read_price(self.ask("prices.retrieve", price)).product
        except GoneError:
            return False
        return self.is_there("products.retrieve", product)

    def put_on_sale(self, price: str) -> bool:
        """Put a price and what it is a price of on sale again where somebody archived them; whether they were."""
        found = self.ask("prices.retrieve", price)
        of = self.ask("products.retrieve", read_price(found).product)
        if of.get("active") is False:
            self.ask("products.update", of["id"], {"active": True})
        if found.get("active") is False:
            self.set_price_active(price, active=True)
        return found.get("active") is False or of.get("active") is False

    def set_price_active(self, price: str, *, active: bool) -> None:
        """Let a price be sold by, or not any more; who pays it goes on."""
        self.ask("prices.update", price, {"active": active})

    # --- who buys, and how

    def create_customer(self, *, email: str, name: str, metadata: Mapping[str, str], key: str) -> str:
        """Make a customer; returns the id."""
        asked = {"email": email, "metadata": dict(metadata)} | ({"name": name} if name else {})
        return str(self.create("customers.create", asked, key=key, among={"email": email})["id"])

    def customer(self, customer: str) -> stripe_objects.CustomerReading:
        """A customer; `deleted` where it was removed at Stripe."""
        return stripe_objects.read_customer(self.ask("customers.retrieve", customer))

    def readdress_customer(self, customer: str, email: str) -> None:
        """Have Stripe write its receipts and bills to another address of a customer's."""
        self.ask("customers.update", customer, {"email": email})

    def create_checkout(self, wanted: Checkout, *, key: str) -> stripe_objects.SessionReading:
        """Open a hosted checkout of a basket: one payment, or a subscription with what is sold once on its first bill.

        Raises DeclinedError where the total is less than Stripe takes by card.
        """
        lines: list[dict[str, Any]] = [
            {
                "quantity": line.quantity,
                "price_data": {
                    "currency": wanted.currency.lower(),
                    "unit_amount": line.amount,
                    "product_data": {"name": line.title},
                },
            }
            for line in wanted.lines
        ]
        asked: dict[str, Any] = {
            "mode": "subscription" if wanted.price else "payment",
            "customer": wanted.customer,
            "client_reference_id": wanted.reference,
            "metadata": dict(wanted.metadata),
            "success_url": wanted.success_url,
            "cancel_url": wanted.cancel_url,
            "expires_at": int(wanted.expires_at.timestamp()),
            "locale": wanted.locale,
            "excluded_payment_method_types": list(wanted.excluded),
        }
        if wanted.price:
            lines.insert(0, {"price": wanted.price, "quantity": 1})
            begun: dict[str, Any] = {"metadata": dict(wanted.subscription), "billing_mode": {"type": "flexible"}}
            asked["subscription_data"] = begun | ({"trial_period_days": wanted.trial_days} if wanted.trial_days else {})
        else:
            asked["payment_intent_data"] = {"metadata": dict(wanted.metadata)}
        asked["line_items"] = lines
        among = {"customer": wanted.customer, "status": "open"}
        return stripe_objects.read_session(self.create("checkout.sessions.create", asked, key=key, among=among))

    def intent_of(self, session: stripe_objects.SessionReading) -> str:
        """What was paid by a complete checkout, as refunds name it; empty where nothing was to be paid.

        A bill may have been tried to be paid several times: what paid it counts, else what still may.
        """
        if session.intent or not session.invoice:
            return session.intent
        found = dict[str, str]()
        for raw in self.ask_all("invoice_payments.list", {"invoice": session.invoice}, patient=False):
            if intent := read_id(read_object(raw.get("payment")).get("payment_intent")):
                found.setdefault(str(raw.get("status")), intent)
        return found.get("paid") or found.get("open") or ""

    def payment_metadata(self, intent: str) -> Mapping[str, str]:
        """What we wrote on a payment when its checkout was opened; nothing on one of a subscription's bill."""
        return read_metadata(self.ask("payment_intents.retrieve", intent).get("metadata"))

    def intent_status(self, intent: str) -> str:
        """How far a payment is, in Stripe's word: `processing` while a bank debit, say, is on its way."""
        return str(self.ask("payment_intents.retrieve", intent)["status"])

    def create_refund(
        self, intent: str, amount: int, *, metadata: Mapping[str, str], key: str, again: bool = False
    ) -> stripe_objects.RefundReading:
        """Give back some of what was paid, in minor units. Raises DeclinedError where less than that is left.

        `again`: it was asked for before, perhaps longer ago than Stripe knows a key.
        """
        asked = {"payment_intent": intent, "amount": amount, "metadata": dict(metadata)}
        among = {"payment_intent": intent}
        return stripe_objects.read_refund(self.create("refunds.create", asked, key=key, among=among, again=again))

    def refund(self, refund: str) -> stripe_objects.RefundReading:
        """A refund as it is now."""
        return stripe_objects.read_refund(self.ask("refunds.retrieve", refund))

    def session(self, session: str) -> stripe_objects.SessionReading:
        """A checkout session as it is now."""
        return stripe_objects.read_session(self.ask("checkout.sessions.retrieve", session))

    def expire_session(self, session: str) -> stripe_objects.SessionReading:
        """End an open checkout; raises DeclinedError where it is not open any more."""
        return stripe_objects.read_session(self.ask("checkout.sessions.expire", session))

    def create_portal_configuration(self, *, key: str) -> str:
        """Make the settings of our customers' portal: invoices, card, cancellation at period end. Returns its id."""
        asked = {
            "features": {
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            }
        }
        among = {"active": True}
        return str(self.create("billing_portal.configurations.create", asked, key=key, among=among)["id"])

    def portal_configuration(self, configuration: str) -> bool:
        """Whether the portal's settings can be used; raises GoneError where they were deleted."""
        return bool(self.ask("billing_portal.configurations.retrieve", configuration)["active"])

    def open_portal(self, *, customer: str, configuration: str, return_url: str) -> str:
        """Let a customer into the portal; returns the address to send them to."""
        asked = {"customer": customer, "return_url": return_url}
        if configuration:
            asked["configuration"] = configuration
        return str(self.ask("billing_portal.sessions.create", asked)["url"])

    # --- subscriptions

    def subscription(self, subscription: str) -> stripe_objects.SubscriptionReading:
        """A subscription as it is now, with its latest invoice and its customer."""
        # Workers do little else: without the library's objects it is a third quicker.
        path = f"/v1/subscriptions/{quote(subscription, safe='')}"
        raw = self.ask_plainly("subscriptions.retrieve", path, expand=["latest_invoice", "customer"])
        return stripe_objects.read_subscription(raw)

    def cancel_at_period_end(self, subscription: str, *, key: str) -> None:
        """Let a subscription end when what is paid for ends."""
        self.ask("subscriptions.update", subscription, {"cancel_at_period_end": True}, key=key)

    def update_subscription(self, subscription: str, asked: Mapping[str, Any], *, key: str) -> None:
        """Change a subscription that has not ended."""
        self.ask("subscriptions.update", subscription, dict(asked), key=key)

    def cancel_now(self, subscription: str, *, key: str) -> None:
        """End a subscription at once; nothing is refunded automatically. One that has ended already stays so."""
        try:
            self.ask("subscriptions.cancel", subscription, {}, key=key)
        except (DeclinedError, GoneError):
            if self.subscription(subscription).ended_at is None:
                raise

    def keep(self, subscription: str) -> None:
        """Take a scheduled cancellation back, by whichever field it was asked for; it may be done twice."""
        found = self.ask("subscriptions.retrieve", subscription)
        if found.get("cancel_at_period_end"):
            self.ask("subscriptions.update", subscription, {"cancel_at_period_end": False})
        elif found.get("cancel_at"):
            self.ask("subscriptions.update", subscription, {"cancel_at": ""})

    def subscriptions_page(
        self, *, after: str = ""
    ) -> tuple[list[tuple[str, Callable[[], stripe_objects.SubscriptionReading]]], str]:
        """A page of all subscriptions of the account, the ended ones too, newest first, and the id to go on after.

        Each by its id, and with what reads it with its latest invoice: so one that cannot be read ends no list.
        """
        asked = {"status": "all", "expand": ["data.latest_invoice", "data.customer"]}
        found, more = self.ask_page("subscriptions.list", asked, after=after)
        return [(str(raw["id"]), partial(stripe_objects.read_subscription, raw)) for raw in found], more

    def next_invoice(self, subscription: str, *, schedule: str) -> stripe_objects.InvoiceReading:
        """What Stripe will bill next, as its preview says; `schedule` is the id of what will change it, if anything."""
        asked = {"schedule": schedule} if schedule else {"subscription": subscription}
        return stripe_objects.read_preview(self.ask("invoices.create_preview", asked))

    def invoices(self, *, subscription: str, since: datetime | None = None) -> Iterator[stripe_objects.InvoiceReading]:
        """Every invoice of a subscription that can be read, newest first: all, or those made since an instant."""
        created = {"created": {"gte": int(since.timestamp())}} if since else {}
        for raw in self.ask_all("invoices.list", {"subscription": subscription, **created}, path="/v1/invoices"):
            with suppress(UnreadableError):
                yield stripe_objects.read_invoice(raw)

    def invoices_page(self, status: str, *, after: str = "") -> tuple[list[str], str]:
        """A page of the invoices in a status, by their ids, newest first, and the id to go on after."""
        found, more = self.ask_page("invoices.list", {"status": status}, after=after)
        return [str(raw["id"]) for raw in found], more

    def list_page(
        self, name: Literal["prices", "products", "subscriptions"], asked: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], bool]:
        """One page of a list as Stripe's JSON, which `listing` reads; and whether there is more."""
        page = self.ask(f"{name}.list", {**asked, "limit": PAGE})
        return page["data"], bool(page["has_more"])

    # --- being called back

    def create_endpoint(self, wanted: Endpoint, *, key: str) -> tuple[str, str]:
        """Make a webhook endpoint; returns its id and its signing secret, which is told only now.

        One that an earlier try made, whose secret we never heard, makes way for it.
        """
        asked = {**wanted.params(), "api_version": API_VERSION}
        made = self.create("webhook_endpoints.create", asked, key=key, among={}, take=self._discard_endpoint)
        return str(made["id"]), str(made["secret"])

    def _discard_endpoint(self, endpoint: dict[str, Any]) -> None:
        self.delete_endpoint(str(endpoint["id"]))
        self.spend(endpoint)

    def endpoint(self, endpoint: str) -> stripe_objects.EndpointReading:
        """An endpoint as Stripe has it; raises GoneError where it was deleted."""
        return stripe_objects.read_endpoint(self.ask("webhook_endpoints.retrieve", endpoint))

    def endpoints(self) -> list[stripe_objects.EndpointReading]:
        """All endpoints of the account, ours and others’."""
        return [stripe_objects.read_endpoint(raw) for raw in self.ask_all("webhook_endpoints.list", {}, patient=False)]

    def update_endpoint(self, endpoint: str, wanted: Endpoint) -> None:
        """Let an endpoint be as it should, and enable it; its signing secret stays."""
        self.ask("webhook_endpoints.update", endpoint, {**wanted.params(), "disabled": False})

    def delete_endpoint(self, endpoint: str) -> None:
        """Delete an endpoint; one that is gone already stays so."""
        try:
            self.ask("webhook_endpoints.delete", endpoint)
        except GoneError:
            log.info("The webhook endpoint %s was gone already.", endpoint)

    def events_since(self, seconds: int, *, types: Sequence[str]) -> list[dict[str, Any]]:
        """The events of these types since an instant (Stripe's seconds, inclusive), as Stripe's JSON.

        Oldest first; of those in one second, one type may come before another.
        """
        found: list[dict[str, Any]] = []
        for first in range(0, len(types), MOST_TYPES):
            asked = {"created": {"gte": seconds}, "types": list(types[first : first + MOST_TYPES])}
            found += [as_json(raw) for raw in self.ask_all("events.list", asked)][::-1]
        return sorted(found, key=lambda raw: raw["created"] if type(raw.get("created")) is int else 0)

    def newest_event_at(self) -> int:
        """When the newest event happened, of whatever type, by Stripe's clock in seconds; 0 where there is none."""
        newest = self.ask("events.list", {"limit": 1})["data"]
        return int(newest[0]["created"]) if newest else 0


def is_signed(body: bytes, signature: str, secrets: Sequence[str], *, now: datetime) -> bool:
    """Whether a webhook's raw body was signed with one of these secrets, within five minutes of `now`.

    Stripe's library asks only that it is not too old; a stamp far in the future would stay good for as long.
    """
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
        except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
            # TypeError: a signature that is not ASCII.
            continue
        return abs(_signed_at(signature) - now.timestamp()) <= TOLERANCE_SECONDS
    return False


def _signed_at(signature: str) -> int:
    stamps = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    return int(stamps[0]) if stamps and stamps[0].isdigit() else 0
