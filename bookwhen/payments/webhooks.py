"""Where Stripe calls us back: keeps what is truly from Stripe, and answers at once."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.db import connection as database
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bookwhen.fastpath.known import Known
from bookwhen.installation.copies import is_quiet
from bookwhen.payments import inbox
from bookwhen.payments.encryption import CannotDecryptError, decrypt
from bookwhen.payments.gateway import is_signed
from bookwhen.payments.incoming import IncomingEvent, MalformedEventError
from bookwhen.payments.models import EventSource
from bookwhen.requests import content_length
from bookwhen.seeing.ids import add_ids

log = logging.getLogger(__name__)

PATH: Final = "/stripe/webhooks/"
MOST_BYTES: Final = 512 * 1024


Answering = Callable[[HttpRequest], HttpResponseBase]


def stripe_middleware(get_response: Answering) -> Answering:
    """Middleware that answers Stripe before all other, which is for people: languages, logins, messages, headers."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATH):
            return get_response(request)
        request.resolver_match = resolve(request.path_info)
        return stripe_webhook(request, **request.resolver_match.kwargs)

    return answer


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest, endpoint: UUID) -> HttpResponse:
    """Keep one event: 200 once it is committed or was before, 404 without a live connection, 413 for too large a body.

    400 without a write for what is not signed with a secret of this endpoint, not an event, or of the other mode
    (test, live) or of another Stripe account than the connection. 503 in a quiet copy: it is not the one that Stripe
    should call, or will be adopted, and Stripe sends it again for three days.
    """
    if is_quiet():
        return _empty_response(HTTPStatus.SERVICE_UNAVAILABLE)
    size = content_length(request)
    if size is None or size > MOST_BYTES:
        return _empty_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        _store_event(request, endpoint, timezone.now())
    except _RefusedError as refused:
        return _empty_response(refused.status)
    return _empty_response(HTTPStatus.OK)


def _empty_response(status: HTTPStatus) -> HttpResponse:
    """An answer without a body, which says so: else the server would send one in chunks."""
    return HttpResponse(status=status, headers={"Content-Length": "0"})


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """The connection of an endpoint, as far as a webhook needs it, with the secrets that it accepts by their number."""

    connection_id: int
    livemode: bool
    stripe_account: str
    secrets: Mapping[int, str]


_ENDPOINTS: Final = Known[UUID, _Endpoint](10_000)
"""What this process knows of endpoints. It may be stale, so storing checks once more what can change."""


def _store_event(request: HttpRequest, endpoint: UUID, now: datetime) -> None:
    called = _ENDPOINTS.get(endpoint)
    secret = _matching_secret(request, called, now) if called else None
    if called is None or secret is None:
        called = _load_endpoint(endpoint, now)
        secret = _matching_secret(request, called, now)
    if secret is None:
        log.warning("A webhook for connection %s was not signed by Stripe.", called.connection_id)
        raise _RefusedError(HTTPStatus.BAD_REQUEST)
    told = _read_event(request, called)
    add_ids(event=told.id)
    kept = inbox.receive_event(called.connection_id, told, EventSource.WEBHOOK, secret=secret, now=now)
    # Not kept: it was before, unless what this process knew is not so any more.
    if not kept and secret not in _load_endpoint(endpoint, now).secrets:
        raise _RefusedError(HTTPStatus.BAD_REQUEST)


_LOAD_ENDPOINT: Final = """
SELECT c.id, c.livemode, c.stripe_account, s.id, s.encrypted_secret
FROM payments_connection c
LEFT JOIN payments_endpointsecret s
    ON s.connection_id = c.id AND (s.retires_at IS NULL OR s.retires_at > %(now)s)
WHERE c.endpoint = %(endpoint)s AND c.disconnected_at IS NULL
ORDER BY s.id DESC
"""


def _load_endpoint(endpoint: UUID, now: datetime) -> _Endpoint:
    """What the database knows of an endpoint now; raises _RefusedError where it has no live connection."""
    with database.cursor() as cursor:
        cursor.execute(_LOAD_ENDPOINT, {"endpoint": endpoint, "now": now})
        rows = cursor.fetchall()
    if not rows:
        _ENDPOINTS.forget(endpoint)
        raise _RefusedError(HTTPStatus.NOT_FOUND)
    secrets = {
        number: opened for *_, number, encrypted in rows if encrypted and (opened := _decrypted_secret(encrypted))
    }
    pk, livemode, stripe_account, *_ = rows[0]
    return _ENDPOINTS.put(endpoint, _Endpoint(pk, livemode, stripe_account, secrets))


def _decrypted_secret(encrypted: str) -> str:
    """The signing secret; nothing where it cannot be opened (`connections.check` mends that)."""
    try:
        return decrypt(encrypted)
    except CannotDecryptError:
        return ""


def _matching_secret(request: HttpRequest, called: _Endpoint, now: datetime) -> int | None:
    """The number of the secret that a request is signed with; None: it is not Stripe's."""
    signature = request.headers.get("stripe-signature", "")
    for number, secret in called.secrets.items():
        if is_signed(request.body, signature, [secret], now=now):
            return number
    return None


def _read_event(request: HttpRequest, called: _Endpoint) -> IncomingEvent:
    """The event; raises _RefusedError where it is none, or not for this connection."""
    try:
        told = IncomingEvent.read(json.loads(request.body))
    except (MalformedEventError, ValueError, RecursionError) as error:
        log.warning("A webhook for connection %s could not be read: %s", called.connection_id, error)
        raise _RefusedError(HTTPStatus.BAD_REQUEST) from error
    if told.livemode != called.livemode or told.account not in {"", called.stripe_account}:
        log.warning("The event %s is not for connection %s.", told.id, called.connection_id)
        raise _RefusedError(HTTPStatus.BAD_REQUEST)
    return told
