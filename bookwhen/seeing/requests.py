"""What is seen of every request: its id, one line in the access log, and how long it took."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from bookwhen.client_address import client_address
from bookwhen.seeing import metrics
from bookwhen.seeing.ids import REQUEST, current_ids, is_request_id, new_request_id, only_ids
from bookwhen.seeing.logs import FIELDS
from bookwhen.seeing.scrub import safe_path

HEADER: Final = "X-Request-ID"
UNMATCHED: Final = "none"
"""What stands for a view where an address leads nowhere."""
QUIET: Final = ("/health/", "/metrics", settings.STATIC_URL)
"""Addresses that machines open all the time: logged at DEBUG."""

log = logging.getLogger("bookwhen.access")

Answering = Callable[[HttpRequest], HttpResponseBase]


def seeing_middleware(get_response: Answering) -> Answering:
    """Middleware, outside all other, that gives each request its id, counts and times it, and logs it.

    The id is a proxy's well-formed `X-Request-ID` where there is a proxy of ours; the answer carries it.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        begun = perf_counter()
        with only_ids({REQUEST: _request_id(request)}):
            response = get_response(request)
            response.headers[HEADER] = current_ids()[REQUEST]
            seconds = perf_counter() - begun
            view = request.resolver_match.view_name if request.resolver_match else UNMATCHED
            metrics.count_response(view or UNMATCHED, response.status_code, seconds)
            _log(request, response, view, seconds)
        return response

    return answer


def _request_id(request: HttpRequest) -> str:
    said = request.headers.get(HEADER, "")
    behind_proxy = settings.TRUSTED_PROXIES or not request.META.get("REMOTE_ADDR")
    return said if behind_proxy and is_request_id(said) else new_request_id()


def _log(request: HttpRequest, response: HttpResponseBase, view: str, seconds: float) -> None:
    level = logging.DEBUG if request.path_info.startswith(QUIET) else logging.INFO
    if not log.isEnabledFor(level):
        return
    path = safe_path(request)
    fields: dict[str, object] = {
        "method": _method(request),
        "view": view,
        "path": path,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "bytes": len(response.content) if isinstance(response, HttpResponse) else None,
        "logged_in": bool(getattr(getattr(request, "_cached_user", None), "is_authenticated", False)),
    }
    if settings.LOG_ADDRESSES:
        fields["address"] = client_address(request)
    log.log(level, "%s %s %s", fields["method"], path, response.status_code, extra={FIELDS: fields})


def _method(request: HttpRequest) -> str:
    method = request.method or ""
    return method if method.isascii() and method.isalpha() and len(method) <= 10 else "OTHER"  # noqa: PLR2004 - "OPTIONS"
