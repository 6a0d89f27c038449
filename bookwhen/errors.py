"""The pages of errors. None is a dead end: each says whose site it is and leads on, back to where somebody was."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from bookwhen.seeing.ids import REQUEST, current_ids

_TYPED: Final = re.compile(r"(booker|t[0-9]+-[0-9]+)-(who|name|email)")
"""What is typed into the review step: nothing else that was sent is ever shown again."""

Answering = Callable[[HttpRequest], HttpResponseBase]


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - given by name
    """Answer 400: the request could not be read."""
    return _page("400.html", HTTPStatus.BAD_REQUEST)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer 500: a view failed. It asks neither the database nor the session, which may be what failed."""
    return _page("500.html", HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 403: a form came without its cookie. Say so, and lead back to where it was, with what was chosen.

    At the review step of a booking what was typed is kept too: the form sends it only to be shown again.
    """
    context: dict[str, object] = {"back": _page_of_form(request)}
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


def _page(template: str, status: HTTPStatus) -> HttpResponse:
    context = {"site_name": settings.SITE_NAME, "request_id": current_ids().get(REQUEST, "")}
    return HttpResponse(render_to_string(template, context), status=status)
