"""Accounts that are connected to the Stripe sandbox, and their Stripe events."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import factory
from django.test import Client
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Account
from accounts.stripe_connection import connect_account
from bookwhen.payments import inbox, tasks
from bookwhen.payments.encryption import decrypt, encrypt
from bookwhen.payments.models import Connection, EventSource, StripeEvent
from bookwhen.sandbox.stripe.deliveries import signature
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW


class ConnectionFactory(DjangoModelFactory[Connection]):
    """A connection that only stands in the database: Stripe knows nothing of it."""

    class Meta:
        model = Connection

    encrypted_key = factory.LazyFunction(lambda: encrypt("sk_test_1234"))
    key_hint = "sk_test_…1234"
    livemode = False
    stripe_account = factory.Sequence(lambda number: f"acct_{number}")
    connected_at = NOW


class StripeEventFactory(DjangoModelFactory[StripeEvent]):
    """An event that waits."""

    class Meta:
        model = StripeEvent

    connection = factory.SubFactory(ConnectionFactory)
    stripe_id = factory.Sequence(lambda number: f"evt_{number}")
    type = "customer.subscription.updated"
    subject = factory.Sequence(lambda number: f"sub_{number}")
    created_at = NOW
    payload = factory.LazyAttribute(
        lambda made: {"id": made.stripe_id, "type": made.type, "data": {"object": {"id": made.subject}}}
    )
    source = EventSource.WEBHOOK
    due_at = NOW
    received_at = NOW


def new_key() -> str:
    """A key of a Stripe account that nobody has used: the sandbox opens it at the first call."""
    return f"sk_test_{uuid.uuid4().hex}"


def connect_stripe(account: Account | None = None, *, key: str | None = None, now: datetime = NOW) -> Connection:
    """The connection of an account (a new one if none is given) to the sandbox; ask for the fixture `stripe_here`."""
    return connect_account(account or AccountFactory.create(), key or new_key(), now=now)


def connect_without_webhook(account: Account, key: str) -> Connection:
    """Connect an account to Stripe by a key, without a webhook endpoint."""
    connection = Connection.objects.create(
        encrypted_key=encrypt(key),
        key_hint=f"{key[:8]}…{key[-4:]}",
        livemode=False,
        stripe_account=f"acct_{key[-16:]}",
        name="Studio at Stripe",
        currency="GBP",
        connected_at=timezone.now() - timedelta(days=1),
    )
    account.connection = connection
    account.save(update_fields=["connection"])
    return connection


def process_due_events(now: datetime | None = None) -> None:
    """Work off every event that is due, as the workers would, by the real clock unless an instant is given."""
    at = now or timezone.now()
    while inbox.process_events(most=tasks.BATCH, now=at):
        pass


def event_json(**changed: Any) -> dict[str, Any]:
    """An event as Stripe sends it."""
    number = uuid.uuid4().hex
    made = {"id": f"evt_{number}", "object": "event", "type": "customer.updated", "created": 1_893_456_000}
    about = {"id": "cus_1", "object": "customer"}
    return made | {"livemode": False, "api_version": "2026-05-27.dahlia", "data": {"object": about}} | changed


def read_signing_secret(connection: Connection) -> str:
    """The newest signing secret of a connection's endpoint."""
    return decrypt(connection.secrets.latest("pk").encrypted_secret)


def deliver_event(event: dict[str, Any] | str, *secrets: str, to: Connection, at: datetime | None = None) -> int:
    """Post an event as Stripe does, signed with these secrets; what the endpoint answered."""
    body = event.encode() if isinstance(event, str) else json.dumps(event).encode()
    stamp = int((at or timezone.now()).timestamp())
    answer = Client().post(
        f"/stripe/webhooks/{to.endpoint}/",
        body,
        content_type="application/json",
        headers={"stripe-signature": signature(body, list(secrets or [read_signing_secret(to)]), stamp)},
    )
    return answer.status_code
