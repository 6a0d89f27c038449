"""*Merge with another customer*: the other one is found, what becomes of everything is shown, and then it is done."""

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.db.models import Value
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import as_id, page_of_customers, query_id, search_term
from accounts.details import phone_text
from accounts.merging.services import CannotMergeError, CustomerGoneError, merge_customers, plan_merge
from accounts.models import Customer
from accounts.models.customers import listed_name
from tickets.dashboard.people.fetch import fetch_customer, redirect_to_customer

if TYPE_CHECKING:
    from bookwhen.keyset import KeysetPage

SHOWN: Final = 25
ALIKE: Final = 5
"""How many are shown who may be the same person."""


@operator_view(MANAGE_CUSTOMERS)
def customer_merge(request: OperatorRequest, pk: int) -> HttpResponse:
    """Who the same person is: those with their name or phone number, or those looked for."""
    found, words = fetch_customer(request, pk), search_term(request)
    others = request.account.customers.exclude(pk=found.pk)
    page: KeysetPage[Any] | None = None
    if words:
        page = page_of_customers(request.account, others, words, request.GET, size=SHOWN)
    shown = page if page is not None else _alike(found)
    context = {
        "section": "customers",
        "customer": found,
        "rows": [(each, phone_text(each.phone)) for each in shown],
        "page": page,
        "q": words,
    }
    return render(request, "tickets/dashboard/customer_merge.html", context)


@operator_view(MANAGE_CUSTOMERS)
def customer_merge_with(request: OperatorRequest, pk: int, other: int) -> HttpResponse:
    """What becomes of everything of two customers, and who stays; and *Merge*."""
    if request.method == "POST":
        return _merge(request, pk, other)
    found, second = fetch_customer(request, pk), fetch_customer(request, other)
    if found == second:
        raise Http404
    plan = plan_merge(found, second, keep=query_id(request, "keep"), now=timezone.now())
    context = {"section": "customers", "customer": found, "other": second, "plan": plan}
    return render(request, "tickets/dashboard/customer_merge_with.html", context)


def _merge(request: OperatorRequest, pk: int, other: int) -> HttpResponse:
    """Do it with whom the form says stays; sent twice, it says that it is done."""
    survivor, gone = (other, pk) if as_id(request.POST.get("survivor", "")) == other else (pk, other)
    try:
        merged = merge_customers(request.account, survivor=survivor, gone=gone, now=timezone.now())
    except CannotMergeError:
        messages.error(request, _("They can’t be merged like this any more. Look again at what would become of them."))
        return redirect("dashboard:customer_merge_with", account=request.account.slug, pk=pk, other=other)
    except CustomerGoneError as error:
        if error.customer is None or error.customer.pk in {pk, other}:
            raise Http404 from error
        messages.error(
            request,
            _("One of them was merged with %(customer)s meanwhile. Nothing else was changed.")
            % {"customer": error.customer},
        )
        return redirect_to_customer(_with_account(request, error.customer))
    said = _("The two customers are one now") if merged.is_new else _("They were merged already")
    messages.success(request, said)
    return redirect_to_customer(merged.customer)


def _alike(customer: Customer) -> list[Customer]:
    """Who may be the same person: of the same name, or the same phone number."""
    others = customer.account.customers.exclude(pk=customer.pk)
    found: list[Customer] = []
    if customer.phone:
        found += others.filter(phone=customer.phone).order_by("pk")[:ALIKE]
    if customer.name:
        # By the index in whose order customers are listed.
        named = others.annotate(listed_name=listed_name()).filter(listed_name=Lower(Value(customer.name)))
        found += named.order_by("listed_name", "pk")[:ALIKE]
    return list({each.pk: each for each in found}.values())[:ALIKE]


def _with_account(request: OperatorRequest, customer: Customer) -> Customer:
    customer.account = request.account
    return customer
