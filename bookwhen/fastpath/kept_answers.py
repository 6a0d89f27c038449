"""Whole answers that are kept for as long as nothing has changed of what they were drawn from; and ETags for them."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from bookwhen.compression import ONCE, accepts_gzip, compressed, is_compressible
from bookwhen.fastpath.fingerprint import Fingerprint
from bookwhen.fastpath.kept_values import KeptValues, Made
from bookwhen.seeing.ids import add_ids

OVERHEAD: Final = 2000
"""Bytes that a kept answer takes beside its body, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An answer as it was drawn at an instant, with all headers that its view gives it.

    `given` and `until` are as of what is `Made`. `account` is whose it is, for the logs. `same_for` leaves of the body
    what makes another answer of it.
    """

    response: HttpResponse
    given: Mapping[str, object] | None
    until: datetime | None
    account: str
    same_for: Callable[[bytes], bytes] = bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    body: bytes
    gzipped: bytes
    """The same, compressed once for all; empty where that makes it no shorter."""
    headers: Mapping[str, str]
    etag: str
    account: str


class KeptAnswers(KeptValues[_Answer | HttpResponse]):
    """Answers by a key: whatever of the request they say."""

    def __init__(self, fingerprint: Fingerprint, most: int) -> None:
        super().__init__(fingerprint, most, _weigh)

    def answer(self, request: HttpRequest, key: Hashable, draw: Callable[[], Drawn], *, now: datetime) -> HttpResponse:
        """What `draw` draws at `now`, or drew before; 304 to a browser that has it already.

        `draw` may look at nothing of the request that the key leaves out.
        """
        found = self.get(key, lambda: _made(request, draw()), now=now)
        if isinstance(found, HttpResponse):
            return found
        add_ids(account=found.account)
        response = HttpResponse(found.body, headers=found.headers)
        if found.gzipped and accepts_gzip(request):
            response = HttpResponse(found.gzipped, headers={**found.headers, "Content-Encoding": "gzip"})
        # It returns an answer wherever it is given one.
        return cast("HttpResponse", get_conditional_response(request, etag=found.etag, response=response))


def _weigh(answer: _Answer | HttpResponse) -> int:
    return OVERHEAD + (len(answer.body) + len(answer.gzipped) if isinstance(answer, _Answer) else 0)


def _made(request: HttpRequest, drawn: Drawn) -> Made[_Answer | HttpResponse]:
    if drawn.given is None or _is_for_one(request, drawn.response):
        return Made(value=drawn.response, given=None, until=None)
    gzipped = b""
    if is_compressible(drawn.response):
        patch_vary_headers(drawn.response, ["Accept-Encoding"])
        gzipped = compressed(drawn.response.content, level=ONCE)
    # Weak: compressed, it is other bytes.
    etag = f'W/"{blake2b(drawn.same_for(drawn.response.content), digest_size=16).hexdigest()}"'
    answer = _Answer(
        body=drawn.response.content,
        gzipped=gzipped,
        headers={**dict(drawn.response.items()), "ETag": etag},
        etag=etag,
        account=drawn.account,
    )
    return Made(value=answer, given=drawn.given, until=drawn.until)


def _is_for_one(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether an answer gives its visitor something: a cookie, or a form with a token."""
    return bool(response.cookies) or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
