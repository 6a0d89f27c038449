"""Taking money at the studio, and giving it back; safe to send twice."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.query import as_id
from bookwhen.money import money
from tickets.dashboard.people.fetch import fetch_payer
from tickets.dashboard.studio.forms import GiveBackForm, TakeForm
from tickets.dashboard.studio.reading import MOST, give_back_spaces, methods_for, payer_of, spaces_of
from tickets.models import MoneyMethod, Seat, StudioPayment
from tickets.money.studio import (
    Handed,
    OwedChangedError,
    TooMuchBackError,
    Written,
    give_back_money,
    last_method,
    take_money,
)

INVALID, CONFLICT = 422, 409


@operator_view(MANAGE_CUSTOMERS)
def customer_take(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Take payment*: all that a customer owes, for some classes, less, or more. Of walk-ins, from one of them."""
    customer, now = fetch_payer(request, pk), timezone.now()
    only, also = _ids(request.GET.getlist("seat")), _ids(request.POST.getlist("seats"))
    spaces = spaces_of(customer, only=only, also=also)
    if request.method != "POST" and len({payer_of(seat) for seat in spaces}) > 1:
        return redirect("dashboard:customer_money", account=request.account.slug, pk=pk)
    form = TakeForm(
        request.POST or None, customer=customer, spaces=spaces, last=last_method(request.account, request.user), now=now
    )
    if request.method == "POST" and form.is_valid():
        if made := _take(request, form, now=now):
            messages.success(request, taken_text(request, made.payment))
            return _go_back(request, made.payment)
        if not form.spaces:
            return _nothing_left(request, pk)
    walk_in = next((seat.booking.booker_name for seat in spaces if seat.booking.is_walk_in), "")
    context = {"section": "to_collect", "customer": customer, "form": form, "spaces": spaces}
    context["payer"] = walk_in or str(customer)
    return render(request, "tickets/dashboard/studio/take.html", context, status=INVALID if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def customer_give_back(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Give back*: a credit, or what was paid at the studio before."""
    customer, now = fetch_payer(request, pk), timezone.now()
    only, also = _ids(request.GET.getlist("seat")), _ids(request.POST.getlist("seats"))
    spaces = give_back_spaces(customer, only=only, also=also)
    form = GiveBackForm(
        request.POST or None, customer=customer, spaces=spaces, last=last_method(request.account, request.user), now=now
    )
    if request.method == "POST" and form.is_valid():
        if made := _give_back(request, form, now=now):
            amount = money(-made.payment.amount, made.payment.currency, request.account.locale)
            messages.success(request, _("%(amount)s given back") % {"amount": amount})
            return redirect("dashboard:customer_money", account=request.account.slug, pk=made.payment.customer_id)
        if not form.spaces:
            return _nothing_left(request, pk)
    context = {"section": "to_collect", "customer": customer, "form": form, "spaces": spaces}
    return render(request, "tickets/dashboard/studio/give_back.html", context, status=INVALID if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def seat_take(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Take £12.00* on a register: one press says how, and it is done."""
    found = Seat.objects.booked().filter(account=request.account).select_related("entry", "booking", "customer")
    seat, now = get_object_or_404(found, pk=pk), timezone.now()
    seat.customer.account = request.account
    back = f"{dashboard_url(request, 'entry', pk=seat.entry_id)}#attendee-{seat.pk}"
    if request.method == "POST" and (how := _method(request)):
        _take_for_seat(request, seat, how, now=now)
        return redirect(back)
    if seat.owed <= 0:
        messages.info(request, _("Nothing is owed for this space."))
        return redirect(back)
    context = {
        "section": "schedule",
        "seat": seat,
        "methods": methods_for(last_method(request.account, request.user)),
        "key": uuid4(),
        "back_url": back,
    }
    return render(request, "tickets/dashboard/studio/seat_take.html", context)


def taken_text(request: OperatorRequest, made: StudioPayment) -> str:
    """What to say once money was taken, with the way to undo it."""
    words = _("%(amount)s taken (%(method)s).") % {
        "amount": money(made.amount, made.currency, request.account.locale),
        "method": MoneyMethod(made.method).label,
    }
    return format_html(
        '{} <a href="{}">{}</a>', words, dashboard_url(request, "studio_payment", pk=made.pk), _("Undo or correct it")
    )


def _method(request: OperatorRequest) -> MoneyMethod | None:
    asked = request.POST.get("method", "")
    return MoneyMethod(asked) if asked in MoneyMethod.values else None


def _take_for_seat(request: OperatorRequest, seat: Seat, how: MoneyMethod, *, now: datetime) -> None:
    """Take all that the page said is owed for a space, and say so; what was taken meanwhile is not taken again."""
    owed = as_id(request.POST.get("owed", ""))
    key = _key(request, f"{request.account.pk}:{seat.pk}")
    if not owed or key is None:
        messages.error(request, _("Something went wrong with that form. Open it again from the register."))
        return
    handed = Handed(amount=owed, method=how, at=now)
    try:
        made = take_money(request.account, {seat.pk: owed}, handed, by=request.user, key=key, now=now)
    except OwedChangedError:
        messages.warning(
            request, _("What’s owed for this space has changed, so nothing has been taken. Check it, then try again.")
        )
    else:
        messages.success(request, taken_text(request, made.payment))


def _key(request: OperatorRequest, about: str) -> UUID | None:
    try:
        return uuid5(UUID(request.POST.get("key", "")), about)
    except ValueError:
        return None


def _take(request: OperatorRequest, form: TakeForm, *, now: datetime) -> Written | None:
    """Take what the form says; None where it has to be sent again."""
    seen = {each.seat: each.owed for each in form.chosen}
    try:
        return take_money(request.account, seen, form.handed, by=request.user, key=form.uuid, now=now)
    except OwedChangedError:
        form.list_again(spaces_of(form.customer))
    return None


def _give_back(request: OperatorRequest, form: GiveBackForm, *, now: datetime) -> Written | None:
    try:
        return give_back_money(request.account, form.chosen, form.handed, by=request.user, key=form.uuid, now=now)
    except OwedChangedError:
        form.list_again(give_back_spaces(form.customer))
    except TooMuchBackError as error:
        form.refuse(error.most)
    return None


def _ids(values: Sequence[str]) -> list[int]:
    return [key for each in values[:MOST] if (key := as_id(each))]


def _nothing_left(request: OperatorRequest, customer: int) -> HttpResponse:
    """To what a customer (id) paid: a colleague was first, and no form is left to send."""
    messages.warning(
        request, _("Someone else dealt with this in the meantime, and nothing is left. Nothing has been saved.")
    )
    return redirect("dashboard:customer_money", account=request.account.slug, pk=customer)


def _go_back(request: OperatorRequest, made: StudioPayment) -> HttpResponse:
    """To the register that the form was opened from, else to the customer."""
    if entry := as_id(request.GET.get("entry", "")):
        return redirect("dashboard:entry", account=request.account.slug, pk=entry)
    return redirect("dashboard:customer_money", account=request.account.slug, pk=made.customer_id)
