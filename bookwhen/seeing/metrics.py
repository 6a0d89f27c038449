"""What each process counts of itself for `/metrics`: requests, errors, and its pool of database connections.

Labels are bounded: views by their name, statuses by their class. gunicorn's processes write into one folder
(`gunicorn.conf.py`), from which any of them answers for all.
"""

import os
import sys
from time import monotonic
from typing import Any, Final

from django.core.signals import got_request_exception
from django.db import connections
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_REQUESTS: Final = Histogram(
    "bookwhen_request_seconds", "How long requests took, by the name of their view.", ["view"], buckets=SECONDS
)
_RESPONSES: Final = Counter("bookwhen_responses", "Answers, by view and class of status.", ["view", "status"])
_EXCEPTIONS: Final = Counter("bookwhen_exceptions", "Errors that no view caught, by their class.", ["error"])
_POOL_SIZE: Final = Gauge(
    "bookwhen_database_pool_size", "Open connections to the database, of all processes.", multiprocess_mode="livesum"
)
_POOL_MAX: Final = Gauge(
    "bookwhen_database_pool_max", "How many connections the pools may open.", multiprocess_mode="livesum"
)
_POOL_AVAILABLE: Final = Gauge(
    "bookwhen_database_pool_available", "Open connections that nobody uses.", multiprocess_mode="livesum"
)
_POOL_WAITING: Final = Gauge(
    "bookwhen_database_pool_waiting", "Requests that wait for a connection.", multiprocess_mode="livesum"
)
_POOL_WAITS: Final = Counter("bookwhen_database_pool_waits", "Requests that had to wait for a connection.")
_POOL_WAIT_SECONDS: Final = Counter("bookwhen_database_pool_wait_seconds", "How long they waited, together.")
_POOL_TIMEOUTS: Final = Counter("bookwhen_database_pool_timeouts", "Requests that waited in vain.")

_GROWING: Final = (
    (_POOL_WAITS, "requests_queued", 1.0),
    (_POOL_WAIT_SECONDS, "requests_wait_ms", 0.001),
    (_POOL_TIMEOUTS, "requests_errors", 1.0),
)


def count_response(view: str, status: int, seconds: float) -> None:
    """Count an answer, and look at the pool, at most once a second."""
    requests, classes = _children(view)
    requests.observe(seconds)
    classes[min(max(status // 100, 2), 5)].inc()
    if _pool.is_due():
        _pool.look()


_known: Final[dict[str, tuple[Histogram, dict[int, Counter]]]] = {}


def _children(view: str) -> tuple[Histogram, dict[int, Counter]]:
    """The counters of a view, kept: finding them again costs more than counting."""
    found = _known.get(view)
    if found is None:
        classes = {digit: _RESPONSES.labels(view, f"{digit}xx") for digit in range(2, 6)}
        found = _known[view] = (_REQUESTS.labels(view), classes)
    return found


class _Pool:
    """The numbers of this process's pool of connections, as psycopg_pool tells them."""

    def __init__(self) -> None:
        self.due, self.seen = 0.0, dict[str, float]()

    def is_due(self) -> bool:
        """Whether a second has passed."""
        return monotonic() >= self.due

    def look(self) -> None:
        """Note how it is now; nothing where this process has no pool."""
        self.due = monotonic() + 1
        database = connections["default"]
        if not database.settings_dict["OPTIONS"].get("pool"):
            return
        told = database.pool.get_stats()  # type: ignore[attr-defined]
        _POOL_SIZE.set(told.get("pool_size", 0))
        _POOL_MAX.set(told.get("pool_max", 0))
        _POOL_AVAILABLE.set(told.get("pool_available", 0))
        _POOL_WAITING.set(told.get("requests_waiting", 0))
        for counter, name, factor in _GROWING:
            value = told.get(name, 0)
            counter.inc(max(0.0, value - self.seen.get(name, 0)) * factor)
            self.seen[name] = value


_pool: Final = _Pool()


def _count_exception(**_kwargs: Any) -> None:  # noqa: ANN401 - a signal's
    error, *_rest = sys.exc_info()
    _EXCEPTIONS.labels(error.__name__ if error else "unknown").inc()


def connect() -> None:
    """Count every error that no view catches."""
    got_request_exception.connect(_count_exception, dispatch_uid=f"{__name__}.exceptions")


def all_processes() -> CollectorRegistry:
    """What all web processes of this machine have counted; without gunicorn what this one has."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
