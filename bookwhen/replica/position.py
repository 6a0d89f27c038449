"""Reading one's own writes: who sent a form carries for a minute how far the primary's log was then.

It is not signed: people who change it only change where they themselves read.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import Error, connection, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bookwhen.cookies import own_cookie
from bookwhen.replica.database import REPLICA
from bookwhen.replica.watch import MOST_SECONDS_BEHIND

NAME: Final = "written"
SECONDS: Final = 60
"""How long it is carried: longer than a replica that is read may be behind."""
assert SECONDS > 2 * MOST_SECONDS_BEHIND  # noqa: S101 - of constants
PRIMARY: Final = -1
"""In place of a position: only the primary has it for certain."""

Answering = Callable[[HttpRequest], HttpResponseBase]


def position_middleware(get_response: Answering) -> Answering:
    """Middleware that gives people who sent a form the position of the primary's log; none where there is no replica.

    What writes at a mere look (a login by a link, a basket taken along) gives another cookie, with which nobody reads
    the replica.
    """
    if REPLICA not in connections.settings:
        raise MiddlewareNotUsed

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            failed = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            position = PRIMARY if failed else current_position()
            response.set_cookie(
                own_cookie(NAME),
                f"{position:x}",
                max_age=SECONDS,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response

    return answer


def wanted_position(cookies: dict[str, str]) -> int:
    """Take the position out of some cookies: 0 where there is none, PRIMARY for one that is none of ours."""
    text = cookies.pop(own_cookie(NAME), "0")
    try:
        return max(int(text, 16), PRIMARY)
    except ValueError:
        return PRIMARY


def current_position() -> int:
    """How far the primary's log is. What was written is kept, so it is no error when that cannot be said.

    Where it is inserted, not where it is written: with `synchronous_commit` off a commit is ahead of that.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
            (position,) = cursor.fetchone()
    except Error:
        return PRIMARY
    return int(position)
