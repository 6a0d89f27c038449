"""The people an account knows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict

from django import forms
from django.contrib import messages
from django.db.models import OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.customers import correct_name
from accounts.dashboard.query import page_of_customers, search_term
from accounts.models import Customer
from bookwhen.counts import CappedCountOf
from bookwhen.forms import Form, PersonNameField
from groups.models import Group, Standing
from groups.queries import groups_of_customer
from memberships.dashboard.tables import draw_had
from memberships.queries import subscriptions_of_customers
from memberships.subscription_rows import subscription_rows
from tickets.dashboard.attendance import attendance_of_customer
from tickets.dashboard.bookings.views import booking_row
from tickets.dashboard.fetch import payment_totals, payments_of
from tickets.models import Booking
from tickets.queries import bookings_of

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


class CustomerNameForm(Form):
    """What a customer is called; nobody has to know."""

    name = PersonNameField(
        label=gettext_lazy("Name"),
        required=False,
        help_text=gettext_lazy(
            "Shown in your lists and used in emails to them. If they later save their own name in My details, it "
            "replaces this one."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


@operator_view(MANAGE_CUSTOMERS)
def customers(request: OperatorRequest) -> HttpResponse:
    """Everybody the account knows, by name, with the groups they are in and how often they booked."""
    words = search_term(request)
    booked = Booking.objects.booked().filter(account=request.account, customer=OuterRef("pk"))
    listed = request.account.customers.annotate(booking_count=CappedCountOf(booked))
    page: KeysetPage[ListedCustomer] = page_of_customers(request.account, listed, words, request.GET, size=PER_PAGE)
    groups = _groups_now(page, now=timezone.now())
    context = {
        "section": "customers",
        "customers": page,
        "rows": [(each, groups[each.pk]) for each in page],
        "q": words,
    }
    return render(request, "tickets/dashboard/customers.html", context)


@operator_view(MANAGE_CUSTOMERS)
def customer(request: OperatorRequest, pk: int) -> HttpResponse:
    """One customer: the groups they are in now, their memberships, what they booked and what they paid for it."""
    found = get_object_or_404(request.account.customers, pk=pk)
    now = timezone.now()
    booked = bookings_of(found).booked().prefetch_related("seats__entry", "payments")
    paid = payments_of(request.account).paid().filter(booking__customer=found, amount__gt=0)
    had = subscriptions_of_customers([found.pk])
    payments = list(paid.order_by("-paid_at", "-pk")[:SHOWN])
    context = {
        "section": "customers",
        "customer": found,
        "blocks": request.account.email_blocks.filter(email=found.email).order_by("reason"),
        "groups": groups_of_customer(found, now=now),
        "memberships": draw_had(request.account, subscription_rows(had, request.account.locale)),
        "rows": [booking_row(booking) for booking in booked[:SHOWN]],
        "attendance": attendance_of_customer(found, now=now),
        "payments": payments,
        "sums": payment_totals(paid) if payments else [],
    }
    return render(request, "tickets/dashboard/customer.html", context)


@operator_view(MANAGE_CUSTOMERS)
def customer_name(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Edit name*: what the studio calls a customer."""
    found = get_object_or_404(request.account.customers, pk=pk)
    form = CustomerNameForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        correct_name(found, form.cleaned_data["name"])
        messages.success(request, _("Name saved"))
        return redirect("dashboard:customer", account=request.account.slug, pk=pk)
    context = {"section": "customers", "customer": found, "form": form}
    return render(request, "tickets/dashboard/customer_name.html", context, status=422 if form.errors else 200)


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
