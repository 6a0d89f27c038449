"""What somebody sees who did too much in too short a time: how long to wait, and what they can do meanwhile."""

from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookwhen.limits import TooManyError

STATUS = 429


def too_many_page(request: HttpRequest, error: TooManyError) -> HttpResponse:
    """The page that says how long to wait."""
    return say_when(render(request, "429.html", {"wait": error.wait_text}, status=STATUS), error)


def say_when(response: HttpResponse, error: TooManyError) -> HttpResponse:
    """Tell programs too when to come again (RFC 9110, 10.2.3)."""
    response["Retry-After"] = str(max(ceil(error.wait.total_seconds()), 1))
    return response
