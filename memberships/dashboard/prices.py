"""A membership's prices (help article 8329950): add, edit, archive, restore."""

from collections.abc import Callable
from uuid import uuid5

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, needs_standard, operator_view
from bookwhen.payments.gateway import StripeError
from memberships.catalogue import add_price, archive_price, edit_price, restore_price
from memberships.dashboard.fetch import fetch_membership, fetch_price, to_membership
from memberships.dashboard.forms import NewPriceForm, PriceForm
from memberships.models import Membership
from memberships.phrases import price_text


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def price_new(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Add price*: once, however often the form is sent."""
    membership = fetch_membership(request, pk)
    form = NewPriceForm(request.POST or None, account=request.account)
    if request.method == "POST" and form.is_valid():
        _add(request, membership, form)
        return to_membership(membership, "prices")
    context = {"section": "memberships", "membership": membership, "form": form}
    return render(request, "memberships/dashboard/price_new.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@needs_standard
def price_edit(request: OperatorRequest, pk: int, price: int) -> HttpResponse:
    """What may change of a price: its title, its trial, whether it is sold."""
    found = fetch_price(request, pk, price)
    initial = {"title": found.title, "trial_days": found.trial_days, "published": found.published}
    form = PriceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        edit_price(found, **form.cleaned_data)
        messages.success(request, _("Price saved"))
        return to_membership(found.membership, "prices")
    context = {"section": "memberships", "membership": found.membership, "price": found, "form": form}
    context |= {"cost": price_text(found, request.account.locale), "title": initial["title"]}
    return render(request, "memberships/dashboard/price_edit.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
@needs_standard
def price_archive(request: OperatorRequest, pk: int, price: int) -> HttpResponse:
    """*Archive price*: nobody can buy at it; who pays it goes on."""
    found = fetch_price(request, pk, price)
    failed = _(
        "The price is archived here, so nobody can buy at it. We couldn’t update Stripe, so it’s still "
        "active there: %(why)s"
    )
    _tell(request, lambda: archive_price(found, now=timezone.now()), done=_("Price archived"), failed=failed)
    return to_membership(found.membership, "prices")


@operator_view(MANAGE_CUSTOMERS)
@require_POST
@needs_standard
def price_restore(request: OperatorRequest, pk: int, price: int) -> HttpResponse:
    """Take an archived price out again."""
    found = fetch_price(request, pk, price)
    failed = _("We couldn’t update Stripe, so the price is still archived: %(why)s Try again in a minute.")
    _tell(request, lambda: restore_price(found), done=_("Price restored"), failed=failed)
    return to_membership(found.membership, "prices")


def _add(request: OperatorRequest, membership: Membership, form: NewPriceForm) -> None:
    # The membership is in the name, so that no form can name a price of somebody else.
    uuid = uuid5(form.cleaned_data["key"], str(membership.pk))
    done = failed = _("Price added")
    if request.account.takes_payments:
        failed = _(
            "The price is saved, but we couldn’t update Stripe: %(why)s We’ll update it when someone first buys "
            "at this price."
        )
    _tell(
        request,
        lambda: add_price(membership, form.terms(), uuid=uuid, now=timezone.now()),
        done=done,
        failed=failed,
    )


def _tell(request: OperatorRequest, act: Callable[[], object], *, done: str, failed: str) -> None:
    """Do something here and at Stripe, and say what came of it; `failed` says it of the latter with `why`."""
    try:
        act()
    except StripeError as error:
        messages.warning(request, failed % {"why": error})
    else:
        messages.success(request, done)
