"""Which requests read the replica: those of strangers, at the views that say so, while it is near enough.

A view that says so (`reads_replica`) shows what everybody may see and decides nothing: a booking is judged where it is
written, on the primary, so that a replica which is behind can show too many places but never sell them.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.http import Http404, HttpRequest, HttpResponse

from bookwhen.cookies import own_cookie
from bookwhen.replica.database import REPLICA
from bookwhen.replica.position import NAME as POSITION
from bookwhen.replica.position import PRIMARY, wanted_position
from bookwhen.replica.watch import WATCH

log = logging.getLogger(__name__)

SAFE: Final = ("GET", "HEAD")

READING: Final = ContextVar("reading_replica", default=False)

View = Callable[..., HttpResponse]


class Router:
    """Sends what the ORM reads to where the request reads, and all else to the primary."""

    def db_for_read(self, *_model: object, **_hints: object) -> str:
        """Where to read."""
        return alias_to_read()

    def db_for_write(self, *_model: object, **_hints: object) -> str:
        """Where to write. What is read later in the same request may be what was written."""
        READING.set(False)
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *_objects: object, **_hints: object) -> bool:
        """Rows of both are rows of one database."""
        return True

    def allow_migrate(self, db: str, *_app: object, **_hints: object) -> bool:
        """The replica gets its tables from the primary."""
        return db != REPLICA


def alias_to_read() -> str:
    """The connection to read from, for what asks a connection without the ORM."""
    if not READING.get():
        return DEFAULT_DB_ALIAS
    if connection.in_atomic_block:  # it is about to write, or it must see what is there now
        READING.set(False)
        return DEFAULT_DB_ALIAS
    return REPLICA


def reads_replica(view: View) -> View:
    """Have strangers read a view from the replica, where there is one and it is near enough; else nothing changes.

    What the replica cannot answer, the primary is asked: also for what it does not find, which may be new.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - the view's own
        if REPLICA in connections.settings and _may_read(request):
            found = _read(view, request, *args, **kwargs)
            if found is not None and found.status_code != HTTPStatus.NOT_FOUND:
                return found
        return view(request, *args, **kwargs)

    return answer


def _read(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:  # noqa: ANN401
    """What the view answers from the replica; None where it could not, or found nothing."""
    replica, token = connections[REPLICA], READING.set(True)
    try:
        with WATCH.reading(replica):
            return view(request, *args, **kwargs)
    except Http404:
        return None
    except Error as error:
        log.warning("The replica did not answer, so the primary is asked: %s", str(error).strip())
        WATCH.distrust()
        return None
    finally:
        READING.reset(token)


def is_strangers_look(request: HttpRequest) -> bool:
    """Whether somebody looks at a page of whom nothing is known: they carry no cookie but those of a form.

    Anyone who is logged in, or has a basket or a booking, has a cookie. One that we do not know may be such a cookie.
    """
    of_forms = {settings.CSRF_COOKIE_NAME, own_cookie(POSITION)}
    return request.method in SAFE and of_forms.issuperset(request.COOKIES)


def _may_read(request: HttpRequest) -> bool:
    """Whether a request may be answered from the replica: a stranger's, who wrote nothing that it has not got yet."""
    if not is_strangers_look(request):
        return False
    wanted = wanted_position(dict(request.COOKIES))
    if wanted == PRIMARY:
        return False
    has = WATCH.replayed()
    return has is not None and wanted <= has
