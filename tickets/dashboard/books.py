"""*The books*: what the nightly check found wrong in the account."""

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from tickets.books import findings_of

PER_PAGE: Final = 25


@operator_view(MANAGE_CUSTOMERS)
def books(request: OperatorRequest) -> HttpResponse:
    """What is wrong, with what it concerns; nothing on the page changes anything."""
    found = findings_of(request.account).select_related("entry", "customer", "group")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "tickets/dashboard/books.html", {"section": "overview", "findings": page})
