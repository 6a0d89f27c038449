"""The people an account knows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict

from django.db.models import OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import page_of_customers, search_term
from accounts.details import phone_text
from accounts.models import Customer
from bookwhen.counts import CappedCountOf
from groups.models import Group, Standing
from tickets.models import Booking

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from bookwhen.keyset import KeysetPage


class _Listed(TypedDict):
    booking_count: int
    listed_name: Any


ListedCustomer: TypeAlias = "WithAnnotations[Customer, _Listed]"
"""A customer with how often they booked (a `CappedCount`), and by what they are listed."""
PER_PAGE: Final = 50
SHOWN: Final = 50
"""How many bookings and how many payments a customer’s page shows."""


@operator_view(MANAGE_CUSTOMERS)
def customers(request: OperatorRequest) -> HttpResponse:
    """Everybody the account knows, by name, with the groups they are in and how often they booked."""
    words = search_term(request)
    booked = Booking.objects.booked().filter(account=request.account, customer=OuterRef("pk"))
    listed = request.account.customers.known().annotate(booking_count=CappedCountOf(booked))
    page: KeysetPage[ListedCustomer] = page_of_customers(request.account, listed, words, request.GET, size=PER_PAGE)
    groups = _groups_now(page, now=timezone.now())
    context = {
        "section": "customers",
        "customers": page,
        "rows": [(each, phone_text(each.phone), groups[each.pk]) for each in page],
        "q": words,
    }
    return render(request, "tickets/dashboard/customers.html", context)


@operator_view(MANAGE_CUSTOMERS)
def old_menu_path(request: OperatorRequest) -> HttpResponse:
    """Lead from *Customers → Customer groups*, where older help articles look for them."""
    return redirect("dashboard:groups", account=request.account.slug)


def _groups_now(customers: Iterable[Customer], *, now: datetime) -> dict[int, list[Group]]:
    standings = (
        Standing.objects.at(now)
        .filter(member__customer__in=customers, member__group__archived_at=None)
        .select_related("member__group")
        .order_by("member__group__name", "pk")
    )
    groups: defaultdict[int, list[Group]] = defaultdict(list)
    for standing in standings:
        if standing.member.group not in groups[standing.member.customer_id]:
            groups[standing.member.customer_id].append(standing.member.group)
    return groups
