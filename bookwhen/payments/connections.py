"""Connecting to a Stripe account by its key, keeping the connection whole, and letting it go.

Nothing here holds a lock while Stripe answers, and everything may be done twice. A key is shown to nobody again: it is
kept encrypted, and no text here repeats it.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from bookwhen.payments import endpoints
from bookwhen.payments.encryption import encrypt
from bookwhen.payments.endpoints import repair_endpoint
from bookwhen.payments.gateway import (
    DeclinedError,
    Gateway,
    GoneError,
    KeyRefusedError,
    PermissionMissingError,
    QuietError,
    StripeError,
)
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.models import Connection
from bookwhen.payments.refusals import missing_text
from bookwhen.payments.restricted_keys import identify, is_restricted, missing_permissions, sees_ours
from bookwhen.payments.signals import connection_mended
from bookwhen.payments.stripe_objects import NAME_LENGTH, AccountReading

log = logging.getLogger(__name__)

KEY: Final = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]{1,240}")


class KeyShapeError(ValueError):
    """This cannot be a secret key of Stripe; the text says why, to the person who entered it."""


@dataclass(frozen=True, slots=True)
class VerifiedKey:
    """A key that Stripe takes, and the account it belongs to."""

    key: str
    livemode: bool
    account: AccountReading
    proved: int | None = None
    """The connection (its id) that it belongs to, by what it sees there."""

    def matches(self, connection: Connection) -> bool:
        """Whether the connection is to the same Stripe account in the same mode (test, live)."""
        if connection.livemode != self.livemode:
            return False
        if connection.stripe_account and self.account.id:
            return connection.stripe_account == self.account.id
        return connection.pk == self.proved


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
    kept = store_key(connection, verify_key(key, connection), now=now)
    check(kept, now=now)
    return kept


def verify_key(key: str, known: Connection | None = None, *, customers: Iterable[str] = ()) -> VerifiedKey:
    """Ask Stripe whose key this is; raises KeyShapeError and StripeError.

    Where it may not say so, it is that of a `known` connection's account if it sees what we made there: our endpoint,
    our settings of the portal, or one of some `customers` (Stripe's ids).
    """
    key = key.strip()
    match = KEY.fullmatch(key)
    if match is None:
        raise KeyShapeError(_shape_error(key))
    gateway, livemode = Gateway(key), match[1] == "live"
    account = identify(gateway)
    is_proved = False
    if known and known.livemode == livemode and not (account.id and known.stripe_account):
        is_proved = sees_ours(gateway, known, customers)
    return VerifiedKey(key, livemode, account, known.pk if known and is_proved else None)


def store_key(connection: Connection | None, found: VerifiedKey, *, now: datetime) -> Connection:
    """Keep the key: with the given connection where it is to the same Stripe account, else with a new one.

    `check` must follow. The caller sees to it that this runs once at a time for who holds the connection.
    """
    if connection is None or not found.matches(connection):
        connection = Connection(stripe_account=found.account.id, livemode=found.livemode, connected_at=now)
    if not connection.is_live:
        connection.connected_at, connection.disconnected_at = now, None
    connection.encrypted_key, connection.key_hint = encrypt(found.key), _key_hint(found.key)
    for name, value in _known_of(found.account).items():
        setattr(connection, name, value)
    # Only these: another request may be making the endpoint of the same connection.
    written = ["connected_at", "disconnected_at", "encrypted_key", "key_hint", "stripe_account", "name", "currency"]
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
        connection.update_live(
            encrypted_key="", webhook_endpoint="", webhook_events=[], trouble="", disconnected_at=now
        )


def check(connection: Connection, *, now: datetime) -> ConnectionCheck:
    """Ask Stripe how a live connection is, and put right what can be: the endpoint, its event types, the portal.

    Of a restricted key each permission is tried. Writes `checked_at` and `trouble`, but for a quiet copy; never raises
    for what Stripe says.
    """
    try:
        gateway = Gateway.of(connection)
        account = identify(gateway)
        missing = missing_permissions(gateway) if is_restricted(connection) else []
    except QuietError as error:
        # Nothing is wrong with the connection, as far as we know: its `trouble` stays.
        return ConnectionCheck(key_works=True, endpoint_works=True, mended=False, trouble=str(error))
    except StripeError as error:
        refused = isinstance(error, KeyRefusedError)
        words = _("Stripe doesn’t accept your key: %s") if refused else _("We can’t reach Stripe: %s")
        return _record_check(connection, ConnectionCheck(not refused, False, False, words % error), now)  # noqa: FBT003 - the four facts
    connection.update_live(**_known_of(account))
    troubles = [missing_text(missing)] if missing else []
    if not account.charges_enabled:
        troubles.append(_("Your Stripe account can’t take payments yet. Finish setting it up in Stripe."))
    endpoint_works, mended = True, False
    try:
        mended = repair_endpoint(connection, gateway, now)
    except StripeError as error:
        endpoint_works = False
        troubles.append(_no_updates(error))
    troubles += _set_up(connection, gateway, now)
    return _record_check(connection, ConnectionCheck(True, endpoint_works, mended, " ".join(troubles)), now)  # noqa: FBT003 - the same


def renew_endpoint(connection: Connection, *, now: datetime) -> None:
    """Have Stripe call a new endpoint with a new secret; the old secret is accepted for another day.

    Raises StripeError, then the old endpoint goes on.
    """
    endpoints.renew_endpoint(connection, now=now)
    connection.update_live(checked_at=now, trouble="")


def open_portal(connection: Connection, *, customer: str, return_url: str) -> str:
    """Let a customer (Stripe's id) into the portal: the address to send them to. Raises StripeError.

    Settings of the portal that were deleted at Stripe are made anew.
    """
    gateway = Gateway.of(connection)
    configuration = ensure_portal(connection, gateway)
    try:
        return gateway.open_portal(customer=customer, configuration=configuration, return_url=return_url)
    except (GoneError, DeclinedError):
        if (made := ensure_portal(connection, gateway, look=True)) == configuration:
            raise
    return gateway.open_portal(customer=customer, configuration=made, return_url=return_url)


def ensure_portal(connection: Connection, gateway: Gateway, *, look: bool = False) -> str:
    """The portal's settings (Stripe's id), made where there are none, or, if we are to `look`, none to be used."""
    old = connection.portal_configuration
    if old and (not look or _is_usable(gateway, old)):
        return old
    key = idempotency_key("portal", connection.endpoint, connection.connected_at, old)
    connection.update_live(portal_configuration=gateway.create_portal_configuration(key=key))
    return connection.portal_configuration


def _is_usable(gateway: Gateway, configuration: str) -> bool:
    try:
        return gateway.portal_configuration(configuration)
    except GoneError:
        return False


def _known_of(account: AccountReading) -> dict[str, str]:
    """What a key may know of its account: the rest stays as it is."""
    known = {"stripe_account": account.id, "name": account.name[:NAME_LENGTH], "currency": account.currency}
    return {name: value for name, value in known.items() if value}


def _no_updates(error: StripeError) -> str:
    """Why Stripe doesn't call us; a permission that is missing is named already."""
    hourly = _("We check for updates every hour instead.")
    if isinstance(error, PermissionMissingError):
        return hourly
    return f"{_('Stripe can’t send us updates: %s') % error} {hourly}"


def _set_up(connection: Connection, gateway: Gateway, now: datetime) -> list[str]:
    """Make the portal's settings, and let catching up begin with what is new from now on; what went wrong."""
    try:
        ensure_portal(connection, gateway, look=True)
        if connection.caught_up_at is None:
            connection.update_live(cursor=gateway.newest_event_at(), caught_up_at=now)
    except PermissionMissingError:
        return []
    except StripeError as error:
        return [_("We couldn’t finish setting up Stripe: %s") % error]
    return []


def _record_check(connection: Connection, found: ConnectionCheck, now: datetime) -> ConnectionCheck:
    before = Connection.objects.filter(pk=connection.pk).values_list("trouble", flat=True).first()
    connection.update_live(checked_at=now, trouble=found.trouble)
    if before and not found.trouble:
        connection_mended.send(Connection, connection=connection, now=now)
    return found


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
