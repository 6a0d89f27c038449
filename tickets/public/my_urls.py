"""The addresses of a customer's own pages, at the top level."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path


def _page(_request: HttpRequest, **_kwargs: object) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("my/", _page, name="my_bookings"),
    path("my/bookings/<uuid:booking>/", _page, name="my_booking"),
]
