"""Payments that failed when what they were for had begun: the customer owes the money, until somebody settles it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from tickets.dashboard.fetch import fetch_payment
from tickets.money.on_way import settle_owed


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def payment_settled(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Mark as settled*: what is owed was paid another way, or is waived."""
    found = fetch_payment(request.account, pk)
    if settle_owed(found, now=timezone.now()):
        messages.success(request, _("Marked as settled. Nothing is owed for this booking any more."))
    else:
        messages.info(request, _("Someone has already dealt with this."))
    return redirect("dashboard:payment", account=request.account.slug, pk=found.pk)
