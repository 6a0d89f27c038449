"""The account's plan."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.dashboard.forms import PlanForm
from accounts.models import Plan
from accounts.plans import PLANS
from accounts.services import change_plan
from groups.queries import groups_of


@operator_view(MANAGE_ACCOUNT)
def plan(request: OperatorRequest) -> HttpResponse:
    """*Plan*: what each has, and the switch."""
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_plan(request.account, Plan(form.cleaned_data["plan"]))
        if request.GET.get("for") == "groups" and request.account.has_groups:
            messages.success(request, _("Plan changed. You can use customer groups now."))
            return redirect("dashboard:groups", account=request.account.slug)
        messages.success(request, _("Plan changed"))
        return redirect("dashboard:plan", account=request.account.slug)
    context = {"section": "settings", "tab": "plan", "plans": PLANS, "groups": groups_of(request.account).count()}
    return render(request, "accounts/dashboard/plan.html", context, status=422 if form.errors else 200)
