"""*To collect*: who owes what for which classes; and one customer's money at the studio."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from bookwhen.keyset import keyset_page
from offers.periods import local_day
from tickets.dashboard.people.fetch import fetch_payer
from tickets.dashboard.studio.reading import (
    MOST,
    ORDER,
    debtors,
    owed_by,
    owing_customers,
    payer_of,
    returnable_of,
    spaces_of,
    studio_payments,
    to_collect_in_all,
)
from tickets.money.till import taken_by_method

PER_PAGE: Final = 25
LISTED: Final = 50


@operator_view(MANAGE_CUSTOMERS)
def to_collect(request: OperatorRequest) -> HttpResponse:
    """Who owes the studio money, the largest sums first; or who has credit with it."""
    account, credit = request.account, request.GET.get("show") == "credit"
    page = keyset_page(owing_customers(account, credit=credit), ORDER, request.GET, size=PER_PAGE)
    today = local_day(timezone.now(), account.zone)
    context = {
        "section": "to_collect",
        "tab": "to_collect",
        "credit": credit,
        "customers": page,
        "debtors": debtors(account, page.rows),
        "in_all": to_collect_in_all(account),
        "taken": taken_by_method(account, today, today),
    }
    return render(request, "tickets/dashboard/studio/to_collect.html", context)


@operator_view(MANAGE_CUSTOMERS)
def customer_money(request: OperatorRequest, pk: int) -> HttpResponse:
    """What one customer owes, for which classes, and what they paid at the studio, with its trail.

    Walk-ins without an address are one customer: each of them pays alone.
    """
    customer = fetch_payer(request, pk)
    seats = spaces_of(customer)
    payments = studio_payments(request.account).filter(customer=customer).order_by("-taken_at", "-pk")
    context = {
        "section": "to_collect",
        "customer": customer,
        "seats": seats,
        "pay_alone": len({payer_of(seat) for seat in seats}) > 1,
        "owes": owed_by(customer),
        "has_more": len(seats) == MOST,
        "can_give_back": bool(returnable_of(customer)),
        "payments": list(payments[:LISTED]),
    }
    return render(request, "tickets/dashboard/studio/customer_money.html", context)
