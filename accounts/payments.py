"""An account's connection to Stripe, and the letter to its owners when Stripe's news could not be followed."""

from datetime import datetime

from django.db import transaction

from accounts.letters import Envelope, post_many
from accounts.locks import hold_account
from accounts.models import Account, Role, Staff
from bookwhen.payments import connections
from bookwhen.payments.models import Connection


class AccountHasOtherStripeError(Exception):
    """The account is connected to another Stripe account, or in the other mode (test, live): disconnect that first."""


def connect_account(account: Account, key: str, *, now: datetime) -> Connection:
    """Connect an account to Stripe by a secret key, or give its connection a new key. Safe to send twice.

    Raises KeyShapeError (its text is for the form), KeyRefusedError, StripeDownError and AccountHasOtherStripeError;
    then nothing was changed. Where Stripe will not call us back the connection stands, and its `trouble` says so.
    """
    found = connections.ask(key)
    with transaction.atomic():
        held = hold_account(account)
        if held.connection and held.connection.is_live and not found.is_of(held.connection):
            raise AccountHasOtherStripeError
        held.connection = connections.keep(held.connection, found, now=now)
        held.save(update_fields=["connection"])
    account.connection = held.connection
    connections.check(held.connection, now=now)
    return held.connection


def disconnect_account(account: Account, *, now: datetime) -> None:
    """Disconnect an account from Stripe; what was sold goes on there, unfollowed. Safe to send twice."""
    if account.connection is not None:
        connections.disconnect(account.connection, now=now)


def tell_of_dead_events(*, connection: Connection, now: datetime, **_more: object) -> None:
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
    post_many(envelopes, kind="payments_trouble", template=template, account=account, now=now)
