"""*Erase*: what goes and what stays, what must be over before, and the page of somebody who was erased."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.erasing.parts import Obstacle
from accounts.erasing.service import InTheWayError, erase_customer, erasure_of, obstacles_to_erasing
from accounts.models import Account, Customer
from bookwhen.forms import Form
from bookwhen.money import money
from tickets.dashboard.people.fetch import fetch_customer
from tickets.dashboard.studio.reading import owed_by


class EraseForm(Form):
    """Whether they mean it."""

    sure = forms.BooleanField(
        label=gettext_lazy("Yes, erase this person for good"),
        error_messages={"required": gettext_lazy("Tick “Yes, erase this person for good” if you mean it")},
    )


@operator_view(MANAGE_ACCOUNT)
def customer_erase(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Erase*: says what will happen, or what is in the way; then it is done. Sent twice, it is done once."""
    is_known = request.account.customers.known().filter(pk=pk).exists()
    if request.method == "POST" and not is_known and erasure_of(request.account, pk):
        return redirect("dashboard:customer", account=request.account.slug, pk=pk)
    found, now = fetch_customer(request, pk), timezone.now()
    form = EraseForm(request.POST if request.method == "POST" else None)
    obstacles = obstacles_to_erasing(found, now=now)
    if request.method == "POST" and form.is_valid() and not obstacles:
        try:
            erase_customer(found, now=now)
        except InTheWayError as error:
            obstacles = error.obstacles
        else:
            messages.success(request, _("Customer erased"))
            return redirect("dashboard:customer", account=request.account.slug, pk=pk)
    links = [(each.text, _address(request.account, each)) for each in obstacles]
    context = {"section": "customers", "customer": found, "form": form, "obstacles": links, "waived": _waived(found)}
    return render(request, "tickets/dashboard/customer_erase.html", context, status=422 if form.errors else 200)


def erased_page(request: OperatorRequest, pk: int) -> HttpResponse:
    """The page of somebody who was erased; 404 where there was nobody."""
    erasure = erasure_of(request.account, pk)
    if erasure is None:
        raise Http404
    context = {"section": "customers", "erasure": erasure}
    return render(request, "tickets/dashboard/customer_erased.html", context)


def _waived(customer: Customer) -> str:
    """What becomes of what they owe the studio, or have to their credit; empty where that is nothing."""
    owes, account = owed_by(customer), customer.account
    if not owes:
        return ""
    words = _("They still owe you %(amount)s at the studio. That’s waived.")
    if owes < 0:
        words = _("They have %(amount)s credit with you. Give it back first: afterwards it’s gone.")
    return words % {"amount": money(abs(owes), account.currency, account.locale)}


def _address(account: Account, obstacle: Obstacle) -> str:
    if not obstacle.page:
        return ""
    which = {} if obstacle.pk is None else {"pk": obstacle.pk}
    return reverse(f"dashboard:{obstacle.page}", kwargs={"account": account.slug, **which})
