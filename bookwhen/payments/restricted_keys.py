"""Restricted keys: what one may do, and whose it is where it may not say so itself."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, PermissionMissingError
from bookwhen.payments.models import Connection
from bookwhen.payments.permissions import Need, Resource, needed
from bookwhen.payments.stripe_objects import AccountReading

NOTHING: Final = "bookwhen_permission_check"
"""Part of ids that no object has: what is asked of these changes nothing, whether it is allowed or not."""

Probe = Callable[[Gateway], object]

PROBES: Final[Mapping[Resource, Probe]] = {
    Resource.CHARGES: lambda stripe: stripe.ask("refunds.create", {"payment_intent": f"pi_{NOTHING}", "amount": 1}),
    Resource.CHECKOUT: lambda stripe: stripe.ask("checkout.sessions.expire", f"cs_test_{NOTHING}"),
    Resource.CUSTOMERS: lambda stripe: stripe.ask("customers.update", f"cus_{NOTHING}", {"description": NOTHING}),
    Resource.DISPUTES: lambda stripe: stripe.ask("disputes.list", {"limit": 1}),
    Resource.EVENTS: lambda stripe: stripe.ask("events.list", {"limit": 1}),
    Resource.INTENTS: lambda stripe: stripe.ask("payment_intents.retrieve", f"pi_{NOTHING}"),
    Resource.INVOICES: lambda stripe: stripe.ask("invoices.create_preview", {"subscription": f"sub_{NOTHING}"}),
    Resource.MOVEMENTS: lambda stripe: stripe.ask("balance_transactions.list", {"limit": 1, "expand": ["data.source"]}),
    Resource.PAYOUTS: lambda stripe: stripe.ask("payouts.list", {"limit": 1}),
    Resource.PORTAL: lambda stripe: stripe.ask("billing_portal.sessions.create", {"customer": f"cus_{NOTHING}"}),
    Resource.PRICES: lambda stripe: stripe.ask("prices.update", f"price_{NOTHING}", {"nickname": NOTHING}),
    Resource.PRODUCTS: lambda stripe: stripe.ask("products.update", f"prod_{NOTHING}", {"name": NOTHING}),
    Resource.SUBSCRIPTIONS: lambda stripe: stripe.ask(
        "subscriptions.update", f"sub_{NOTHING}", {"cancel_at_period_end": False}
    ),
    Resource.WEBHOOKS: lambda stripe: stripe.ask("webhook_endpoints.update", f"we_{NOTHING}", {"description": NOTHING}),
}
"""For each resource a call that needs as much as we ever need, and cannot change anything."""


def is_restricted(connection: Connection) -> bool:
    """Whether the key of a connection can only do what somebody allowed it."""
    return connection.key_hint.startswith("rk_")


def missing_permissions(gateway: Gateway) -> list[Need]:
    """Which permissions a key lacks: each is tried, without changing anything. Raises StripeError."""
    return [need for need in needed() if not _is_allowed(gateway, PROBES[need.resource])]


def identify(gateway: Gateway) -> AccountReading:
    """The account that a key belongs to; what Stripe doesn't tell this key is empty. Raises StripeError.

    A restricted key may not be allowed to ask. Stripe's refusal names the account, most of the time.
    """
    try:
        return gateway.account()
    except PermissionMissingError as error:
        return AccountReading(id=error.account, name="", country="", currency="", charges_enabled=True)


def sees_ours(gateway: Gateway, connection: Connection, customers: Iterable[str] = ()) -> bool:
    """Whether a key sees what we made over a connection: then it belongs to the same Stripe account.

    `customers` are ids of some that we made there. Raises StripeError.
    """
    reads: list[tuple[Callable[[str], object], str]] = [
        (gateway.endpoint, connection.webhook_endpoint),
        (gateway.portal_configuration, connection.portal_configuration),
        *((gateway.customer, each) for each in customers),
    ]
    return any(_is_there(read, each) for read, each in reads if each)


def _is_there(read: Callable[[str], object], key: str) -> bool:
    try:
        read(key)
    except (GoneError, PermissionMissingError):
        return False
    return True


def _is_allowed(gateway: Gateway, probe: Probe) -> bool:
    """Whether Stripe looked at what was asked for; it says first that it may not be asked for."""
    try:
        probe(gateway)
    except PermissionMissingError:
        return False
    except (GoneError, DeclinedError):
        return True
    return True
