"""Fetching for the pages of memberships: through the account, or not at all."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.access import MANAGE_ACCOUNT, OperatorRequest
from accounts.dashboard.links import dashboard_url
from memberships.models import Membership, Price, Subscription
from memberships.queries import memberships_of, subscriptions_of


def fetch_membership(request: OperatorRequest, pk: int) -> Membership:
    """A membership of the request's account with its group and `holders`, carrying that account; else 404."""
    found = get_object_or_404(memberships_of(request.account), pk=pk)
    found.account = found.group.account = request.account
    return found


def fetch_price(request: OperatorRequest, membership: int, pk: int) -> Price:
    """A price of a membership (id) of the request's account, archived or not, carrying both; else 404."""
    seller = fetch_membership(request, membership)
    price = get_object_or_404(Price, membership=seller, pk=pk)
    price.membership = seller
    return price


def fetch_subscription(request: OperatorRequest, pk: int) -> Subscription:
    """What a customer has or had, with its group and booking, carrying the request’s account; else 404."""
    found = get_object_or_404(subscriptions_of(request.account).select_related("membership__group", "booking"), pk=pk)
    found.account = found.membership.group.account = request.account
    return found


def to_membership(membership: Membership, part: str = "") -> HttpResponse:
    """Go to the membership's page, perhaps to a part of it."""
    where = redirect("dashboard:membership", account=membership.account.slug, pk=membership.pk)
    where["Location"] += f"#{part}" if part else ""
    return where


def payments_address(request: OperatorRequest) -> str:
    """Where the account is connected to Stripe; empty for who may not do that."""
    return dashboard_url(request, "payments") if request.role in MANAGE_ACCOUNT else ""
