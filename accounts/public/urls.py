"""The addresses of the pages for everybody."""

from typing import Final

from allauth.account.views import LogoutView, ReauthenticateView
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path

from accounts.public import emails, outbox, views
from accounts.public.addresses import my_address_confirm, my_address_main, my_address_remove, my_addresses
from accounts.public.identity import (
    change_password,
    choose_password,
    link_sent,
    login,
    open_link,
    reset_password,
    sign_up,
)
from accounts.public.own_data import my_data, my_data_ask, my_data_file
from accounts.public.sessions import end_my_other_sessions, end_my_session, my_sessions
from accounts.public.two_step import urls as two_step

_accounts: Final[list[URLPattern | URLResolver]] = [
    path("login/", login, name="account_login"),
    path("logout/", LogoutView.as_view(), name="account_logout"),
    path("signup/", sign_up, name="account_signup"),
    path("sent/", link_sent, name="account_link_sent"),
    path("password/reset/", reset_password, name="account_reset_password"),
    path("password/choose/<slug:key>/", choose_password, name="account_choose_password"),
    path("password/reset/<str:token>/", open_link, name="account_open_link"),
    *two_step.for_everybody,
]

_outbox: Final[list[URLPattern | URLResolver]] = [
    path("", outbox.letters, name="outbox"),
    path("<int:pk>/", outbox.letter, name="outbox_letter"),
    path("<int:pk>/html/", outbox.html, name="outbox_html"),
    path("<int:pk>/calendar.ics", outbox.calendar, name="outbox_calendar"),
]

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
    path("accounts/", include(_accounts)),
    path("outbox/", include(_outbox)),
]

my: Final[list[URLPattern | URLResolver]] = [
    path("details/", views.my_details, name="my_details"),
    path("details/confirm/", views.confirm_address, name="confirm_address"),
    path("details/addresses/", my_addresses, name="my_addresses"),
    path("details/addresses/confirm/<str:token>/", my_address_confirm, name="my_address_confirm"),
    path("details/addresses/<int:pk>/main/", my_address_main, name="my_address_main"),
    path("details/addresses/<int:pk>/remove/", my_address_remove, name="my_address_remove"),
    path("details/password/", change_password, name="change_password"),
    path("data/", my_data, name="my_data"),
    path("data/<slug:account>/", my_data_ask, name="my_data_ask"),
    path("data/<slug:account>/file/", my_data_file, name="my_data_file"),
    path("emails/<str:token>/", emails.unsubscribe_page, name="unsubscribe"),
    path("reminders/<str:token>/", emails.reminders_page, name="reminders"),
    path("sessions/", my_sessions, name="my_sessions"),
    path("sessions/end/", end_my_other_sessions, name="my_sessions_end"),
    path("sessions/<int:pk>/end/", end_my_session, name="my_session_end"),
    path("confirm/", login_required(ReauthenticateView.as_view()), name="account_reauthenticate"),
    *two_step.urlpatterns,
]
"""Below /my/."""
