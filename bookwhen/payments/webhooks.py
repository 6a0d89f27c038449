"""Where Stripe calls us back: keeps what is truly from Stripe, and answers at once."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.db import connection as database
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bookwhen.payments import inbox
from bookwhen.payments.gateway import is_signed
from bookwhen.payments.inbox import MalformedEventError, Told
from bookwhen.payments.models import Connection, EventSource
from bookwhen.payments.sealing import CannotOpenError, unseal

log = logging.getLogger(__name__)

MOST_BYTES: Final = 512 * 1024
HEARD_EVERY: Final = timedelta(minutes=1)


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest, endpoint: UUID) -> HttpResponse:
    """Keep one event: 200 once it is committed or was before, 404 without a live connection, 413 for too large a body.

    400 without a write for what is not signed with a secret of this endpoint, not an event, or of the other mode
    (test, live) or of another Stripe account than the connection.
    """
    now = timezone.now()
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    called = _called(endpoint, now)
    if called is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    told = _told(request, called, now)
    if told is None:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    inbox.receive(called.connection_id, told, EventSource.WEBHOOK, now=now)
    if called.heard_at is None or now - called.heard_at > HEARD_EVERY:
        Connection.objects.filter(pk=called.connection_id).update(heard_at=now)
    return HttpResponse(status=HTTPStatus.OK)


@dataclass(frozen=True, slots=True)
class _Called:
    """The connection of an endpoint, as far as a webhook needs it."""

    connection_id: int
    livemode: bool
    stripe_account: str
    heard_at: datetime | None
    secrets: list[str]


_CALLED: Final = """
SELECT c.id, c.livemode, c.stripe_account, c.heard_at, ARRAY(
    SELECT s.sealed FROM payments_endpointsecret s
    WHERE s.connection_id = c.id AND (s.retires_at IS NULL OR s.retires_at > %(now)s) ORDER BY s.id DESC)
FROM payments_connection c WHERE c.endpoint = %(endpoint)s AND c.disconnected_at IS NULL
"""


def _called(endpoint: UUID, now: datetime) -> _Called | None:
    with database.cursor() as cursor:
        cursor.execute(_CALLED, {"endpoint": endpoint, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    pk, livemode, stripe_account, heard_at, sealed = row
    secrets = [opened for each in sealed if (opened := _opened(each))]
    return _Called(pk, livemode, stripe_account, heard_at, secrets)


@lru_cache(maxsize=256)
def _opened(sealed: str) -> str:
    """The signing secret, opened once in a process; nothing where it cannot be (`connections.check` mends that)."""
    try:
        return unseal(sealed)
    except CannotOpenError:
        return ""


def _told(request: HttpRequest, called: _Called, now: datetime) -> Told | None:
    """The event, where it is truly Stripe's and for this connection; else None."""
    signature = request.META.get("HTTP_STRIPE_SIGNATURE", "")
    if not is_signed(request.body, signature, called.secrets, now=now):
        log.warning("A webhook for connection %s was not signed by Stripe.", called.connection_id)
        return None
    try:
        told = Told.read(json.loads(request.body))
    except (MalformedEventError, ValueError) as error:
        log.warning("A webhook for connection %s could not be read: %s", called.connection_id, error)
        return None
    if told.livemode != called.livemode or told.account not in {"", called.stripe_account}:
        log.warning("The event %s is not for connection %s.", told.id, called.connection_id)
        return None
    return told
