"""The addresses below a page's own."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from tickets.public.basket.checkout import change, pay
from tickets.public.basket.code import leave_code, use_code
from tickets.public.basket.confirmation_link import confirm_by_link
from tickets.public.basket.editing import again, empty, remove, remove_membership_view
from tickets.public.basket.views import basket
from tickets.public.entry.views import entry
from tickets.public.order.review import review
from tickets.public.schedule.views import calendar, schedule
from tickets.public.waiting.joining import wait

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    path("", schedule, name="schedule"),
    path("basket/", basket, name="basket"),
    path("basket/pay/", pay, name="basket_pay"),
    path("basket/change/", change, name="basket_change"),
    path("basket/remove/", remove, name="basket_remove"),
    path("basket/code/", use_code, name="basket_code"),
    path("basket/code/remove/", leave_code, name="basket_code_remove"),
    path("basket/membership/", remove_membership_view, name="basket_membership"),
    path("basket/empty/", empty, name="basket_empty"),
    path("basket/again/", again, name="basket_again"),
    path("basket/confirm/<str:token>/", confirm_by_link, name="basket_confirm"),
    path("calendar.ics", calendar, name="calendar"),
    path("entries/<uuid:entry>/", entry, name="entry"),
    path("entries/<uuid:entry>/book/", review, name="review"),
    path("entries/<uuid:entry>/wait/", wait, name="wait"),
]
