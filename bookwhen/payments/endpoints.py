"""The webhook endpoint of a connection: made, kept as it should be, replaced. No lock is held while Stripe answers."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from bookwhen.installation.models import this_installation
from bookwhen.payments import handlers
from bookwhen.payments.encryption import CannotDecryptError, decrypt, encrypt
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.models import Connection, EndpointSecret
from bookwhen.payments.stripe_params import Endpoint

OLD_SECRET_LIFE: Final = timedelta(days=1)
"""How long a replaced secret is still accepted: Stripe may be sending again what it signed with it."""
MOST_ENDPOINTS: Final = 16
"""How many webhook endpoints Stripe lets an account have in one mode."""


def endpoint_url(endpoint: UUID) -> str:
    """Where Stripe calls us for a connection."""
    return f"{settings.SITE_URL}{reverse('stripe_webhook', args=[endpoint])}"


def renew_endpoint(connection: Connection, *, now: datetime) -> None:
    """Have Stripe call a new endpoint with a new secret; the old secret is accepted for another day.

    Raises StripeError, then the old endpoint goes on.
    """
    gateway = Gateway.of(connection)
    old = connection.webhook_endpoint
    make_endpoint(connection, gateway, now)
    if old:
        gateway.delete_endpoint(old)


def repair_endpoint(connection: Connection, gateway: Gateway, now: datetime) -> bool:
    """Make Stripe call us as it should; whether something had to be done. Raises StripeError."""
    if not connection.webhook_endpoint:
        make_endpoint(connection, gateway, now)
        return True
    try:
        endpoint = gateway.endpoint(connection.webhook_endpoint)
    except GoneError:
        make_endpoint(connection, gateway, now)
        return True
    wanted = _wanted_endpoint(connection)
    is_marked = endpoint.installation == str(wanted.installation)
    if endpoint.url != wanted.url and not is_marked:
        # Another installation's, as far as we know: that of the site whose database was copied here. It stays.
        make_endpoint(connection, gateway, now)
        return True
    if not _has_secret(connection, now):
        renew_endpoint(connection, now=now)
        return True
    is_right = endpoint.enabled and endpoint.events == set(wanted.events) and endpoint.url == wanted.url
    if not (is_right and is_marked):
        gateway.update_endpoint(endpoint.id, wanted)
        connection.update_live(webhook_events=wanted.events)
    return not is_right


def make_endpoint(connection: Connection, gateway: Gateway, now: datetime) -> None:
    """Make an endpoint in the place of the one there is; where Stripe has room for no more, in that of a lost one.

    Its idempotency key derives from what it follows on: sent twice at the same time, Stripe answers both with the same.
    """
    old, wanted = connection.webhook_endpoint, _wanted_endpoint(connection)
    facts = (old, wanted.url, wanted.installation, *wanted.events)
    key = idempotency_key("endpoint", connection.endpoint, connection.connected_at, *facts)
    try:
        made, secret = gateway.create_endpoint(wanted, key=key)
    except DeclinedError as error:
        if not _delete_lost(connection, gateway, wanted):
            raise _told(error, gateway) from error
        made, secret = gateway.create_endpoint(wanted, key=key)
    with transaction.atomic():
        still = Connection.objects.filter(pk=connection.pk, webhook_endpoint=old, disconnected_at=None)
        if still.update(webhook_endpoint=made, webhook_events=wanted.events):
            connection.secrets.filter(retires_at=None).update(retires_at=now + OLD_SECRET_LIFE)
            connection.secrets.filter(retires_at__lte=now).delete()
            connection.secrets.create(encrypted_secret=encrypt(secret), added_at=now)
    connection.refresh_from_db(fields=["webhook_endpoint", "webhook_events"])
    if connection.webhook_endpoint != made:
        # It was disconnected meanwhile.
        gateway.delete_endpoint(made)


def _wanted_endpoint(connection: Connection) -> Endpoint:
    """The endpoint that Stripe should call for a connection."""
    return Endpoint(
        url=endpoint_url(connection.endpoint),
        events=handlers.wanted_types(),
        installation=this_installation().uuid,
        site=settings.SITE_NAME,
    )


def _delete_lost(connection: Connection, gateway: Gateway, wanted: Endpoint) -> int:
    """Delete the endpoints that we made for this connection and lost sight of; how many."""
    lost = [
        each.id
        for each in gateway.endpoints()
        if (each.installation, each.url) == (str(wanted.installation), wanted.url)
        and each.id != connection.webhook_endpoint
    ]
    for each in lost:
        gateway.delete_endpoint(each)
    return len(lost)


def _told(error: DeclinedError, gateway: Gateway) -> DeclinedError:
    """The refusal of an endpoint, with what to do where there are as many as Stripe allows."""
    if len(gateway.endpoints()) < MOST_ENDPOINTS:
        return error
    words = _("Your Stripe account already has all %(count)d webhook endpoints that Stripe allows.")
    what = _("In Stripe, under Developers → Webhooks, delete one you don’t need. Then test the connection here.")
    return DeclinedError(f"{words % {'count': MOST_ENDPOINTS}} {what}")


def _has_secret(connection: Connection, now: datetime) -> bool:
    """Whether a signing secret can be opened: not after SECRET_KEY was changed without the old one being kept."""
    for secret in connection.secrets.filter(EndpointSecret.accepted(now)):
        try:
            decrypt(secret.encrypted_secret)
        except CannotDecryptError:
            continue
        return True
    return False
