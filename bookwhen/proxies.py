"""Proxies that do not say what they should: instead of an endless redirect, a page that names what is missing."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from threading import Event
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

SENT_TO_HTTPS: Final = "sent-to-https"
"""The cookie of a browser that was sent to the https address a moment ago: it should not be back without."""
SECONDS: Final = 10

_SAID: Final = Event()
"""Whether the log of this process says it already."""

log = logging.getLogger(__name__)

Answering = Callable[[HttpRequest], HttpResponseBase]


def https_middleware(get_response: Answering) -> Answering:
    """Middleware that answers with a page where Django would redirect from https to https for ever.

    The site is reached by https, and the proxy in front passes requests on without X-Forwarded-Proto. That is known
    from other headers of proxies, or because the browser has just been sent to the https address. Until it is known no
    browser may keep the redirect, or it would go on when the proxy has been mended.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_redirect = response.status_code == HTTPStatus.MOVED_PERMANENTLY and not request.is_secure()
        if not is_redirect or not settings.SECURE_SSL_REDIRECT or "X-Forwarded-Proto" in request.headers:
            return response
        if _is_from_proxy(request) or SENT_TO_HTTPS in request.COOKIES:
            return _explain()
        response.set_cookie(SENT_TO_HTTPS, "1", max_age=SECONDS, httponly=True, samesite="Lax")
        add_never_cache_headers(response)
        return response

    return answer


def _is_from_proxy(request: HttpRequest) -> bool:
    return any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"))


def _explain() -> HttpResponse:
    _log_once()
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    response = HttpResponse(render_to_string("proxy.html", context), status=HTTPStatus.INTERNAL_SERVER_ERROR)
    add_never_cache_headers(response)
    return response


def _log_once() -> None:
    if _SAID.is_set():
        return
    _SAID.set()
    log.error(
        "SITE_URL is https, but the proxy in front does not send X-Forwarded-Proto: nobody can open a page. Set that"
        " header there (nginx: proxy_set_header X-Forwarded-Proto $scheme;). Caddy and Traefik send it unasked."
    )
