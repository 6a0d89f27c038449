"""The basket that a visitor carries along: a cookie for each account, whose value is the basket's secret."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse

from accounts.models import Account, Customer, User
from tickets.checkout import basket as baskets
from tickets.models import HELD_STATES, Booking

DAY: Final = 24 * 3600


def get_basket_cookie(request: HttpRequest, account: Account) -> Booking | None:
    """The visitor's basket at an account, whatever became of it meanwhile; no statement where they have none.

    One that was filled while logged in is shown only to that login: browsers are shared.
    """
    uuid = _cookie_uuid(request, account)
    return baskets.find_basket(account, uuid) if uuid else None


def visitor_basket(request: HttpRequest, account: Account, customer: Customer | None) -> Booking | None:
    """The basket that a visitor carries; where that is over or there is none, the one a known `customer` has open."""
    found = get_basket_cookie(request, account)
    if customer is None or (found is not None and found.state in HELD_STATES):
        return found
    return baskets.open_basket_of(customer) or found


def count_basket_items(request: HttpRequest, account: Account) -> int:
    """How many things are in the visitor's open basket. One statement, none where they carry no basket."""
    uuid = _cookie_uuid(request, account)
    if uuid is None:
        return 0
    tickets = Count("seats", filter=Q(seats__cancelled_at__isnull=True))
    found = Booking.objects.filter(account=account, uuid=uuid, state__in=HELD_STATES).annotate(tickets=tickets)
    return sum(tickets + (price is not None) for tickets, price in found.values_list("tickets", "membership_price"))


def set_basket_cookie(request: HttpRequest, response: HttpResponse, basket: Booking) -> None:
    """Let the visitor carry a basket along from now on."""
    response.set_cookie(
        _cookie_name(basket.account),
        f"{basket.uuid}:{_user(request)}",
        max_age=DAY,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def is_cookie_basket(request: HttpRequest, basket: Booking) -> bool:
    """Whether a basket is the one that the visitor carries: who only looks at it does not make it their login's."""
    return _cookie_uuid(request, basket.account) == basket.uuid


def clear_basket_cookie(request: HttpRequest, response: HttpResponse, basket: Booking) -> None:
    """Let the visitor carry a basket no more; another that they carry meanwhile stays."""
    if is_cookie_basket(request, basket):
        response.delete_cookie(_cookie_name(basket.account), samesite="Lax")


def _cookie_uuid(request: HttpRequest, account: Account) -> UUID | None:
    """The uuid of the basket that is carried, unless it was filled by another login."""
    uuid, _colon, user = request.COOKIES.get(_cookie_name(account), "").partition(":")
    if user and user != _user(request):
        return None
    try:
        return UUID(uuid)
    except ValueError:
        return None


def _cookie_name(account: Account) -> str:
    return f"basket-{account.pk}"


def _user(request: HttpRequest) -> str:
    return str(request.user.pk) if isinstance(request.user, User) else ""
