"""A discount code: typed into the basket, taken out of it, or brought along by a link. Each may be sent twice."""

from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Account
from accounts.public.pages import page_or_404
from accounts.public.too_many import STATUS as TOO_MANY
from accounts.public.too_many import say_when
from bookwhen.limits import TooManyError
from bookwhen.money import money
from offers.uses import LimitReachedError
from tickets.availability.facts import Person
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.basket import read_basket
from tickets.checkout.codes import apply_code, remove_code
from tickets.models import Booking
from tickets.money.codes import CodeObstacle, CodeRefusedError, find_code, time_obstacle
from tickets.public.basket.checkout_return import redirect_to_basket
from tickets.public.basket.code_cookie import (
    CODE,
    carried_code,
    clean_code,
    clear_code_cookie,
    code_of_link,
    set_code_cookie,
)
from tickets.public.basket.cookie import person_of_basket, visitor_basket
from tickets.public.basket.views import CodeProblem, show_basket
from tickets.public.visitor_limits import count_code

UNPROCESSABLE: Final = 422
_NOT_OPEN: Final = (BasketClosedError, LimitReachedError)


@require_POST
def use_code(request: HttpRequest, page: str) -> HttpResponse:
    """Use the code that was typed for the basket; else show the basket with the code, and what is wrong with it."""
    now, found = timezone.now(), page_or_404(page)
    booking = visitor_basket(request, found.account)
    if booking is None:
        return redirect_to_basket(request, found)
    who, typed = person_of_basket(request, found.account, booking), clean_code(request.POST.get(CODE, ""))
    try:
        text = _use(request, booking, typed, who, now=now)
    except TooManyError as error:
        told = _("You’ve tried a lot of codes. Wait %(time)s, then try again.") % {"time": error.wait_text}
        problem = CodeProblem(typed, told)
        shown = show_basket(request, found, who, booking, now=now, problem=problem, status=TOO_MANY)
        return say_when(shown, error)
    if text:
        problem = CodeProblem(typed, text)
        return show_basket(request, found, who, booking, now=now, problem=problem, status=UNPROCESSABLE)
    response = redirect_to_basket(request, found, booking)
    set_code_cookie(response, found.account, typed)
    return response


@require_POST
def leave_code(request: HttpRequest, page: str) -> HttpResponse:
    """Take the code out of the basket."""
    now, found = timezone.now(), page_or_404(page)
    booking = visitor_basket(request, found.account)
    if booking is not None:
        try:
            remove_code(booking, person_of_basket(request, found.account, booking), now=now)
            messages.success(request, _("Discount code removed"))
        except _NOT_OPEN:
            messages.warning(request, _not_open())
    response = redirect_to_basket(request, found, booking)
    clear_code_cookie(request, response, found.account)
    return response


def carry_code(request: HttpRequest, page: str) -> HttpResponse:
    """Have a browser carry the code of a link (`?code=`), and go on to the same page without it in the address.

    One that cannot be used is told at once, and is a try that counts: after too many nobody learns more by it.
    """
    now, found, code = timezone.now(), page_or_404(page), code_of_link(request.GET[CODE])
    rest = request.GET.copy()
    del rest[CODE]
    response = redirect(f"{request.path}?{rest.urlencode()}" if rest else request.path)
    if code and (refusal := _refusal_of_link(request, found.account, code, now=now)):
        messages.warning(request, refusal)
    elif code:
        messages.info(
            request, _("We’ll use your discount code %(code)s when you add tickets to your basket.") % {"code": code}
        )
        set_code_cookie(response, found.account, code)
    return response


def _refusal_of_link(request: HttpRequest, account: Account, typed: str, *, now: datetime) -> str:
    """Why the code that a link has cannot be used; empty where it can, or where too many were tried."""
    code = find_code(account, typed)
    obstacle = time_obstacle(code, account, now=now) if code else CodeObstacle.UNKNOWN
    if obstacle is None and not (code and code.uses.are_gone):
        return ""
    basket = visitor_basket(request, account)
    if obstacle is None and code and basket and basket.discount_code_id == code.pk:
        return ""  # its last use is theirs
    try:
        count_code(request, person_of_basket(request, account, basket), now=now)
    except TooManyError:
        return ""
    if obstacle is CodeObstacle.UNKNOWN:
        words = _("The discount code %(code)s can’t be used. Ask %(studio)s for another, or book without it.")
        return words % {"code": typed, "studio": account.name}
    return refusal_text(CodeRefusedError(obstacle or CodeObstacle.USED_UP, code), account)


def use_carried_code(
    request: HttpRequest, response: HttpResponseBase, booking: Booking, who: Person, *, now: datetime
) -> None:
    """Use the code that the visitor typed or carries for the basket that they have just filled, if it uses none."""
    account = booking.account
    if booking.discount_code_id or not (code := carried_code(request, account)):
        return
    try:
        problem = _use(request, booking, code, who, now=now)
    except TooManyError:
        return
    if problem:
        messages.warning(request, problem)
        clear_code_cookie(request, response, account)
    else:
        set_code_cookie(response, account, code)


def _use(request: HttpRequest, booking: Booking, typed: str, who: Person, *, now: datetime) -> str:
    """Use a code for a basket, and say what it saves: what is wrong, where it cannot be used. Raises TooManyError."""
    account = booking.account
    if not typed:
        return _("Enter the discount code")
    counted = count_code(request, who, now=now)
    try:
        code = apply_code(booking, typed, who, now=now)
    except CodeRefusedError as refusal:
        return refusal_text(refusal, account)
    except _NOT_OPEN:
        return _not_open()
    counted.give_back()
    saved = money(read_basket(booking).saved_by_code, account.currency, account.locale)
    messages.success(request, _("%(code)s applied: you save %(saved)s") % {"code": code.code, "saved": saved})
    return ""


def refusal_text(refusal: CodeRefusedError, account: Account) -> str:
    """Why a discount code cannot be used, and what to do about it."""
    code = refusal.code
    told = {"code": code.code if code else "", "studio": account.name}
    match refusal.obstacle:
        case CodeObstacle.UNKNOWN:
            words = _("%(studio)s has no discount code like this. Check how it’s spelled, or ask them.")
        case CodeObstacle.NOT_YET:
            told["day"] = date_format(code.starts_on, "j F Y") if code and code.starts_on else ""
            words = _("%(code)s can be used from %(day)s. Come back then, or book without it.")
        case CodeObstacle.OVER:
            told["day"] = date_format(code.ends_on, "j F Y") if code and code.ends_on else ""
            words = _("%(code)s ended on %(day)s. You can book without it, or use another code.")
        case CodeObstacle.USED_UP:
            words = _("%(code)s has been used up. You can book without it, or use another code.")
        case CodeObstacle.USED_BY_CUSTOMER:
            words = _("You’ve already used %(code)s as often as you can. You can book without it.")
        case CodeObstacle.NOT_FOR_THESE:
            words = _("%(code)s isn’t for any of the tickets in your basket. Add one that it’s for, then try again.")
        case CodeObstacle.NOT_BETTER:
            words = _("You already save as much as with %(code)s, or more. We’ve kept your better price.")
    return words % told


def _not_open() -> str:
    return _("Your basket is at the checkout. Choose “Reopen basket” first.")
