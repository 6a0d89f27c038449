"""A customer's email addresses: one more, another main one, one less."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.addresses import (
    AddressTakenError,
    MainAddressError,
    add_address,
    addresses_known,
    choose_main_address,
    remove_address,
)
from accounts.contacts import give_address
from accounts.models import Customer
from bookwhen.email_field import EmailField
from bookwhen.forms import Form
from tickets.dashboard.people.fetch import fetch_customer


class AddressForm(Form):
    """One more address of a customer."""

    email = EmailField(label=gettext_lazy("Email address"))


@operator_view(MANAGE_CUSTOMERS)
def customer_addresses(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Email addresses*: all of a customer's, and one more."""
    found = fetch_customer(request, pk)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _add(found, form):
        words = _("Their emails go to their own address now") if found.contact_id else _("Address added")
        messages.success(request, words)
        return _back(found)
    context = {"section": "customers", "customer": found, "addresses": addresses_known(found), "form": form}
    return render(request, "tickets/dashboard/customer_addresses.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def customer_address_main(request: OperatorRequest, pk: int, address: int) -> HttpResponse:
    """Write to them at this address from now on."""
    found = fetch_customer(request, pk)
    choose_main_address(found, get_object_or_404(found.addresses, pk=address))
    messages.success(request, _("Main address changed"))
    return _back(found)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def customer_address_remove(request: OperatorRequest, pk: int, address: int) -> HttpResponse:
    """Know them by this address no more."""
    found = fetch_customer(request, pk)
    try:
        remove_address(found, get_object_or_404(found.addresses, pk=address))
    except MainAddressError:
        messages.error(request, _("That’s their main address. Choose another main address first."))
    else:
        messages.success(request, _("Address removed"))
    return _back(found)


def _add(customer: Customer, form: AddressForm) -> bool:
    try:
        if customer.contact_id:
            give_address(customer, form.cleaned_data["email"])
        else:
            add_address(customer, form.cleaned_data["email"], now=timezone.now())
    except AddressTakenError as error:
        slug, owner = customer.account.slug, error.owner
        page = reverse("dashboard:customer", kwargs={"account": slug, "pk": owner.pk})
        merge = reverse("dashboard:customer_merge_with", args=[slug, customer.pk, owner.pk])
        known = format_html('<a href="{}"><bdi>{}</bdi></a>', page, owner)
        one = format_html('<a href="{}">{}</a>', merge, _("Merge the two"))
        form.add_error("email", format_html(_("This address belongs to {}. If they’re one person: {}"), known, one))
        return False
    return True


def _back(customer: Customer) -> HttpResponse:
    return redirect("dashboard:customer_addresses", account=customer.account.slug, pk=customer.pk)
