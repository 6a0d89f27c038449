"""A membership into the basket: to go on booking what it opens at once, or straight on to the checkout."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.customers import recognise_customer
from accounts.models import Customer, SchedulePage, User
from accounts.public.hosted_pages import go_to_hosted_page
from accounts.return_paths import local_path
from memberships.models import Price
from memberships.purchases import AlreadyHasError, NotOnSaleError
from offers.uses import LimitReachedError
from tickets.availability.facts import Person, person_of_customer
from tickets.booking.refusals import BasketClosedError, BasketOfOtherCustomerError, CustomerGoneError
from tickets.checkout.basket import NotAllowedError, add_membership
from tickets.checkout.memberships import buy_membership
from tickets.checkout.paying import BasketChangedError
from tickets.models import Booking, Seat
from tickets.public.basket.cookie import get_basket_cookie, set_basket_cookie, visitor_basket

_REFUSALS: Final = (
    AlreadyHasError,
    BasketClosedError,
    BasketOfOtherCustomerError,
    CustomerGoneError,
    NotAllowedError,
    NotOnSaleError,
)


def add_membership_to_basket(
    request: HttpRequest, page: SchedulePage, price: Price, customer: Customer, *, key: UUID | None, now: datetime
) -> HttpResponse:
    """Put a membership into the basket of a customer who is logged in, and go back to where they came from.

    With the form's `key` it makes one basket, however often it is sent.
    """
    basket = visitor_basket(request, page.account)
    before, who = _read(basket), person_of_customer(customer)
    try:
        held = add_membership(basket, price, customer, page, who=who, now=now, key=key)
    except _REFUSALS as refusal:
        return _refused(request, page, price, basket, refusal)
    onward = return_path(request) or reverse("public:basket", kwargs={"page": page.slug})
    return _to_basket(request, price, before, held, onward)


def buy(request: HttpRequest, page: SchedulePage, price: Price, customer: Customer, *, now: datetime) -> HttpResponse:
    """Go on to the checkout of a membership; of somebody whose basket holds tickets, to their basket with it.

    Raises StripeError.
    """
    basket = visitor_basket(request, page.account)
    before, who = _read(basket), person_of_customer(customer)
    try:
        held, url = buy_membership(basket, price, customer, page, who=who, now=now)
    except (BasketChangedError, LimitReachedError):
        messages.error(request, _("Your basket has changed. You haven’t been charged. Check it, then confirm again."))
        return redirect("public:basket", page=page.slug)
    except _REFUSALS as refusal:
        return _refused(request, page, price, basket, refusal)
    if not url:
        return _to_basket(request, price, before, held, reverse("public:basket", kwargs={"page": page.slug}))
    response = go_to_hosted_page(request, url)
    set_basket_cookie(response, held)
    return response


def _to_basket(
    request: HttpRequest, price: Price, before: tuple[Price | None, int], held: Booking, path: str
) -> HttpResponse:
    messages.success(request, _basket_change_text(price, before, _read(held)))
    response = HttpResponseRedirect(path)
    set_basket_cookie(response, held)
    return response


def _refused(
    request: HttpRequest, page: SchedulePage, price: Price, basket: Booking | None, refusal: Exception
) -> HttpResponse:
    """Say why a membership cannot be bought, or put into the basket, where that is seen."""
    if isinstance(refusal, NotOnSaleError):
        return not_on_sale(request, page)
    if isinstance(refusal, CustomerGoneError):
        messages.error(request, _("Your details have just changed. You haven’t been charged. Choose it again."))
        return redirect("public:membership", page=page.slug, pk=price.membership_id)
    if isinstance(refusal, AlreadyHasError):
        return redirect("public:membership", page=page.slug, pk=price.membership_id)
    messages.error(request, _why(refusal, basket, price))
    return redirect("public:basket", page=page.slug)


def ensure_customer(request: HttpRequest, page: SchedulePage, who: Person) -> Customer:
    """The account's customer who buys: known and linked to their login, or made so."""
    if who.customer is not None and who.customer.user_id is not None and who.customer.name_confirmed:
        return who.customer
    assert isinstance(request.user, User)  # noqa: S101 - they are logged in
    address = who.customer.email if who.customer else request.user.email
    return recognise_customer(page.account, address, request.user.name, confirmed=True)


def not_on_sale(request: HttpRequest, page: SchedulePage) -> HttpResponse:
    """Say that a membership is not sold here any more, and show those that are."""
    messages.error(request, _("This membership is no longer on sale. You haven’t been charged."))
    return redirect("public:memberships", page=page.slug)


def return_path(request: HttpRequest) -> str:
    """The path on this site that a membership is bought from, if any."""
    return local_path(request.POST.get("next") or request.GET.get("next", ""))


def membership_in_basket(request: HttpRequest, page: SchedulePage) -> int:
    """The membership (id) in the basket that the visitor carries; 0: none. No statement for who carries no basket."""
    basket = get_basket_cookie(request, page.account)
    held = basket and basket.held_until and basket.membership_price
    return held.membership_id if held else 0


def form_key(request: HttpRequest) -> UUID | None:
    """The key of a form that puts a membership into the basket."""
    try:
        return UUID(request.POST.get("basket", ""))
    except ValueError:
        return None


def _read(basket: Booking | None) -> tuple[Price | None, int]:
    """The membership's price in a basket, and how many tickets there are with it."""
    if basket is None:
        return None, 0
    return basket.membership_price, Seat.objects.filter(booking=basket, cancelled_at__isnull=True).count()


def _why(error: Exception, basket: Booking | None, price: Price) -> str:
    title = {"title": price.membership.title}
    if isinstance(error, BasketClosedError):
        return _("Your basket is at the checkout. Complete payment, or reopen your basket, then add %(title)s.") % title
    if isinstance(error, BasketOfOtherCustomerError) and basket is not None:
        known = {**title, "address": basket.address}
        return _("Your basket is for %(address)s. Empty it, then add %(title)s.") % known
    return _("Confirm your email address, then add %(title)s.") % title


def _basket_change_text(price: Price, before: tuple[Price | None, int], after: tuple[Price | None, int]) -> str:
    """What has become of the basket."""
    earlier, known = before[0], {"title": price.membership.title}
    if earlier is None or earlier.membership_id == price.membership_id:
        return _("%(title)s is in your basket, so you can now book its tickets.") % known
    said = _("%(title)s has replaced %(earlier)s in your basket. You can only buy one membership at a time.") % {
        **known,
        "earlier": earlier.membership.title,
    }
    if not (gone := before[1] - after[1]):
        return said
    lost = ngettext(
        "We’ve removed %(count)d ticket that needs %(earlier)s.",
        "We’ve removed %(count)d tickets that need %(earlier)s.",
        gone,
    ) % {"count": gone, "earlier": earlier.membership.title}
    return _("%(said)s %(lost)s") % {"said": said, "lost": lost}
