"""Fetching for a customer's pages: through the account, or not at all."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import SAFE, MovedError, OperatorRequest
from accounts.merging.services import heir_of
from accounts.models import Customer
from groups.models import Member


def fetch_customer(request: OperatorRequest, pk: int) -> Customer:
    """A customer of the request's account, carrying that account; else 404, also where they were erased.

    Raises MovedError, which leads to their page, where they were merged into another: what was sent is not done to
    that one, who may be more than its sender saw.
    """
    found = request.account.customers.known().filter(pk=pk).first()
    if found is None:
        found = heir_of(request.account, pk)
        if found is None:
            raise Http404
        if request.method not in SAFE:
            messages.info(
                request, _("This customer was merged with %(customer)s. Nothing was saved.") % {"customer": found}
            )
        raise MovedError(reverse("dashboard:customer", kwargs={"account": request.account.slug, "pk": found.pk}))
    found.account = request.account
    return found


def fetch_payer(request: OperatorRequest, pk: int) -> Customer:
    """The same, where pages of what was paid lead on to a customer.

    Raises MovedError, which leads to the page that says so, where they were erased since.
    """
    try:
        return fetch_customer(request, pk)
    except Http404:
        if not request.account.customers.filter(pk=pk, erased_at__isnull=False).exists():
            raise
    raise MovedError(reverse("dashboard:customer", kwargs={"account": request.account.slug, "pk": pk}))


def fetch_member_of(customer: Customer, pk: int) -> Member:
    """One of a customer's memberships of groups, with its group, carrying the account; else 404."""
    members = Member.objects.filter(account=customer.account_id, customer=customer).select_related("group")
    found = get_object_or_404(members.prefetch_related("standings"), pk=pk)
    found.customer, found.group.account = customer, customer.account
    return found


def redirect_to_customer(customer: Customer, part: str = "") -> HttpResponse:
    """Go to the customer's page, perhaps to a part of it."""
    there = redirect("dashboard:customer", account=customer.account.slug, pk=customer.pk)
    there["Location"] += f"#{part}" if part else ""
    return there
