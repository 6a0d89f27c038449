"""*Receipts and VAT* in the settings: what receipts say of the business, whether they are numbered, and the rates."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from tickets.dashboard.receipts.forms import BusinessForm, RateForm, RetireForm, TurnOnForm
from tickets.models import Ticket, VatRate
from tickets.money.receipts.business import (
    NumbersFixedError,
    counter_of,
    receipt_settings_of,
    save_business,
    turn_off,
    turn_on,
)
from tickets.money.receipts.rates import (
    MOST_RATES,
    DefaultRateError,
    RateNameTakenError,
    TooManyRatesError,
    add_rate,
    change_rate,
    rates_in_use,
    restore_rate,
    retire_rate,
)

LISTED: Final = 100
"""So many rates are listed, those in use first."""
PLACE: Final[dict[str, Any]] = {"section": "settings", "tab": "receipts"}


@operator_view(MANAGE_ACCOUNT)
def receipt_settings(request: OperatorRequest) -> HttpResponse:
    """What receipts say, and their VAT rates; where they aren't numbered yet, how to begin."""
    account = request.account
    settings, counter = receipt_settings_of(account), counter_of(account)
    kind = BusinessForm if settings.is_on else TurnOnForm
    form = kind(
        request.POST if request.method == "POST" else None,
        settings=settings,
        counter=counter,
        rates=rates_in_use(account),
    )
    if form.is_valid() and _save(request, form):
        return redirect("dashboard:receipt_settings", account=account.slug)
    every = VatRate.objects.filter(account=account).order_by("retired_at", "-basis_points", "name")
    context = {"form": form, "settings": settings, "counter": counter, "rates": every[:LISTED], **PLACE}
    return render(request, "tickets/dashboard/receipt_settings.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_ACCOUNT)
def receipts_off(request: OperatorRequest) -> HttpResponse:
    """What turning numbered receipts off does; by POST, do it."""
    settings = receipt_settings_of(request.account)
    if request.method == "POST" or not settings.is_on:
        turn_off(request.account)
        messages.success(request, _("Numbered receipts are off"))
        return redirect("dashboard:receipt_settings", account=request.account.slug)
    context = {"settings": settings, "counter": counter_of(request.account), **PLACE}
    return render(request, "tickets/dashboard/receipts_off.html", context)


@operator_view(MANAGE_ACCOUNT)
def vat_rate_new(request: OperatorRequest) -> HttpResponse:
    """*Add rate*."""
    form = RateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            add_rate(request.account, form.cleaned_data["name"], form.cleaned_data["rate"])
        except RateNameTakenError:
            form.refuse_name()
        except TooManyRatesError:
            form.add_error(None, _too_many())
        else:
            messages.success(request, _("VAT rate added"))
            return redirect("dashboard:receipt_settings", account=request.account.slug)
    return _rate_page(request, form, None)


@operator_view(MANAGE_ACCOUNT)
def vat_rate_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """Another name or percentage, from the next receipt on."""
    rate = _fetch(request, pk)
    form = RateForm(request.POST if request.method == "POST" else None, rate=rate)
    if form.is_valid():
        try:
            change_rate(rate, form.cleaned_data["name"], form.cleaned_data["rate"])
        except RateNameTakenError:
            form.refuse_name()
        else:
            messages.success(request, _("VAT rate saved"))
            return redirect("dashboard:receipt_settings", account=request.account.slug)
    return _rate_page(request, form, _fetch(request, pk))


@operator_view(MANAGE_ACCOUNT)
def vat_rate_retire(request: OperatorRequest, pk: int) -> HttpResponse:
    """What becomes of the tickets that have it; by POST, retire it."""
    rate = _fetch(request, pk)
    others = [each for each in rates_in_use(request.account) if each.pk != pk]
    form = RetireForm(request.POST if request.method == "POST" else None, rate=rate, others=others)
    if form.is_valid():
        try:
            changed = retire_rate(rate, instead=form.chosen, now=timezone.now())
        except DefaultRateError:
            form.add_error(None, _("This is your default rate. Choose another default first."))
        else:
            messages.success(request, _retired(changed))
            return redirect("dashboard:receipt_settings", account=request.account.slug)
    tickets = Ticket.objects.filter(account=request.account, vat_rate=rate).exists()
    context = {"form": form, "rate": rate, "has_tickets": tickets, **PLACE}
    return render(request, "tickets/dashboard/vat_rate_retire.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def vat_rate_restore(request: OperatorRequest, pk: int) -> HttpResponse:
    """Let tickets have it again."""
    try:
        restore_rate(_fetch(request, pk))
    except TooManyRatesError:
        messages.error(request, _too_many())
    else:
        messages.success(request, _("VAT rate restored"))
    return redirect("dashboard:receipt_settings", account=request.account.slug)


def _save(request: OperatorRequest, form: BusinessForm) -> bool:
    """Save a valid form, and say so; False where the numbers have begun meanwhile, which it then says."""
    business, account = form.business(), request.account
    try:
        if isinstance(form, TurnOnForm):
            points = form.cleaned_data.get("rate")
            turn_on(account, business, rate_name=_("Standard"), basis_points=points)
            messages.success(request, _("Numbered receipts are on. Every payment from now on gets one."))
        else:
            save_business(account, business)
            messages.success(request, _("Settings saved"))
    except NumbersFixedError:
        messages.error(request, _("The first receipt has just been issued, so its number can’t be changed any more."))
    return True


def _rate_page(request: OperatorRequest, form: RateForm, rate: VatRate | None) -> HttpResponse:
    context = {"form": form, "rate": rate, **PLACE}
    return render(request, "tickets/dashboard/vat_rate.html", context, status=422 if form.errors else 200)


def _fetch(request: OperatorRequest, pk: int) -> VatRate:
    rate = get_object_or_404(VatRate, account=request.account, pk=pk)
    rate.account = request.account
    return rate


def _retired(changed: int) -> str:
    if not changed:
        return _("VAT rate retired")
    words = ngettext(
        "VAT rate retired. %(count)d ticket has another one now.",
        "VAT rate retired. %(count)d tickets have another one now.",
        changed,
    )
    return words % {"count": changed}


def _too_many() -> str:
    return _("You have %(most)d rates in use. Retire one that you don’t need any more first.") % {"most": MOST_RATES}
