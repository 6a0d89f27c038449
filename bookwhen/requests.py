"""What a request has to be like before anything of ours reads it."""

from collections.abc import Callable
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE_LENGTH: Final = 4096
"""The longest value that browsers keep (RFC 6265, 6.1)."""

DIGITS: Final = 15
"""As many as the length of any body has."""

Answering = Callable[[HttpRequest], HttpResponseBase]


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


def content_length(request: HttpRequest) -> int | None:
    """How many bytes a request says that its body has; None for what is no number."""
    said = str(request.headers.get("content-length") or "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= DIGITS else None


def _is_ours(cookie: str) -> bool:
    return cookie.isascii() and cookie.isprintable() and len(cookie) <= COOKIE_LENGTH
