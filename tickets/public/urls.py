"""The addresses below a page's own."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from tickets.public.basket import basket
from tickets.public.entry import entry
from tickets.public.review import review
from tickets.public.schedule import calendar, schedule

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    path("", schedule, name="schedule"),
    path("basket/", basket, name="basket"),
    path("calendar.ics", calendar, name="calendar"),
    path("entries/<uuid:entry>/", entry, name="entry"),
    path("entries/<uuid:entry>/book/", review, name="review"),
]
