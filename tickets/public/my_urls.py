"""The addresses of a customer's own pages, at the top level."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path


def _booking(request: HttpRequest, *, booking: object) -> HttpResponse:
    raise Http404


urlpatterns = [path("my/bookings/<uuid:booking>/", _booking, name="my_booking")]
