"""Handing a customer's own data out, by the studio."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.exports import KEPT
from accounts.handing_out import begin_own_data, sections
from accounts.models import Customer
from bookwhen.forms import IdempotentForm


@operator_view(MANAGE_ACCOUNT)
def customer_data(request: OperatorRequest, pk: int) -> HttpResponse:
    """What is in the file, and the button that has it made."""
    found = get_object_or_404(Customer.objects.filter(account=request.account), pk=pk)
    found.account = request.account
    if request.method == "POST":
        sent, now = IdempotentForm(request.POST), timezone.now()
        key = sent.cleaned_data["key"] if sent.is_valid() else uuid4()
        begun = begin_own_data(found, who=request.user.email, key=key, is_asked_by_studio=True, now=now)
        return redirect("dashboard:operation", account=request.account.slug, pk=begun.pk)
    context = {
        "section": "customers",
        "customer": found,
        "titles": [section.title for section in sections()],
        "form": IdempotentForm(auto_id=False),
        "days": KEPT.days,
    }
    return render(request, "accounts/dashboard/customer_data.html", context)
