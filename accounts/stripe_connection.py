"""An account's connection to Stripe, and the letter to its owners when Stripe's news could not be followed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.email_queue import Envelope, queue_letters
from accounts.locks import lock_account
from accounts.models import Account, Customer, Role, Staff, StripeCustomer
from accounts.signals import stripe_leaving, stripe_replaced
from bookwhen.payments import connections
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.models import Connection

EVIDENCE: Final = 3
"""How many customers of ours a key is shown that may not say whose it is."""


class AccountHasOtherStripeError(Exception):
    """The account is connected to another Stripe account, or in the other mode (test, live): disconnect that first."""


class StripeInUseError(Exception):
    """The account's Stripe account is needed: so many customers (`count`) have what they go on paying for there."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class PaymentsInProgressError(StripeInUseError):
    """The account's Stripe account is needed for a while: so many payments are at the checkout or being refunded."""


def connect_account(account: Account, key: str, *, replace: bool = False, now: datetime) -> Connection:
    """Connect an account to Stripe by a secret key, or give its connection a new key. Safe to send twice.

    With `replace` it may be the key of another Stripe account than the one it is connected to, which is let go of.
    Raises KeyShapeError (its text is for the form), KeyRefusedError, StripeDownError, AccountHasOtherStripeError and
    StripeInUseError; then nothing was changed. Where Stripe will not call us back the connection stands, and its
    `trouble` says so.
    """
    known = account.connection
    customers = StripeCustomer.objects.filter(connection=known).order_by("-pk").values_list("stripe_id", flat=True)
    found = connections.verify_key(key, known, customers=list(customers[:EVIDENCE]) if known else ())
    with transaction.atomic():
        held = lock_account(account)
        old = held.connection
        if old and not found.matches(old):
            if old.is_live and not replace:
                raise AccountHasOtherStripeError
            stripe_leaving.send(Account, account=held)
            stripe_replaced.send(Account, account=held)
        held.connection = kept = connections.store_key(old, found, now=now)
        held.save(update_fields=["connection"])
    account.connection = kept
    if old and old != kept:
        connections.disconnect(old, now=now)
    connections.check(kept, now=now)
    return kept


def ensure_stripe_customer(
    account: Account, customer: Customer, gateway: Gateway, *, metadata: Mapping[str, str], anew: str = ""
) -> str:
    """Stripe's id of a customer, made where there is none; `anew` is one that Stripe does not know any more."""
    connection = account.connection
    theirs = StripeCustomer.objects.filter(customer=customer, connection=connection)
    if anew:
        theirs.filter(stripe_id=anew).delete()
    if (found := theirs.values_list("stripe_id", flat=True).first()) is not None:
        return found
    assert connection is not None  # noqa: S101 - there is a gateway
    made = gateway.create_customer(
        email=customer.email,
        name=customer.name,
        metadata=metadata,
        key=idempotency_key("customer", connection.endpoint, customer.pk, anew),
    )
    row, _new = StripeCustomer.objects.get_or_create(
        customer=customer, connection=connection, defaults={"account": account, "stripe_id": made}
    )
    return row.stripe_id


def disconnect_account(account: Account, *, now: datetime) -> None:
    """Disconnect an account from Stripe: nothing is sold any more. Safe to send twice. Raises StripeInUseError."""
    if account.connection is not None and account.connection.is_live:
        stripe_leaving.send(Account, account=account)
        connections.disconnect(account.connection, now=now)


def notify_owners_of_dead_events(*, connection: Connection, now: datetime, **_more: object) -> None:
    """Write to the owners of the account, once a day at most, that Stripe events were given up."""
    account = Account.objects.filter(connection=connection).first()
    if account is None:
        return
    today = now.astimezone(account.zone).date()
    owners = Staff.objects.filter(account=account, role=Role.OWNER).select_related("user")
    envelopes = [
        Envelope(owner.user.email, dedupe=f"payments-trouble:{account.pk}:{owner.user_id}:{today}") for owner in owners
    ]
    template = "accounts/letters/payments_trouble"
    queue_letters(envelopes, kind="payments_trouble", template=template, account=account, now=now)
