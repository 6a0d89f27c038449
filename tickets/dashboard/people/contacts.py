"""Customers without an address of their own: one is added, and who gets their emails is chosen (decision 0072)."""

from typing import Final

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.contacts import (
    HasContactError,
    NamelessError,
    NoContactError,
    OwnLoginError,
    add_without_address,
    choose_contact,
    in_care_of,
)
from accounts.dashboard.query import as_id, page_of_customers, query_id, search_term
from accounts.models import Account, Customer
from bookwhen.forms import PersonNameField
from tickets.dashboard.people.details import PhoneForm
from tickets.dashboard.people.fetch import fetch_customer, redirect_to_customer

FOUND: Final = 20
INVALID: Final = 422
CONFLICT: Final = 409


class WithoutAddressForm(PhoneForm):
    """Somebody without an address: what they are called, and where they can be called."""

    field_order = ("name", "phone")
    name = PersonNameField(
        label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
    )


@operator_view(MANAGE_CUSTOMERS)
def customer_new(request: OperatorRequest) -> HttpResponse:
    """*Add someone without an email address*: first who gets their emails, then what they are called."""
    asked = as_id(request.POST.get("contact", "")) or query_id(request, "contact")
    contact = get_object_or_404(reachable(request.account), pk=asked) if asked else None
    form = WithoutAddressForm(request.POST or None, account=request.account)
    if contact and request.method == "POST" and form.is_valid():
        contact.account = request.account
        made = add_without_address(contact, form.cleaned_data["name"], phone=form.cleaned_data["phone"])
        made.account = request.account
        messages.success(request, _("Emails for %(name)s go to %(contact)s") % {"name": made, "contact": contact})
        return redirect_to_customer(made)
    context = {"section": "customers", "contact": contact, "form": form, **_search(request, known=contact)}
    return render(request, "tickets/dashboard/customer_new.html", context, status=INVALID if form.errors else 200)


@operator_view(MANAGE_CUSTOMERS)
def customer_contact(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Choose who gets the emails* for a customer: another customer, who has an address."""
    found, problem = fetch_customer(request, pk), ""
    if request.method == "POST":
        chosen = get_object_or_404(reachable(request.account), pk=as_id(request.POST.get("contact", "")))
        if not (problem := _choose(found, chosen)):
            messages.success(request, _("Emails for %(name)s go to %(contact)s") % {"name": found, "contact": chosen})
            return redirect_to_customer(found, "contact")
    problem = problem or _obstacle(found)
    context = {"section": "customers", "customer": found, "problem": problem, **_search(request, but=found)}
    status = CONFLICT if request.method == "POST" else 200
    return render(request, "tickets/dashboard/customer_contact.html", context, status=status)


def reachable(account: Account) -> QuerySet[Customer]:
    """The customers who have an address, and so can get emails for others."""
    return account.customers.filter(contact__isnull=True)


def _search(
    request: OperatorRequest, *, known: Customer | None = None, but: Customer | None = None
) -> dict[str, object]:
    """Who could get the emails, of those whose name or address has the words in it; while nobody is known."""
    words = search_term(request)
    if known or not words:
        return {"q": words}
    account = request.account
    listed = reachable(account).exclude(pk=but.pk if but else 0)
    return {"q": words, "found": page_of_customers(account, listed, words, request.GET, size=FOUND)}


def _obstacle(customer: Customer) -> str:
    """Why a customer keeps their own address, as far as that is known before; empty where nothing stands in the way."""
    if customer.user_id is not None:
        return _own_login()
    return _has_others(customer) if in_care_of(customer).exists() else ""


def _choose(customer: Customer, contact: Customer) -> str:
    """Have their emails go to that contact, or say why not."""
    try:
        choose_contact(customer, contact)
    except OwnLoginError:
        return _own_login()
    except HasContactError:
        return _has_others(customer)
    except NamelessError:
        return _("Give them a name first, so that you can tell them from the person who gets their emails.")
    except NoContactError:
        return _("Choose somebody else: %(contact)s has no address of their own.") % {"contact": contact}
    return ""


def _own_login() -> str:
    return _("They log in with their own address, so their emails go there.")


def _has_others(customer: Customer) -> str:
    names = ", ".join(str(each) for each in in_care_of(customer)[:FOUND])
    return _("They get emails for %(names)s, so they need an address. Choose another contact there first.") % {
        "names": names
    }
