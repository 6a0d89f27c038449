"""Which request, task, letter and Stripe event the running code serves: every line of the log says so.

They are kept in a context variable, so that threads don't mix them up. A task begins with those of the request that
queued it (`bookwhen.seeing.worker`), so one booking can be followed through all processes.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

REQUEST: Final = "request_id"
PASSED_ON: Final = (REQUEST, "account")
"""What a task takes over from the request or the task that queued it."""

_WELL_FORMED: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{7,63}")
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_IDS: ContextVar[Mapping[str, str]] = ContextVar("ids", default=_NONE)


def current_ids() -> Mapping[str, str]:
    """The ids that are known here, by name."""
    return _IDS.get()


def _as_text(ids: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in ids.items()}


def add_ids(**ids: object) -> None:
    """Add ids for the rest of what is around: the request, the task or the `with with_ids(…)`."""
    _IDS.set({**_IDS.get(), **_as_text(ids)})


@contextmanager
def with_ids(**ids: object) -> Iterator[None]:
    """Add ids for a while."""
    before = _IDS.set({**_IDS.get(), **_as_text(ids)})
    try:
        yield
    finally:
        _IDS.reset(before)


@contextmanager
def only_ids(ids: Mapping[str, str]) -> Iterator[None]:
    """Begin anew with these, for a request or a task: nothing of the one before is left."""
    before = _IDS.set(ids)
    try:
        yield
    finally:
        _IDS.reset(before)


def new_request_id() -> str:
    """Sixteen letters and digits, which a customer can read out."""
    return secrets.token_hex(8)


def is_request_id(text: str) -> bool:
    """Whether a proxy's `X-Request-ID` can be taken over: 8 to 64 letters, digits, dots, hyphens and underscores."""
    return _WELL_FORMED.fullmatch(text) is not None
