"""Speaking to Stripe: the only module that imports its library. Answers come back as our own readings.

No call is made while a lock is held or a transaction is open. Every call that changes something carries an idempotency
key that derives from what we change, so that it may be sent again (Stripe keeps them for a day at least).
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from operator import attrgetter
from typing import Any, Final, cast
from urllib.parse import quote

import stripe
from django.conf import settings
from django.db import connection as database

from bookwhen.installation.copies import QuietCopyError, require_own_site
from bookwhen.outages import note_outside_effect
from bookwhen.payments import stripe_objects
from bookwhen.payments.encryption import CannotDecryptError, decrypt
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_params import Checkout, Endpoint, Recurring
from bookwhen.text import without_secrets

log = logging.getLogger(__name__)

API_VERSION: Final = "2026-05-27.dahlia"
TIMEOUT_SECONDS: Final = 15
RETRIES: Final = 2
TOLERANCE_SECONDS: Final = 300
PAGE: Final = 100
MOST_TYPES: Final = 20
"""How many event types Stripe takes in one question."""
READS: Final = frozenset({"retrieve", "retrieve_current", "list"})
"""What the library calls the calls that change nothing at Stripe."""


class StripeError(Exception):
    """Stripe did not do what we asked; the text is for people."""


class StripeDownError(StripeError):
    """Stripe could not be reached, or failed: the same call may work later."""


class QuietError(StripeDownError):
    """We didn't ask: this is a quiet copy of another site (`bookwhen.installation.copies`)."""


class KeyRefusedError(StripeError):
    """Stripe does not take the key (any more), or the key may not do this."""


class GoneError(StripeError):
    """Stripe has no such object, at least not in this account."""


class DeclinedError(StripeError):
    """Stripe understood and refused: what is asked for cannot be done as things are."""


class Gateway:
    """One Stripe account, by its secret key. Each method is one call (lists: one a page) and may raise StripeError."""

    def __init__(self, key: str) -> None:
        base: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else None
        client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses=base,
            max_network_retries=RETRIES,
            http_client=_http_client(),
        )
        self._client, self._v1 = client, client.v1

    @classmethod
    def of(cls, connection: Connection) -> "Gateway":
        """The gateway of a connection; raises KeyRefusedError when it has no key that we can open."""
        if not connection.encrypted_key:
            message = "This account isn’t connected to Stripe."
            raise KeyRefusedError(message)
        try:
            return cls(decrypt(connection.encrypted_key))
        except CannotDecryptError as error:
            message = "We can’t read your saved Stripe key because SECRET_KEY was changed. Enter the key again."
            raise KeyRefusedError(message) from error

    def account(self) -> stripe_objects.AccountReading:
        """The account that the key belongs to."""
        return stripe_objects.read_account(_call(self._v1.accounts.retrieve_current))

    # --- for the modules beside this one

    def ask(self, operation: str, *arguments: object) -> dict[str, Any]:
        """Make one call of Stripe's library (`disputes.retrieve`), as every method here does; its answer as JSON."""
        return _call(attrgetter(operation)(self._v1), *arguments)

    def ask_all(self, operation: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """All objects of one of Stripe's lists (`disputes.list`), page by page."""
        yield from _list_all(attrgetter(operation)(self._v1), asked)

    # --- what is sold

    def create_product(self, name: str, *, metadata: Mapping[str, str], key: str) -> str:
        """Make a product; returns its id."""
        made = _call(self._v1.products.create, {"name": name, "metadata": dict(metadata)}, _request_options(key))
        return str(made["id"])

    def rename_product(self, product: str, name: str) -> None:
        """Give a product another name."""
        _call(self._v1.products.update, product, {"name": name})

    def create_price(self, wanted: Recurring, *, key: str) -> stripe_objects.PriceReading:
        """Make a recurring price."""
        asked = {
            "product": wanted.product,
            "nickname": wanted.title,
            "unit_amount": wanted.amount,
            "currency": wanted.currency.lower(),
            "recurring": {"interval": wanted.interval, "interval_count": wanted.interval_count},
            "metadata": dict(wanted.metadata),
        }
        return stripe_objects.read_price(_call(self._v1.prices.create, asked, _request_options(key)))

    def set_price_active(self, price: str, *, active: bool) -> None:
        """Let a price be sold by, or not any more; who pays it goes on."""
        _call(self._v1.prices.update, price, {"active": active})

    # --- who buys, and how

    def create_customer(self, *, email: str, name: str, metadata: Mapping[str, str], key: str) -> str:
        """Make a customer; returns the id."""
        asked = {"email": email, "metadata": dict(metadata)} | ({"name": name} if name else {})
        return str(_call(self._v1.customers.create, asked, _request_options(key))["id"])

    def customer(self, customer: str) -> stripe_objects.CustomerReading:
        """A customer; `deleted` where it was removed at Stripe."""
        return stripe_objects.read_customer(_call(self._v1.customers.retrieve, customer))

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
        }
        if wanted.price:
            lines.insert(0, {"price": wanted.price, "quantity": 1})
            begun: dict[str, Any] = {"metadata": dict(wanted.subscription), "billing_mode": {"type": "flexible"}}
            asked["subscription_data"] = begun | ({"trial_period_days": wanted.trial_days} if wanted.trial_days else {})
        else:
            asked["payment_intent_data"] = {"metadata": dict(wanted.metadata)}
        asked["line_items"] = lines
        return stripe_objects.read_session(_call(self._v1.checkout.sessions.create, asked, _request_options(key)))

    def intent_of(self, session: stripe_objects.SessionReading) -> str:
        """What was paid by a complete checkout, as refunds name it; empty where nothing was to be paid."""
        if session.intent or not session.invoice:
            return session.intent
        for paid in _call(self._v1.invoice_payments.list, {"invoice": session.invoice})["data"]:
            if paid["payment"].get("payment_intent"):
                return str(paid["payment"]["payment_intent"])
        return ""

    def payment_metadata(self, intent: str) -> Mapping[str, str]:
        """What we wrote on a payment when its checkout was opened; nothing on one of a subscription's bill."""
        return dict(_call(self._v1.payment_intents.retrieve, intent)["metadata"])

    def is_given_up(self, intent: str) -> bool:
        """Whether what a complete checkout was to be paid by (a bank debit, say) has failed for good."""
        found = _call(self._v1.payment_intents.retrieve, intent)
        return found["status"] in {"requires_payment_method", "canceled"}

    def create_refund(
        self, intent: str, amount: int, *, metadata: Mapping[str, str], key: str
    ) -> stripe_objects.RefundReading:
        """Give back some of what was paid, in minor units. Raises DeclinedError where less than that is left."""
        asked = {"payment_intent": intent, "amount": amount, "metadata": dict(metadata)}
        return stripe_objects.read_refund(_call(self._v1.refunds.create, asked, _request_options(key)))

    def refund(self, refund: str) -> stripe_objects.RefundReading:
        """A refund as it is now."""
        return stripe_objects.read_refund(_call(self._v1.refunds.retrieve, refund))

    def session(self, session: str) -> stripe_objects.SessionReading:
        """A checkout session as it is now."""
        return stripe_objects.read_session(_call(self._v1.checkout.sessions.retrieve, session))

    def expire_session(self, session: str) -> stripe_objects.SessionReading:
        """End an open checkout; raises DeclinedError where it is not open any more."""
        return stripe_objects.read_session(_call(self._v1.checkout.sessions.expire, session))

    def create_portal_configuration(self, *, key: str) -> str:
        """Make the settings of our customers' portal: invoices, card, cancellation at period end. Returns its id."""
        asked = {
            "features": {
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            }
        }
        return str(_call(self._v1.billing_portal.configurations.create, asked, _request_options(key))["id"])

    def open_portal(self, *, customer: str, configuration: str, return_url: str) -> str:
        """Let a customer into the portal; returns the address to send them to."""
        asked = {"customer": customer, "return_url": return_url}
        if configuration:
            asked["configuration"] = configuration
        return str(_call(self._v1.billing_portal.sessions.create, asked)["url"])

    # --- subscriptions

    def subscription(self, subscription: str) -> stripe_objects.SubscriptionReading:
        """A subscription as it is now, with its latest invoice."""
        # Workers do little else: without the library's objects it is a third quicker.
        path = f"/v1/subscriptions/{quote(subscription, safe='')}"
        with _translated_errors():
            answer = self._client.raw_request("get", path, expand=["latest_invoice"])
        return stripe_objects.read_subscription(answer.data)

    def cancel_at_period_end(self, subscription: str, *, key: str) -> None:
        """Let a subscription end when what is paid for ends."""
        _call(self._v1.subscriptions.update, subscription, {"cancel_at_period_end": True}, _request_options(key))

    def cancel_now(self, subscription: str, *, key: str) -> None:
        """End a subscription at once; nothing is refunded automatically. One that has ended already stays so."""
        try:
            _call(self._v1.subscriptions.cancel, subscription, {}, _request_options(key))
        except (DeclinedError, GoneError):
            if self.subscription(subscription).ended_at is None:
                raise

    def keep(self, subscription: str) -> None:
        """Take a scheduled cancellation back, by whichever field it was asked for; it may be done twice."""
        found = _call(self._v1.subscriptions.retrieve, subscription)
        if found.get("cancel_at_period_end"):
            _call(self._v1.subscriptions.update, subscription, {"cancel_at_period_end": False})
        elif found.get("cancel_at"):
            _call(self._v1.subscriptions.update, subscription, {"cancel_at": ""})

    def subscriptions(self) -> Iterator[tuple[str, Callable[[], stripe_objects.SubscriptionReading]]]:
        """The id of every subscription of the account, the ended ones too, and what reads it with its latest invoice.

        So one that cannot be read ends no list.
        """
        asked = {"status": "all", "expand": ["data.latest_invoice"]}
        for raw in _list_all(self._v1.subscriptions.list, asked):
            if raw["items"]["data"]:
                yield str(raw["id"]), partial(stripe_objects.read_subscription, raw)

    def invoices(self, subscription: str) -> Iterator[stripe_objects.InvoiceReading]:
        """Every invoice of a subscription, newest first."""
        for raw in _list_all(self._v1.invoices.list, {"subscription": subscription}):
            yield stripe_objects.read_invoice(raw)

    # --- being called back

    def create_endpoint(self, wanted: Endpoint, *, key: str) -> tuple[str, str]:
        """Make a webhook endpoint; returns its id and its signing secret, which is told only now."""
        asked = {**wanted.params(), "api_version": API_VERSION}
        made = _call(self._v1.webhook_endpoints.create, asked, _request_options(key))
        return str(made["id"]), str(made["secret"])

    def endpoint(self, endpoint: str) -> stripe_objects.EndpointReading:
        """An endpoint as Stripe has it; raises GoneError where it was deleted."""
        return stripe_objects.read_endpoint(_call(self._v1.webhook_endpoints.retrieve, endpoint))

    def update_endpoint(self, endpoint: str, wanted: Endpoint) -> None:
        """Let an endpoint be as it should, and enable it; its signing secret stays."""
        _call(self._v1.webhook_endpoints.update, endpoint, {**wanted.params(), "disabled": False})

    def delete_endpoint(self, endpoint: str) -> None:
        """Delete an endpoint; one that is gone already stays so."""
        try:
            _call(self._v1.webhook_endpoints.delete, endpoint)
        except GoneError:
            log.info("The webhook endpoint %s was gone already.", endpoint)

    def events_since(self, seconds: int, *, types: Sequence[str]) -> list[dict[str, Any]]:
        """The events of these types since an instant (Stripe's seconds, inclusive), as Stripe's JSON.

        Oldest first; of those in one second, one type may come before another.
        """
        found: list[dict[str, Any]] = []
        for first in range(0, len(types), MOST_TYPES):
            asked = {"created": {"gte": seconds}, "types": list(types[first : first + MOST_TYPES])}
            found += [_as_json(raw) for raw in _list_all(self._v1.events.list, asked)][::-1]
        return sorted(found, key=lambda raw: int(raw["created"]))

    def newest_event_at(self) -> int:
        """When the newest event happened, of whatever type, by Stripe's clock in seconds; 0 where there is none."""
        newest = _call(self._v1.events.list, {"limit": 1})["data"]
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


@cache
def _http_client() -> stripe.HTTPClient:
    return stripe.RequestsClient(timeout=TIMEOUT_SECONDS)


def _request_options(key: str) -> Any:  # noqa: ANN401 - the library's own TypedDict is private
    return {"idempotency_key": key}


def _call(call: Callable[..., Any], *arguments: object) -> dict[str, Any]:
    """Make a call outside any transaction; its answer as plain JSON."""
    with _translated_errors():
        if call.__name__ not in READS:
            note_outside_effect()
        return cast("dict[str, Any]", call(*arguments).to_dict())


def _list_all(call: Callable[..., Any], asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All objects of a list, page by page."""
    params = asked | {"limit": PAGE}
    while True:
        page = _call(call, params)
        yield from page["data"]
        if not page["has_more"]:
            return
        params = params | {"starting_after": page["data"][-1]["id"]}


def _as_json(raw: dict[str, Any]) -> dict[str, Any]:
    """As it came over the line: the library makes decimals of some texts, which JSON cannot hold."""
    return cast("dict[str, Any]", json.loads(json.dumps(raw, default=str)))


def _in_locks() -> bool:
    """Whether this thread has a transaction open; the one that a test runs in does not count."""
    blocks: list[Any] = getattr(database, "atomic_blocks", [])
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Make a call outside any transaction, and raise the library's errors as ours. A quiet copy makes none."""
    assert not _in_locks(), "No network call while a lock is held."  # noqa: S101 - a rule of the house, checked early
    try:
        require_own_site()
        yield
    except QuietCopyError as error:
        raise QuietError(str(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise KeyRefusedError(_error_text(error)) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeDownError(_error_text(error)) from error
    except stripe.InvalidRequestError as error:
        raise (GoneError if error.code == "resource_missing" else DeclinedError)(_error_text(error)) from error
    except (stripe.CardError, stripe.IdempotencyError) as error:
        raise DeclinedError(_error_text(error)) from error
    except stripe.StripeError as error:
        raise StripeDownError(_error_text(error)) from error


def _error_text(error: stripe.StripeError) -> str:
    return without_secrets(str(error.user_message or error))
