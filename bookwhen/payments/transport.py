"""How we speak to Stripe: the only module that makes calls by its library. What is asked for is in `gateway`.

No call is made while a lock is held or a transaction is open. What changes something carries an idempotency key that
derives from what we change, so that it may be sent again. Stripe keeps its answer under that key for a day, a failure
too: what failed is remembered (`FailedCall`), looked for before it is asked for again, and asked for under another key.
"""

import json
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from operator import attrgetter
from typing import Any, Final, Self, TypeVar, cast

import requests
import stripe
from django.conf import settings
from django.db import connection as database
from requests.utils import get_environ_proxies

from bookwhen.installation.copies import QuietCopyError, require_own_site
from bookwhen.outages import note_outside_effect
from bookwhen.payments.idempotency import idempotency_header
from bookwhen.payments.models import FailedCall
from bookwhen.payments.permissions import need_of
from bookwhen.payments.stripe_errors import (
    DeclinedError,
    GoneError,
    KeyRefusedError,
    KeyReusedError,
    PermissionMissingError,
    QuietError,
    RateLimitedError,
    StripeDownError,
    StripeError,
)
from bookwhen.text import without_secrets

T = TypeVar("T")
Json = dict[str, Any]
Params = Mapping[str, Any]

API_VERSION: Final = "2026-05-27.dahlia"
TIMEOUT_SECONDS: Final = 15
RETRIES: Final = 2
"""How often the library asks again of its own accord: where nothing was answered, or where Stripe failed."""
PAGE: Final = 100
AT_ONCE: Final = 4
"""How many calls of one worker are on their way together. Stripe answers a hundred a second, to all workers."""
OPEN_SECONDS: Final = 1
"""For how long it is known, while calls that only read follow each other, that this is no quiet copy."""
LINES: Final = 32
"""How many connections to Stripe a process keeps open at most: one for each call that may be on its way."""
PAUSES: Final = (0.5, 1.0, 2.0)
"""Seconds to wait before a call is made again that Stripe refused because it was asked too much."""
LONG_PAUSES: Final = (2.0, 5.0, 10.0)
"""Seconds to wait before the next page of a list is asked for again, whatever went wrong at Stripe."""
READS: Final = frozenset({"retrieve", "retrieve_current", "list", "create_preview"})
"""What the library calls the calls that change nothing at Stripe."""
WISH: Final = "bookwhen_wish"
"""What an object that we make bears in its metadata: which wish it was made for."""
NOT_KEPT: Final = frozenset({401, 403, 409, 429})
"""What Stripe answers before it looks at an idempotency key, or while the same call is still being answered."""
ACCOUNT: Final = re.compile(r"\bacct_\w+")
ACCEPTED: Final = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
BAD_REQUEST, NOT_FOUND, CONFLICT, TOO_MANY, BAD_GATEWAY = 400, 404, 409, 429, 502
NO_SUCH_CALL: Final = "Unrecognized request URL"
"""What Stripe says, also as 404, to what is no call of its API."""
NOT_STRIPES: Final = (
    b'{"error": {"type": "api_error", "message": "Something on the way to Stripe answered in its place."}}'
)


def _as_found(raw: Json) -> Json | None:
    return raw


class Transport:
    """One Stripe account, by its secret key. Every call may raise StripeError."""

    _is_limited = False
    """Whether Stripe was asked too much meanwhile."""
    _is_apart = False
    """Whether it only speaks to Stripe, in a thread beside the one that may."""

    def __init__(self, key: str) -> None:
        base: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else None
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses=base,
            max_network_retries=RETRIES,
            http_client=_http_client(),
        )

    def ask(
        self,
        operation: str,
        *arguments: object,
        key: str = "",
        find: Callable[[], Json | None] = lambda: None,
        again: bool = False,
    ) -> Json:
        """Make one call of the library (`refunds.create`); its answer as plain JSON.

        `key` is the wish that a change fulfils (`idempotency_key`). Where that failed before, or may have (`again`),
        `find` looks first whether it was fulfilled after all: what it finds is the answer.
        """
        if not key:
            return self._send(operation, *arguments)
        wish, reused = idempotency_header(key), False
        while True:
            failed = FailedCall.attempts_at(wish)
            if (again or failed is not None) and (found := find()) is not None:
                return found
            attempt = FailedCall.attempts_at(wish) or 0
            try:
                return self._send(operation, *arguments, {"idempotency_key": idempotency_header(key, attempt)})
            except (KeyRefusedError, QuietError):
                raise
            except StripeError as error:
                FailedCall.record(wish, attempt, is_kept=error.is_kept)
                if reused or not isinstance(error, KeyReusedError):
                    raise
                reused = True

    def create(
        self,
        operation: str,
        asked: Params,
        *,
        key: str,
        among: Params,
        take: Callable[[Json], Json | None] = _as_found,
        again: bool = False,
    ) -> Json:
        """Make an object (`prices.create`), once: one that an earlier try made is found by what it bears.

        It is looked for in the list of its kind, `among` those that Stripe lists for these parameters. `take` says what
        to do with it; where that is None, another one is made.
        """
        bears = {**asked.get("metadata", {}), WISH: idempotency_header(key)}

        def find() -> Json | None:
            for raw in self.ask_all(operation.replace(".create", ".list"), among, patient=False):
                if (raw.get("metadata") or {}).get(WISH) == bears[WISH]:
                    return take(raw)
            return None

        return self.ask(operation, {**asked, "metadata": bears}, key=key, find=find, again=again)

    @staticmethod
    def spend(raw: Json) -> None:
        """What an earlier try made was thrown away: the next one must not be answered with it."""
        wish = raw["metadata"][WISH]
        FailedCall.record(wish, FailedCall.attempts_at(wish) or 0, is_kept=True)

    def ask_all(self, operation: str, asked: Params, *, patient: bool = True, path: str = "") -> Iterator[Json]:
        """All objects of a list (`refunds.list`), page by page.

        A page that fails is waited for and asked for again, unless somebody waits for us: then we aren't `patient`.
        """
        after = ""
        while True:
            found, after = self.ask_page(operation, asked, after=after, patient=patient, path=path)
            yield from found
            if not after:
                return

    def ask_page(
        self, operation: str, asked: Params, *, after: str = "", patient: bool = True, path: str = ""
    ) -> tuple[list[Json], str]:
        """A page of a list, and the id to go on after; none where it was the last one. By an address, read plainly."""
        params = {**asked, "limit": PAGE, **({"starting_after": after} if after else {})}
        ask = partial(self.ask_plainly, operation, path, **params) if path else partial(self._send, operation, params)
        page = self._page(ask, LONG_PAUSES if patient else ())
        found = page["data"]
        return found, str(found[-1]["id"]) if found and page["has_more"] else ""

    def ask_plainly(self, operation: str, path: str, **params: Any) -> Json:  # noqa: ANN401 - whatever it takes
        """Read by an address: without the library's objects it is a third quicker."""
        return self._patiently(operation, lambda: self._client.raw_request("get", path, **params).data)

    def ask_together(self, ask: Callable[[Self, str], T], keys: Iterable[str]) -> Iterator[tuple[str, Callable[[], T]]]:
        """Make the same call for each key, a few at a time; in order each key, and what tells or raises its answer.

        They may only read: whether this is a quiet copy is asked once in a while, and not before each. That, and
        whatever else the database is asked or told, is done here; the threads beside this one only speak to Stripe.
        None is on its way any more when this ends. Where Stripe was asked too much, one call waits for the other from
        then on.
        """
        apart = copy(self)
        apart._is_apart = True  # noqa: SLF001 - one of our own kind
        left, asked, open_until = iter(keys), deque[tuple[str, Future[T]]](), 0.0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while True:
                most = 1 if apart._is_limited else AT_ONCE  # noqa: SLF001 - as above
                for key in islice(left, max(most - len(asked), 0)):
                    if time.monotonic() >= open_until:
                        self._require_open()
                        open_until = time.monotonic() + OPEN_SECONDS
                    asked.append((key, pool.submit(copy_context().run, ask, apart, key)))
                if not asked:
                    return
                key, answer = asked.popleft()
                if isinstance(error := answer.exception(), KeyRefusedError):
                    self.note_refused(error)
                yield key, answer.result

    def note_refused(self, error: KeyRefusedError) -> None:
        """Called when Stripe refuses the key, or something to it."""

    @staticmethod
    def _page(ask: Callable[[], Json], pauses: Sequence[float]) -> Json:
        for pause in pauses:
            try:
                return ask()
            except QuietError:
                raise
            except StripeDownError:
                time.sleep(pause)
        return ask()

    def _send(self, operation: str, *arguments: object) -> Json:
        call = attrgetter(operation)(self._client.v1)

        def send() -> Json:
            if call.__name__ not in READS:
                note_outside_effect()
            return cast("Json", call(*arguments).to_dict())

        return self._patiently(operation, send)

    def _patiently(self, operation: str, send: Callable[[], Json]) -> Json:
        """Make a call; where Stripe is asked too much, wait a little and make it again."""
        for pause in PAUSES:
            try:
                with self._translated_errors(operation):
                    return send()
            except RateLimitedError:
                self._is_limited = True
                time.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - so that not all come back at once
        with self._translated_errors(operation):
            return send()

    @contextmanager
    def _translated_errors(self, operation: str) -> Iterator[None]:
        """Make a call outside any transaction, and raise the library's errors as ours. A quiet copy makes none."""
        if not self._is_apart:
            self._require_open()
        try:
            yield
        except stripe.StripeError as error:
            ours = _translate(error, operation)
            if isinstance(ours, KeyRefusedError) and not self._is_apart:
                self.note_refused(ours)
            raise ours from error

    @staticmethod
    def _require_open() -> None:
        assert not _in_locks(), "No network call while a lock is held."  # noqa: S101 - a rule of the house, checked early
        try:
            require_own_site()
        except QuietCopyError as error:
            raise QuietError(str(error)) from error


def as_json(raw: Json) -> Json:
    """As it came over the line: the library makes decimals of some texts, which JSON cannot hold."""
    return cast("Json", json.loads(json.dumps(raw, default=str)))


def _translate(error: stripe.StripeError, operation: str) -> StripeError:
    text = without_secrets(str(error.user_message or error))
    match error:
        case stripe.PermissionError():
            named = ACCOUNT.search(str(error.user_message or ""))
            return PermissionMissingError(text, needed=need_of(operation, text), account=named[0] if named else "")
        case stripe.AuthenticationError():
            return KeyRefusedError(text)
        case stripe.RateLimitError():
            return RateLimitedError(text, is_kept=_is_kept(error))
        case stripe.IdempotencyError() if error.http_status != CONFLICT:
            return KeyReusedError(text, is_kept=True)
        case stripe.InvalidRequestError() | stripe.CardError():
            is_missing = error.http_status == NOT_FOUND and not text.startswith(NO_SUCH_CALL)
            is_gone = error.code == "resource_missing" or is_missing
            kind = GoneError if is_gone else DeclinedError
            return kind(text, code=error.code or "", param=error.param or "", is_kept=_is_kept(error))
    return StripeDownError(text, is_kept=_is_kept(error))


def _is_kept(error: stripe.StripeError) -> bool:
    """Whether Stripe keeps this answer for a day: it began to do what was asked for, and said how that went."""
    is_replayed = str((error.headers or {}).get("idempotent-replayed", "")).lower() == "true"
    return is_replayed or (error.http_status is not None and error.http_status not in NOT_KEPT)


def _in_locks() -> bool:
    """Whether this thread has a transaction open; the one that a test runs in does not count."""
    blocks: list[Any] = getattr(database, "atomic_blocks", [])
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


class Client(stripe.RequestsClient):
    """Takes no answer for Stripe's that cannot be: something on the way to it failed, in whatever words.

    The library would read such an answer with errors of its own, or a missing page as a missing object.
    """

    _line: "_Line | None" = None

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # noqa: ANN401 - the library's
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Ask, and answer as the library does; as a failure of Stripe's where it wasn't Stripe that answered."""
        body, status, told = self.ask(method, url, headers, post_data)
        if _may_be_stripes(body, status):
            return body, status, told
        return NOT_STRIPES, status if status == TOO_MANY else BAD_GATEWAY, {}

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any,  # noqa: ANN401 - the library's
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Ask over the line.

        By the adapter of `requests`, which has connections and TLS: what a session adds (cookies, redirects, what it
        looks up in the environment for each call) is nothing that Stripe needs, and took a third of a call's time.
        """
        asked = requests.PreparedRequest()
        asked.method, asked.url, asked.body, asked.hooks = method.upper(), url, post_data, {}
        asked.prepare_headers({**ACCEPTED, **(headers or {})})
        asked.prepare_content_length(post_data)
        try:
            line = self._line_to(url)
            with line.adapter.send(
                asked, timeout=self._timeout, verify=stripe.ca_bundle_path, proxies=line.proxies
            ) as answer:
                return answer.content, answer.status_code, answer.headers
        except Exception as error:  # noqa: BLE001 - as the library does, which knows them all
            self._handle_request_error(error)

    def _line_to(self, url: str) -> "_Line":
        """The connections of this process, which threads share."""
        line = self._line
        if line is None:
            line = self._line = _Line(requests.adapters.HTTPAdapter(pool_maxsize=LINES), get_environ_proxies(url))
        return line

    def close(self) -> None:
        """End them."""
        if self._line is not None:
            self._line.adapter.close()


@dataclass(frozen=True, slots=True)
class _Line:
    """Connections, and the proxies of the environment: read once, since it takes a tenth of a call."""

    adapter: requests.adapters.HTTPAdapter
    proxies: dict[str, str]


def _may_be_stripes(body: bytes, status: int) -> bool:
    """Whether an answer has the form that all of Stripe's have."""
    if status < BAD_REQUEST:
        return body.lstrip().startswith(b"{")
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("error"), dict)


@cache
def _http_client() -> stripe.HTTPClient:
    return Client(timeout=TIMEOUT_SECONDS)
