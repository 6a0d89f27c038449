"""The pages of errors. None is a dead end: each says whose site it is and leads on, back to where somebody was."""

import logging
import re
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseNotAllowed
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from bookwhen.outages import RETRY_AFTER, Outage, Outcome, begin_request, outage_of, outcome_of
from bookwhen.seeing.ids import REQUEST, current_ids

_TYPED: Final = re.compile(r"(booker|t[0-9]+-[0-9]+)-(who|name|email)")
"""What is typed into the review step: nothing else that was sent is ever shown again."""
_CSRF: Final = "csrfmiddlewaretoken"
_NOT_SENT_AGAIN: Final = re.compile(r"password|code|secret|credential", re.IGNORECASE)
"""Fields that no page of ours is to hold once they have been sent."""
STRIPE: Final = "/stripe/webhooks/"
KEY: Final = "key"
"""The field by which a form is known again. Any other key is somebody's secret."""
MOST_FIELDS: Final = 200

log = logging.getLogger(__name__)

Answering = Callable[[HttpRequest], HttpResponseBase]


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request could not be read, or was for a host of another name, which leads to the right one."""
    site_url = settings.SITE_URL if isinstance(exception, DisallowedHost) else ""
    return _page("400.html", HTTPStatus.BAD_REQUEST, site_url=site_url)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: a view failed; or 503, where it was no mistake of ours but an outage.

    It asks neither the database nor the cache nor the session, which may be what failed.
    """
    outage = outage_of(sys.exc_info()[1])
    if outage is not None and request.path_info.startswith(STRIPE):
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Content-Length": "0"})
    if outage is not None:
        return _unavailable(request, outage)
    return _page("500.html", HTTPStatus.INTERNAL_SERVER_ERROR)


def outcome_middleware(get_response: Answering) -> Answering:
    """Middleware that lets the page of an outage know what this request has changed, and not the one before it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        begin_request()
        return get_response(request)

    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403: a form came without its cookie. Say so, and lead back to where it was, with what was chosen.

    At the review step of a booking what was typed is kept too: the form sends it only to be shown again. Where each
    form would be refused because of how a proxy is set up, that is said too.
    """
    is_misled = _is_misled(request)
    if is_misled:
        log.error(
            "A form from %s was refused, since its request arrived here for the host %r: the proxy in front must pass"
            " on the Host header as it is, or SITE_URL must be the address that people use. (%s)",
            request.headers["Origin"],
            request.get_host(),
            reason,
        )
    context: dict[str, object] = {"back": _page_of_form(request), "is_misled": is_misled}
    match, (path, _mark, choice) = _match(request.path_info), request.get_full_path().partition("?")
    if match is not None and match.view_name == "public:membership":
        chosen = {name: request.POST[name] for name in ("price", "next") if name in request.POST}
        context["back"] = f"{path}?{urlencode(chosen)}"
    elif match is not None and match.view_name == "public:review":
        context |= {
            "review_url": f"{path}?{choice}",
            "entry_url": f"{reverse('public:entry', kwargs=match.kwargs)}?{choice}",
            "typed": [(name, value) for name, value in request.POST.items() if _TYPED.fullmatch(name)],
        }
    response = render(request, "403_csrf.html", context, status=HTTPStatus.FORBIDDEN)
    add_never_cache_headers(response)
    return response


def not_allowed_middleware(get_response: Answering) -> Answering:
    """Middleware that answers who opens the address of a button (405) with a page, which leads to where the button is.

    Django's own answer is an empty one.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = render(request, "405.html", {"back": _page_above(request.path_info)}, status=response.status_code)
        page["Allow"] = response["Allow"]
        return page

    return answer


def _page_of_form(request: HttpRequest) -> str:
    """The path on this site that a form was sent from, as far as the browser says; else the one that it was sent to."""
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return request.get_full_path()
    path = f"{came.path}?{came.query}" if came.query else came.path
    is_ours = came.netloc == request.get_host() and path.startswith("/") and url_has_allowed_host_and_scheme(path, None)
    return path if is_ours and _match(came.path) else request.get_full_path()


def _page_above(path: str) -> str:
    """The nearest page above a path on this site."""
    while path.count("/") > 2:  # noqa: PLR2004 - "/page/" has nothing above it but the front page
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _match(path):
            return path
    return "/"


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _is_misled(request: HttpRequest) -> bool:
    """Whether a form came from a page that the browser knows under another host than we do."""
    origin, fetched = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "")
    return fetched == "same-origin" and origin.partition("://")[2] != request.get_host()


def _unavailable(request: HttpRequest, outage: Outage) -> HttpResponse:
    """Answer 503: say what became of the request, and lead on, with what was typed where it can be sent again."""
    outcome = outcome_of(request)
    again = _fields_to_send_again(request, outcome)
    response = _page(
        "503.html",
        HTTPStatus.SERVICE_UNAVAILABLE,
        outage=outage.value,
        outcome=outcome.value,
        again=again,
        address=request.get_full_path(),
        back=_page_of_form(request) if again is None and outcome != Outcome.READ else "",
        csrf_token=get_token(request) if again else "",
    )
    response["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response


def _fields_to_send_again(request: HttpRequest, outcome: Outcome) -> list[tuple[str, str]] | None:
    """A form's fields, where sending it once more does no harm; None where it may.

    That is so if nothing was saved, and if the form has a key by which it is known again. It must be from us, and
    hold nothing that is not to be in a page.
    """
    if outcome == Outcome.READ or not getattr(request, "csrf_processing_done", False) or request.FILES:
        return None
    keys = request.POST.getlist(KEY)
    if not all(_is_of_a_form(each, request.path) for each in keys) or (outcome == Outcome.UNSURE and not keys):
        return None
    fields = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    if len(fields) > MOST_FIELDS or any(_NOT_SENT_AGAIN.search(name) for name in request.POST if name != _CSRF):
        return None
    return [(name, value) for name, value in fields if name != _CSRF]


def _is_of_a_form(key: str, path: str) -> bool:
    """Whether a key is one of ours: a uuid (`IdempotentForm`), or the form's address, signed (`deletion_key`)."""
    try:
        UUID(key)
    except ValueError:
        return key.startswith(f"{path}:")
    return True


def _page(template: str, status: HTTPStatus, **context: object) -> HttpResponse:
    known = {"site_name": settings.SITE_NAME, "request_id": current_ids().get(REQUEST, "")}
    return HttpResponse(render_to_string(template, known | context), status=status)
