"""What a request has to be like before anything of ours reads it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

COOKIE_LENGTH: Final = 4096
"""The longest value that browsers keep (RFC 6265, 6.1)."""

DIGITS: Final = 15
"""As many as the length of any body has."""

Answering = Callable[[HttpRequest], HttpResponseBase]
View = TypeVar("View", bound=Callable[..., Any])


def well_formed_middleware(get_response: Answering) -> Answering:
    """Middleware that reads text as UTF-8 only, and no cookie that we cannot have set; raises BadRequest.

    Django reads a form in any encoding that Python knows by name: some make no text at all, others halves of
    characters. A cookie may be quoted so that it holds any character, which no database or cache looks for.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if content_length(request) is None:
            message = "The length of the body is no number."
            raise BadRequest(message)
        if (request.encoding or "utf-8").lower() not in {"utf-8", "utf8"}:
            message = f"The text of a request is UTF-8, not {request.encoding!r:.40}."
            raise BadRequest(message)
        for name in [name for name, value in request.COOKIES.items() if not _is_ours(value)]:
            del request.COOKIES[name]
        return get_response(request)

    return answer


LONG_FORM: Final = 20_000_000
"""The longest body, in bytes, of a form that holds a whole list."""


def takes_long_form(view: View) -> View:
    """Let a page's form be up to `LONG_FORM`, from somebody who is logged in."""
    view.takes_long_form = True  # type: ignore[attr-defined] - a mark that the middleware looks for
    return view


def long_form_middleware(get_response: Answering) -> Answering:
    """Middleware, after the user is known, that reads a long body where the page takes one.

    Django refuses any that is over `DATA_UPLOAD_MAX_MEMORY_SIZE`, which is right for all others: nobody who is a
    stranger makes us hold that much.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or LONG_FORM
        if most < (content_length(request) or 0) <= LONG_FORM and request.user.is_authenticated:
            with suppress(Resolver404):
                if getattr(resolve(request.path_info).func, "takes_long_form", False):
                    request._body = request.read()  # noqa: SLF001 - as `HttpRequest.body` keeps it
        return get_response(request)

    return answer


def content_length(request: HttpRequest) -> int | None:
    """How many bytes a request says that its body has; None for what is no number."""
    said = str(request.headers.get("content-length") or "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= DIGITS else None


def _is_ours(cookie: str) -> bool:
    return cookie.isascii() and cookie.isprintable() and len(cookie) <= COOKIE_LENGTH
