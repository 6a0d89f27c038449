"""What a page sells, and buying one of it."""

import logging
from datetime import datetime
from uuid import uuid4

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import SchedulePage
from accounts.public.pages import page_or_404, render_page
from accounts.public.phrases import stripe_error_text
from bookwhen.payments.gateway import StripeError
from bookwhen.replica.routing import reads_replica
from memberships.models import Price
from memberships.public.add_to_basket import (
    add_membership_to_basket,
    buy,
    ensure_customer,
    form_key,
    membership_in_basket,
    not_on_sale,
    return_path,
)
from memberships.public.benefits import upcoming_entries
from memberships.public.chosen import ChosenMembership, forget_chosen
from memberships.public.forms import PriceForm
from memberships.public.membership_cards import MembershipCard, memberships_for_sale
from tickets.availability.facts import Person, identify_person

log = logging.getLogger(__name__)

UNPROCESSABLE = 422
UNAVAILABLE = 503
OK = 200


@reads_replica
@never_cache
def memberships(request: HttpRequest, page: str) -> HttpResponse:
    """Everything that a page sells."""
    found = page_or_404(page)
    context = {
        "page": found,
        "cards": memberships_for_sale(found, identify_person(found.account, request.user).customer),
    }
    return render_page(request, "memberships/public/memberships.html", context, account=found.account)


@reads_replica
@never_cache
def membership(request: HttpRequest, page: str, pk: int) -> HttpResponse:
    """One membership with its prices; by POST, on to the checkout."""
    now = timezone.now()
    found = page_or_404(page)
    who = identify_person(found.account, request.user)
    shown = next(iter(memberships_for_sale(found, who.customer, only=pk)), None)
    if request.method != "POST":
        return _show(request, found, shown, who, None, now=now)
    if not who.logged_in:
        return _log_in_first(request, found, shown)
    if shown is None:
        return not_on_sale(request, found)
    form = PriceForm(request.POST, shown=shown)
    if not who.proved or shown.theirs or shown.is_change_only or not form.is_valid():
        return _show(request, found, shown, who, form, now=now)
    if "basket" in request.POST:
        customer, key = ensure_customer(request, found, who), form_key(request)
        return add_membership_to_basket(request, found, form.chosen, customer, key=key, now=now)
    return _buy(request, found, shown, who, form, now=now)


@require_GET
@never_cache
def membership_add(request: HttpRequest, page: str, pk: int) -> HttpResponse:
    """Put what a guest chose before they logged in into their basket, and lead on; else show the membership."""
    now = timezone.now()
    found = page_or_404(page)
    who = identify_person(found.account, request.user)
    if not who.logged_in:
        return redirect_to_login(request.get_full_path())
    shown, chosen = next(iter(memberships_for_sale(found, who.customer, only=pk)), None), ChosenMembership.read(request)
    form = PriceForm({"price": str(chosen.price)}, shown=shown) if shown and chosen else None
    if not (form and shown and chosen and who.proved) or shown.theirs or shown.is_change_only or not form.is_valid():
        return _redirect_to_membership(request, found, pk)
    customer = ensure_customer(request, found, who)
    response = add_membership_to_basket(request, found, form.chosen, customer, key=chosen.key, now=now)
    forget_chosen(response)
    return response


def _log_in_first(request: HttpRequest, page: SchedulePage, shown: MembershipCard | None) -> HttpResponse:
    """Let a guest log in, or sign up; what they wanted in their basket goes there afterwards."""
    form, key = PriceForm(request.POST, shown=shown) if shown else None, form_key(request)
    if form is None or key is None or not form.is_valid():
        return redirect_to_login(return_path(request) or request.get_full_path())
    add = reverse("public:membership_add", kwargs={"page": page.slug, "pk": form.chosen.membership_id})
    response = redirect_to_login(_with_return_path(request, add))
    ChosenMembership(form.chosen.uuid, key).keep(response)
    return response


def _redirect_to_membership(request: HttpRequest, page: SchedulePage, pk: int) -> HttpResponse:
    return redirect(_with_return_path(request, reverse("public:membership", kwargs={"page": page.slug, "pk": pk})))


def _with_return_path(request: HttpRequest, path: str) -> str:
    back = return_path(request)
    return f"{path}?{urlencode({'next': back})}" if back else path


def _buy(
    request: HttpRequest, page: SchedulePage, shown: MembershipCard, who: Person, form: PriceForm, *, now: datetime
) -> HttpResponse:
    try:
        return buy(request, page, _fresh(form.chosen), ensure_customer(request, page, who), now=now)
    except StripeError as error:
        log.warning("The checkout of membership %s could not be opened: %s", shown.membership.pk, error)
        form.add_error(None, stripe_error_text(error, page.account))
        return _show(request, page, shown, who, form, now=now, status=UNAVAILABLE)


def _fresh(price: Price) -> Price:
    """The price as it is now, with its membership."""
    return Price.objects.select_related("membership").get(pk=price.pk)


def _show(
    request: HttpRequest,
    page: SchedulePage,
    shown: MembershipCard | None,
    who: Person,
    form: PriceForm | None,
    *,
    now: datetime,
    status: int = OK,
) -> HttpResponse:
    if shown is None:
        raise Http404
    context = {
        "page": page,
        "card": shown,
        "membership": shown.membership,
        "who": who,
        "form": form or PriceForm(shown=shown, chosen=request.GET.get("price", "")),
        "key": uuid4(),
        "back": return_path(request),
        "is_in_basket": shown.membership.pk == membership_in_basket(request, page),
        "ahead": upcoming_entries(
            shown.membership.group, page, member=shown.theirs is not None and shown.theirs.is_live, now=now
        ),
    }
    status = UNPROCESSABLE if status == OK and form is not None and form.errors else status
    return render_page(request, "memberships/public/membership.html", context, account=page.account, status=status)
