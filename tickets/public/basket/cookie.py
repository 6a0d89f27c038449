"""The basket that a visitor carries along: a cookie for each account, whose value is the basket's secret.

A basket belongs to the browser or the login that filled it (docs/design.md, *Selling*).
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import Account, User
from bookwhen.cookies import own_cookie
from tickets.availability.facts import Person, identify_person, on_behalf
from tickets.checkout import basket as baskets
from tickets.models import HELD_STATES, Booking, BookingState

DAY: Final = 24 * 3600

Answering = Callable[[HttpRequest], HttpResponseBase]


def basket_middleware(get_response: Answering) -> Answering:
    """Middleware that lets a browser carry on a basket which has become its login's on the way, under its new uuid."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for basket in vars(request).get("claimed_baskets", ()):
            if _cookie_name(basket.account) not in response.cookies:
                set_basket_cookie(response, basket)
        return response

    return answer


def basket_prefix() -> str:
    """What the names of cookies that carry baskets begin with."""
    return own_cookie("basket-")


def get_basket_cookie(request: HttpRequest, account: Account) -> Booking | None:
    """The visitor's basket at an account, whatever became of it meanwhile; no statement where they carry none.

    One that a login filled is shown only to that login: browsers are shared. One that they filled before they logged in
    becomes their login's, under a uuid that nobody else knows.
    """
    uuid = _cookie_uuid(request, account)
    if uuid is None:
        return None
    found, user = baskets.find_basket(account, uuid), _user(request)
    if user is not None:
        claims = found is not None and found.filled_by_id is None and found.state == BookingState.BASKET
        if found is None or (claims and not baskets.claim_basket(found, user)):
            # Another tab has made it this login's already.
            return _carried_on(request, account, user)
        if claims:
            return _carry_on(request, found)
    return found if found and is_own_basket(request, found) else None


def visitor_basket(request: HttpRequest, account: Account) -> Booking | None:
    """The basket that a visitor carries; where that is over or there is none, the one that their login has open."""
    found, user = get_basket_cookie(request, account), _user(request)
    if user is None or (found is not None and found.state in HELD_STATES):
        return found
    return baskets.open_basket_of(account, user) or found


def person_of_basket(request: HttpRequest, account: Account, basket: Booking | None) -> Person:
    """Who asks, as the one whom they fill this basket for: themselves, or somebody they book for."""
    who = identify_person(account, request.user)
    return on_behalf(who, basket.customer_id) if basket and basket.filled_by_id == who.user else who


def is_own_basket(request: HttpRequest, basket: Booking) -> bool:
    """Whether a visitor who knows a basket's uuid may see it: no other login filled it."""
    return basket.filled_by_id in {None, _user(request)}


def may_carry(request: HttpRequest, basket: Booking) -> bool:
    """Whether a visitor who comes by an address with a basket's uuid in it may carry it from now on.

    A guest's basket only to pay for it, as in the browser that a bank leads back to: else somebody could fill a basket,
    and have another person go on with it.
    """
    user = _user(request)
    if is_cookie_basket(request, basket):
        return True
    if basket.filled_by_id is None:
        return user is None and basket.state == BookingState.PAYING
    return basket.filled_by_id == user


def count_basket_items(request: HttpRequest, account: Account) -> int:
    """How many things are in the visitor's open basket. One statement, none where they carry no basket."""
    uuid = _cookie_uuid(request, account)
    if uuid is None:
        return 0
    tickets = Count("seats", filter=Q(seats__cancelled_at__isnull=True))
    own = Q(filled_by__isnull=True) | Q(filled_by=_user(request))
    found = Booking.objects.filter(own, account=account, uuid=uuid, state__in=HELD_STATES).annotate(tickets=tickets)
    return sum(tickets + (price is not None) for tickets, price in found.values_list("tickets", "membership_price"))


def set_basket_cookie(response: HttpResponseBase, basket: Booking) -> None:
    """Let the visitor carry a basket along from now on."""
    response.set_cookie(
        _cookie_name(basket.account),
        str(basket.uuid),
        max_age=DAY,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def is_cookie_basket(request: HttpRequest, basket: Booking) -> bool:
    """Whether a basket is the one that the visitor carries."""
    return _cookie_uuid(request, basket.account) == basket.uuid


def clear_basket_cookie(request: HttpRequest, response: HttpResponseBase, basket: Booking) -> None:
    """Let the visitor carry a basket no more; another that they carry meanwhile stays."""
    if is_cookie_basket(request, basket):
        response.delete_cookie(_cookie_name(basket.account), samesite="Lax")


def _carried_on(request: HttpRequest, account: Account, user: int) -> Booking | None:
    """The basket that a login has open, in place of one that the browser knows by a uuid which it has no more."""
    found = baskets.open_basket_of(account, user)
    return _carry_on(request, found) if found else None


def _carry_on(request: HttpRequest, basket: Booking) -> Booking:
    """Let the browser carry a basket under its new uuid, from this request on."""
    request.COOKIES[_cookie_name(basket.account)] = str(basket.uuid)
    vars(request).setdefault("claimed_baskets", []).append(basket)
    return basket


def _cookie_uuid(request: HttpRequest, account: Account) -> UUID | None:
    """The uuid of the basket that is carried."""
    try:
        return UUID(request.COOKIES.get(_cookie_name(account), ""))
    except ValueError:
        return None


def _cookie_name(account: Account) -> str:
    return f"{basket_prefix()}{account.pk}"


def _user(request: HttpRequest) -> int | None:
    return request.user.pk if isinstance(request.user, User) else None
