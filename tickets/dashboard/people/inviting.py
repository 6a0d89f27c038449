"""*Email how to get in* to one customer: what they will read, or why they get nothing now."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from tickets.dashboard.people.fetch import fetch_customer, redirect_to_customer
from tickets.inviting import invite_customer, preview_customers


@operator_view(MANAGE_CUSTOMERS)
def customer_invite(request: OperatorRequest, pk: int) -> HttpResponse:
    """Show the email; by POST, send it, unless it was sent just before or may not be."""
    found, now = fetch_customer(request, pk), timezone.now()
    if request.method == "POST" and invite_customer(found, now=now):
        messages.success(request, _("We’re emailing %(name)s how to get in.") % {"name": found})
        return redirect_to_customer(found)
    preview = preview_customers(request.account, [found], now=now)
    context = {"section": "customers", "customer": found, "preview": preview}
    return render(request, "tickets/dashboard/customer_invite.html", context)
