"""The addresses of a customer's own pages below /my/."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from tickets.public.booking.code import booking_code
from tickets.public.booking.naming import attendee_name
from tickets.public.booking.views import booking, calendar, cancel, receipt
from tickets.public.my_bookings import my_bookings
from tickets.public.waiting.views import leave, my_waiting, take

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    path("", my_bookings, name="my_bookings"),
    path("bookings/<uuid:booking>/", booking, name="my_booking"),
    path("bookings/<uuid:booking>/code/<uuid:entry>.svg", booking_code, name="my_booking_code"),
    path("bookings/<uuid:booking>/calendar.ics", calendar, name="my_booking_calendar"),
    path("bookings/<uuid:booking>/cancel/", cancel, name="my_booking_cancel"),
    path("bookings/<uuid:booking>/names/<uuid:seat>/", attendee_name, name="my_booking_name"),
    path("bookings/<uuid:booking>/receipt/", receipt, name="my_booking_receipt"),
    path("waiting/<uuid:request_>/", my_waiting, name="my_waiting"),
    path("waiting/<uuid:request_>/leave/", leave, name="my_waiting_leave"),
    path("waiting/<uuid:request_>/take/", take, name="my_waiting_take"),
]
