"""Which failures are nobody's mistake, and over in a while: the database is away, resting, full or very busy."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final, cast

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.http import HttpRequest
from kombu.exceptions import OperationalError as BrokerError
from psycopg import Error as ServerError
from psycopg import InterfaceError, OperationalError
from redis import RedisError

from bookwhen.database.base import DatabaseWrapper

RETRY_AFTER: Final = 30
"""Seconds after which it is worth trying again, for programs."""


class Outage(Enum):
    """What the person whose request failed is told."""

    AWAY = "away"
    """The database cannot be reached, or cannot write: it is read-only, or its disk is full."""
    BUSY = "busy"
    """It took too long: a statement, a lock, a connection from the pool."""


class Outcome(Enum):
    """What became of a request that failed."""

    READ = "read"
    """It only wanted to see something."""
    NOTHING_SAVED = "nothing saved"
    UNSURE = "unsure"
    """Something may have been saved: a part, or all of it, and we never heard that it was."""


BUSY_STATES: Final = (
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "55P03",  # lock_not_available: lock_timeout
    "57014",  # query_canceled: statement_timeout
    "53300",  # too_many_connections
    "53200",  # out_of_memory
    "25P03",  # idle_in_transaction_session_timeout
    "25P04",  # transaction_timeout
    # What a migration does to a statement that was prepared before it, in a transaction.
    "26000",  # invalid_sql_statement_name
    "0A000",  # feature_not_supported: the cached plan must not change result type
)
AWAY_STATES: Final = (
    "08",  # connection_exception
    "25006",  # read_only_sql_transaction
    "53",  # insufficient_resources: disk_full
    "57P",  # admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout
    "58",  # system_error: io_error
    "28",  # invalid_authorization_specification: the roles are not there yet, or the password was changed
    "3D000",  # invalid_catalog_name
)
"""How the SQLSTATEs begin (PostgreSQL's Appendix A)."""


def outage_of(error: BaseException | None) -> Outage | None:
    """Which outage an exception comes from; None: it is a mistake of ours."""
    for cause in _causes(error):
        if isinstance(cause, ServerError):
            return _outage_of_database(cause)
        if isinstance(cause, (RedisError, BrokerError)):
            return Outage.AWAY
    return None


def begin_request() -> None:
    """Nothing has been committed by this request yet."""
    _connection().begin_request()


@contextmanager
def not_an_outcome() -> Generator[None]:
    """Around what a request commits on its way, and nobody asked for, such as the row of a customer who is to book.

    If it fails later, its page may still say that nothing was done.
    """
    found = _connection()
    before = found.has_written, found.is_unsure
    try:
        yield
    finally:
        found.has_written, found.is_unsure = before


def note_outside_effect() -> None:
    """Something was asked of another server that a rollback does not take back: a cancellation at Stripe, say."""
    _connection().is_unsure = True


def outcome_of(request: HttpRequest) -> Outcome:
    """What became of the request that failed."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return Outcome.READ
    is_clean = not _connection().has_written and not _connection().is_unsure
    return Outcome.NOTHING_SAVED if is_clean else Outcome.UNSURE


def _connection() -> DatabaseWrapper:
    return cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])


def _outage_of_database(error: ServerError) -> Outage | None:
    state = error.sqlstate
    if state is None:
        # No answer at all: it was said by the client. A pool that had no connection in time says that, too.
        return Outage.AWAY if isinstance(error, (OperationalError, InterfaceError)) else None
    if state.startswith(BUSY_STATES):
        return Outage.BUSY
    return Outage.AWAY if state.startswith(AWAY_STATES) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it was raised from: Django's are raised from psycopg's."""
    while error is not None:
        yield error
        error = error.__cause__ or (error.__context__ if isinstance(error, Error) else None)
