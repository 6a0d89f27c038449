"""Whole answers that are kept for as long as nothing has changed of what they were drawn from; and ETags for them."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final, cast

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from bookwhen.database.base import FORGOTTEN
from bookwhen.fastpath.fingerprint import Fingerprint, one_snapshot
from bookwhen.fastpath.known import Known
from bookwhen.seeing.ids import add_ids

OVERHEAD: Final = 2000
"""Bytes that a kept answer takes beside its body, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An answer as it was drawn at an instant, with all headers that its view gives it.

    `given` is what its fingerprint is read with, where a value of None stands for the instant at which somebody asks;
    without it, the answer is not kept. It stays as it is until `until` (None: for good), as long as its fingerprint
    does. `account` is whose it is, for the logs. `same_for` leaves of the body what makes another answer of it.
    """

    response: HttpResponse
    given: Mapping[str, object] | None
    until: datetime | None
    account: str
    same_for: Callable[[bytes], bytes] = bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    body: bytes
    headers: Mapping[str, str]
    etag: str
    fingerprint: bytes
    given: Mapping[str, object]
    at: datetime
    until: datetime | None
    account: str


class KeptAnswers:
    """Answers by a key: whatever of the request they say.

    An answer is drawn and its fingerprint read in one snapshot of the database, so that what is kept under a
    fingerprint is what was there at that fingerprint. Nothing tells a process that something has changed: it asks for
    the fingerprint each time, and draws the answer anew where that is another. `most` bytes are kept at most.
    """

    def __init__(self, fingerprint: Fingerprint, most: int) -> None:
        self._fingerprint = fingerprint
        self._known = Known[Hashable, _Kept](most, lambda kept: len(kept.body) + OVERHEAD)

    def answer(self, request: HttpRequest, key: Hashable, draw: Callable[[], Drawn], *, now: datetime) -> HttpResponse:
        """What `draw` draws at `now`, or drew before; 304 to whoever has it already.

        `draw` may look at nothing of the request that the key leaves out.
        """
        kept = self._known.get(key)
        if kept is None or not self._holds(kept, now):
            try:
                with one_snapshot():
                    drawn = draw()
                    if drawn.given is None or _is_for_one(request, drawn.response):
                        return drawn.response
                    kept = _keep(drawn, drawn.given, self._read(drawn.given, now), now)
            except Error as error:
                if not isinstance(error.__cause__, FORGOTTEN):
                    raise
                # A migration has changed a table: outside of a transaction each statement can be prepared once more.
                return draw().response
            self._known.put(key, kept)
        add_ids(account=kept.account)
        response = HttpResponse(kept.body, headers=kept.headers)
        # It returns an answer wherever it is given one.
        return cast("HttpResponse", get_conditional_response(request, etag=kept.etag, response=response))

    def _holds(self, kept: _Kept, now: datetime) -> bool:
        is_time = kept.at <= now and (kept.until is None or now < kept.until)
        return is_time and self._read(kept.given, now) == kept.fingerprint

    def _read(self, given: Mapping[str, object], now: datetime) -> bytes:
        told = {name: now if value is None else value for name, value in given.items()}
        return self._fingerprint.read(now=now, **told)


def _keep(drawn: Drawn, given: Mapping[str, object], fingerprint: bytes, now: datetime) -> _Kept:
    # Weak: a proxy that compresses the answer sends other bytes.
    etag = f'W/"{blake2b(drawn.same_for(drawn.response.content), digest_size=16).hexdigest()}"'
    return _Kept(
        body=drawn.response.content,
        headers={**dict(drawn.response.items()), "ETag": etag},
        etag=etag,
        fingerprint=fingerprint,
        given=given,
        at=now,
        until=drawn.until,
        account=drawn.account,
    )


def _is_for_one(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether an answer gives its visitor something: a cookie, or a form with a token."""
    return bool(response.cookies) or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
