"""Connecting to a Stripe account by its key, keeping the connection whole, and letting it go.

Nothing here holds a lock while Stripe answers, and everything may be done twice. A key is shown to nobody again: it is
kept encrypted, and no text here repeats it.
"""

import logging
import re
from dataclasses import dataclass
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
from bookwhen.payments.gateway import Gateway, GoneError, KeyRefusedError, QuietError, StripeError
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.models import Connection, EndpointSecret
from bookwhen.payments.stripe_objects import AccountReading
from bookwhen.payments.stripe_params import Endpoint

log = logging.getLogger(__name__)

KEY: Final = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]{1,240}")
OLD_SECRET_LIFE: Final = timedelta(days=1)
"""How long a replaced secret is still accepted: Stripe may be sending again what it signed with it."""


class KeyShapeError(ValueError):
    """This cannot be a secret key of Stripe; the text says why, to the person who entered it."""


@dataclass(frozen=True, slots=True)
class VerifiedKey:
    """A key that Stripe takes, and the account it belongs to."""

    key: str
    livemode: bool
    account: AccountReading

    def matches(self, connection: Connection) -> bool:
        """Whether the connection is to the same Stripe account in the same mode (test, live)."""
        return (connection.stripe_account, connection.livemode) == (self.account.id, self.livemode)


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """How a connection was found, and left."""

    key_works: bool
    endpoint_works: bool
    """Whether Stripe calls us, for every type of event that we look after."""
    mended: bool
    """Whether something had to be put right at Stripe."""
    trouble: str
    """What is wrong, in words for the operator; nothing when all is well."""

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.trouble


def connect(connection: Connection | None, key: str, *, now: datetime) -> Connection:
    """Connect by a secret key: `verify_key`, `store_key` and `check` in one, reusing the given connection if it fits.

    Raises KeyShapeError, KeyRefusedError and StripeDownError, then nothing was changed. Where Stripe will not call us
    back the connection stands all the same and its `trouble` says so.
    """
    kept = store_key(connection, verify_key(key), now=now)
    check(kept, now=now)
    return kept


def verify_key(key: str) -> VerifiedKey:
    """Ask Stripe whose key this is; raises KeyShapeError and StripeError."""
    key = key.strip()
    match = KEY.fullmatch(key)
    if match is None:
        raise KeyShapeError(_shape_error(key))
    return VerifiedKey(key, match[1] == "live", Gateway(key).account())


def store_key(connection: Connection | None, found: VerifiedKey, *, now: datetime) -> Connection:
    """Keep the key: with the given connection where it is to the same Stripe account, else with a new one.

    `check` must follow. The caller sees to it that this runs once at a time for who holds the connection.
    """
    if connection is None or not found.matches(connection):
        connection = Connection(stripe_account=found.account.id, livemode=found.livemode, connected_at=now)
    if not connection.is_live:
        connection.connected_at, connection.disconnected_at = now, None
    connection.encrypted_key, connection.key_hint = encrypt(found.key), _key_hint(found.key)
    connection.name, connection.currency = found.account.name[:200], found.account.currency
    # Only these: another request may be making the endpoint of the same connection.
    written = ["connected_at", "disconnected_at", "encrypted_key", "key_hint", "name", "currency"]
    connection.save(update_fields=written if connection.pk else None)
    return connection


def disconnect(connection: Connection, *, now: datetime) -> None:
    """Let go of a Stripe account: it calls us no more, and its key is forgotten. A key that is dead does not hinder."""
    if not connection.is_live:
        return
    if connection.webhook_endpoint:
        try:
            Gateway.of(connection).delete_endpoint(connection.webhook_endpoint)
        except StripeError as error:
            log.warning("The webhook endpoint of connection %s stays at Stripe: %s", connection.pk, error)
    forget_key(connection, now=now)


def forget_key(connection: Connection, *, now: datetime) -> None:
    """Let go of a Stripe account here alone: Stripe is not told, and goes on calling whichever endpoint it has."""
    with transaction.atomic():
        connection.secrets.all().delete()
        _update_live(
            connection, encrypted_key="", webhook_endpoint="", webhook_events=[], trouble="", disconnected_at=now
        )


def check(connection: Connection, *, now: datetime) -> ConnectionCheck:
    """Ask Stripe how a live connection is, and put right what can be: the endpoint, its event types, the portal.

    Writes `checked_at` and `trouble`, but for a quiet copy; never raises for what Stripe says.
    """
    try:
        gateway = Gateway.of(connection)
        account = gateway.account()
    except QuietError as error:
        # Nothing is wrong with the connection, as far as we know: its `trouble` stays.
        return ConnectionCheck(key_works=True, endpoint_works=True, mended=False, trouble=str(error))
    except StripeError as error:
        refused = isinstance(error, KeyRefusedError)
        words = _("Stripe doesn’t accept your key: %s") if refused else _("We can’t reach Stripe: %s")
        return _record_check(connection, ConnectionCheck(not refused, False, False, words % error), now)  # noqa: FBT003 - the four facts
    _update_live(connection, name=account.name[:200], currency=account.currency)
    troubles = (
        []
        if account.charges_enabled
        else [_("Your Stripe account can’t take payments yet. Finish setting it up in Stripe.")]
    )
    endpoint_works, mended = True, False
    try:
        mended = _repair_endpoint(connection, gateway, now)
    except StripeError as error:
        endpoint_works = False
        troubles.append(_("Stripe can’t send us updates: %s We check for updates every hour instead.") % error)
    troubles += _set_up(connection, gateway, now)
    return _record_check(connection, ConnectionCheck(True, endpoint_works, mended, " ".join(troubles)), now)  # noqa: FBT003 - the same


def renew_endpoint(connection: Connection, *, now: datetime) -> None:
    """Have Stripe call a new endpoint with a new secret; the old secret is accepted for another day.

    Raises StripeError, then the old endpoint goes on.
    """
    gateway = Gateway.of(connection)
    old = connection.webhook_endpoint
    _make_endpoint(connection, gateway, now)
    if old:
        gateway.delete_endpoint(old)
    _update_live(connection, checked_at=now, trouble="")


def endpoint_url(endpoint: UUID) -> str:
    """Where Stripe calls us for a connection."""
    return f"{settings.SITE_URL}{reverse('stripe_webhook', args=[endpoint])}"


def _repair_endpoint(connection: Connection, gateway: Gateway, now: datetime) -> bool:
    """Make Stripe call us as it should; whether something had to be done."""
    if not connection.webhook_endpoint:
        _make_endpoint(connection, gateway, now)
        return True
    try:
        endpoint = gateway.endpoint(connection.webhook_endpoint)
    except GoneError:
        _make_endpoint(connection, gateway, now)
        return True
    wanted = _wanted_endpoint(connection)
    is_marked = endpoint.installation == str(wanted.installation)
    if endpoint.url != wanted.url and not is_marked:
        # Another installation's, as far as we know: that of the site whose database was copied here. It stays.
        _make_endpoint(connection, gateway, now)
        return True
    if not _has_secret(connection, now):
        renew_endpoint(connection, now=now)
        return True
    is_right = endpoint.enabled and endpoint.events == set(wanted.events) and endpoint.url == wanted.url
    if not (is_right and is_marked):
        gateway.update_endpoint(endpoint.id, wanted)
        _update_live(connection, webhook_events=wanted.events)
    return not is_right


def _wanted_endpoint(connection: Connection) -> Endpoint:
    """The endpoint that Stripe should call for a connection."""
    return Endpoint(
        url=endpoint_url(connection.endpoint),
        events=handlers.wanted_types(),
        installation=this_installation().uuid,
        site=settings.SITE_NAME,
    )


def _make_endpoint(connection: Connection, gateway: Gateway, now: datetime) -> None:
    """Make an endpoint in the place of the one there is.

    Its idempotency key derives from what it follows on: sent twice at the same time, Stripe answers both with the same.
    """
    old, wanted = connection.webhook_endpoint, _wanted_endpoint(connection)
    key = _key_of("endpoint", connection, old, wanted.url, str(wanted.installation), *wanted.events)
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


def _set_up(connection: Connection, gateway: Gateway, now: datetime) -> list[str]:
    """Make the portal's settings, and let catching up begin with what is new from now on; what went wrong."""
    try:
        if not connection.portal_configuration:
            made = gateway.create_portal_configuration(key=_key_of("portal", connection, ""))
            _update_live(connection, portal_configuration=made)
        if connection.caught_up_at is None:
            _update_live(connection, cursor=gateway.newest_event_at(), caught_up_at=now)
    except StripeError as error:
        return [_("We couldn’t finish setting up Stripe: %s") % error]
    return []


def _has_secret(connection: Connection, now: datetime) -> bool:
    """Whether a signing secret can be opened: not after SECRET_KEY was changed without the old one being kept."""
    for secret in connection.secrets.filter(EndpointSecret.accepted(now)):
        try:
            decrypt(secret.encrypted_secret)
        except CannotDecryptError:
            continue
        return True
    return False


def _key_of(what: str, connection: Connection, *facts: str) -> str:
    """The key of what this connection needs at Stripe; another once it was disconnected and connected again."""
    return idempotency_key(what, connection.endpoint, connection.connected_at, *facts)


def _record_check(connection: Connection, found: ConnectionCheck, now: datetime) -> ConnectionCheck:
    _update_live(connection, checked_at=now, trouble=found.trouble)
    return found


def _update_live(connection: Connection, **fields: object) -> None:
    """Set fields of a connection that is still live."""
    Connection.objects.filter(pk=connection.pk, disconnected_at=None).update(**fields)
    for name, value in fields.items():
        setattr(connection, name, value)


def _key_hint(key: str) -> str:
    """How people recognise a key: its beginning and its last four characters."""
    kind = "_".join(key.split("_")[:2])
    return f"{kind}_…{key[-4:]}"


def _shape_error(key: str) -> str:
    if key.startswith("pk_"):
        return _("This is a publishable key. Copy the secret key, which starts with sk_ (or rk_).")
    if key.startswith("whsec_"):
        return _("This is a webhook signing secret. Copy the secret key, which starts with sk_ (or rk_).")
    return _("A secret key starts with sk_test_, sk_live_, rk_test_ or rk_live_. Copy the whole key from Stripe.")
