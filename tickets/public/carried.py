"""The basket that a visitor carries along: a cookie for each account, whose value is the basket's secret."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Account, User
from tickets.models import Booking
from tickets.selling import basket as baskets

DAY: Final = 24 * 3600


def carried(request: HttpRequest, account: Account) -> Booking | None:
    """The visitor's basket at an account, whatever became of it meanwhile; no statement where they have none.

    One that was filled while logged in is shown only to that login: browsers are shared.
    """
    uuid, _colon, user = request.COOKIES.get(_name(account), "").partition(":")
    if user and user != _user(request):
        return None
    try:
        return baskets.find(account, UUID(uuid))
    except ValueError:
        return None


def carry(request: HttpRequest, response: HttpResponse, basket: Booking) -> None:
    """Let the visitor carry a basket along from now on."""
    response.set_cookie(
        _name(basket.account),
        f"{basket.uuid}:{_user(request)}",
        max_age=DAY,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def put_down(response: HttpResponse, account: Account) -> None:
    """Let the visitor carry no basket any more."""
    response.delete_cookie(_name(account), samesite="Lax")


def _name(account: Account) -> str:
    return f"basket-{account.pk}"


def _user(request: HttpRequest) -> str:
    return str(request.user.pk) if isinstance(request.user, User) else ""
