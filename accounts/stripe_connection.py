"""An account's connection to Stripe, and the letter to its owners when Stripe's news could not be followed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.email_queue import Envelope, queue_letters
from accounts.history.recording import About, Change, record, record_changes
from accounts.locks import lock_account
from accounts.models import Account, Customer, Deed, Role, Staff, StripeCustomer, Thing
from accounts.signals import stripe_leaving, stripe_replaced
from bookwhen.payments import connections, inbox
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.models import Connection, StripeEvent

EVIDENCE: Final = 3
"""How many customers of ours a key is shown that may not say whose it is."""


class AccountHasOtherStripeError(Exception):
    """The account is connected to another Stripe account, or in the other mode (test, live): disconnect that first."""


class StripeInUseError(Exception):
    """The account's Stripe account is needed: so many customers (`count`) have what they go on paying for there.

    More than a thousand are not counted (`bookwhen.counts`).
    """

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
        was_live = old is not None and old.is_live
        if old and not found.matches(old):
            if old.is_live and not replace:
                raise AccountHasOtherStripeError
            stripe_leaving.send(Account, account=held)
            stripe_replaced.send(Account, account=held)
        held.connection = kept = connections.store_key(old, found, now=now)
        held.save(update_fields=["connection"])
        is_same = old is not None and old == kept and was_live
        deed = Deed.STRIPE_KEY_CHANGED if is_same else Deed.STRIPE_CONNECTED
        changes = [] if is_same else [Change(_("Stripe account"), _called(old) if was_live else "", _called(kept))]
        record(deed, about_stripe(kept), account=account, changes=changes)
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
        email=customer.reached_at,
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
        record(Deed.STRIPE_DISCONNECTED, about_stripe(account.connection), account=account)


def name_stripe_account(account: Account, connection: Connection, name: str) -> None:
    """Call an account’s Stripe account what the studio says, where its key may not ask."""
    with transaction.atomic():
        before = connection.name
        connection.update_live(name=name)
        about = About(Thing.STRIPE, connection.pk, name)
        record_changes(Deed.STRIPE_NAMED, about, [Change(_("Name"), before, name)], account=account)


def renew_endpoint(account: Account, connection: Connection, *, now: datetime) -> None:
    """Have Stripe call another endpoint with another secret. Raises StripeError, then the old endpoint goes on."""
    connections.renew_endpoint(connection, now=now)
    record(Deed.STRIPE_ENDPOINT, about_stripe(connection), account=account)


def replay_event(account: Account, event: StripeEvent, *, now: datetime) -> bool:
    """Have a worker look once more at what an event (with its connection) is about; False where it will anyway."""
    with transaction.atomic():
        if not inbox.replay_event(event, now=now):
            return False
        changes = [Change(_("Event"), "", f"{event.type} {event.stripe_id}")]
        record(Deed.STRIPE_REPLAYED, about_stripe(event.connection), account=account, changes=changes)
    return True


def about_stripe(connection: Connection) -> About:
    """A connection to Stripe as the history names it."""
    return About(Thing.STRIPE, connection.pk, _called(connection))


def _called(connection: Connection | None) -> str:
    return (connection.name or connection.stripe_account) if connection else ""


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
