"""*Book*: from a customer's page to the entry that they are booked for."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import search_term
from bookwhen.keyset import keyset_page
from bookwhen.search import text_has
from tickets.dashboard.people.fetch import fetch_customer
from tickets.queries import entries_of

SHOWN: Final = 25
SOONEST: Final = ("starts_at", "pk")


@operator_view(MANAGE_CUSTOMERS)
def customer_book(request: OperatorRequest, pk: int) -> HttpResponse:
    """What is coming, or what is looked for; each leads to *Book for someone* with the customer chosen."""
    found, words = fetch_customer(request, pk), search_term(request)
    ahead = entries_of(request.account).upcoming(timezone.now())
    entries = keyset_page(ahead.filter(text_has("title", words)) if words else ahead, SOONEST, request.GET, size=SHOWN)
    context = {"section": "customers", "customer": found, "entries": entries, "q": words}
    return render(request, "tickets/dashboard/customer_book.html", context)
