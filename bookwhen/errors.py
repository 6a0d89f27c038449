"""The error pages that Django shows without any context: they still say whose site it is."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - given by name
    """Answer 400: the request could not be read."""
    return _page("400.html", HTTPStatus.BAD_REQUEST)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer 500: a view failed. It asks neither the database nor the session, which may be what failed."""
    return _page("500.html", HTTPStatus.INTERNAL_SERVER_ERROR)


def _page(template: str, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(render_to_string(template, {"site_name": settings.SITE_NAME}), status=status)
