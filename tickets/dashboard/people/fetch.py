"""Fetching for a customer's pages: through the account, or not at all."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.access import OperatorRequest
from accounts.models import Customer
from groups.models import Member


def fetch_customer(request: OperatorRequest, pk: int) -> Customer:
    """A customer of the request's account, carrying that account; else 404, also where they were erased."""
    found = get_object_or_404(request.account.customers.known(), pk=pk)
    found.account = request.account
    return found


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
