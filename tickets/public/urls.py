"""The addresses below a page's own."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from tickets.public.basket import basket
from tickets.public.basket_buying import change, pay
from tickets.public.basket_editing import again, empty, membership, remove
from tickets.public.entry import entry
from tickets.public.review import review
from tickets.public.schedule import calendar, schedule

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    path("", schedule, name="schedule"),
    path("basket/", basket, name="basket"),
    path("basket/pay/", pay, name="basket_pay"),
    path("basket/change/", change, name="basket_change"),
    path("basket/remove/", remove, name="basket_remove"),
    path("basket/membership/", membership, name="basket_membership"),
    path("basket/empty/", empty, name="basket_empty"),
    path("basket/again/", again, name="basket_again"),
    path("calendar.ics", calendar, name="calendar"),
    path("entries/<uuid:entry>/", entry, name="entry"),
    path("entries/<uuid:entry>/book/", review, name="review"),
]
