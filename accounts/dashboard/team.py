"""The account's team."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view, upgrade_page
from accounts.dashboard.forms import RoleForm, StaffForm, TwoStepForm
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.roles import AREAS
from accounts.models import Role, Staff
from accounts.services import (
    AlreadyOnTeamError,
    LastOwnerError,
    PlanLimitError,
    add_staff,
    change_role,
    has_room_for_staff,
    remove_staff,
    save_settings,
)
from accounts.two_step import passed_second_step


@operator_view(MANAGE_ACCOUNT)
def team(request: OperatorRequest) -> HttpResponse:
    """*Team*: by address alone, so that nobody learns by adding one whether it has a login, or whose it is."""
    staff = request.account.staff.select_related("user").order_by("user__email")
    context = {"section": "team", "staff": staff, "areas": AREAS, "two_step": TwoStepForm(instance=request.account)}
    return render(request, "accounts/dashboard/team.html", context)


@operator_view(MANAGE_ACCOUNT)
def team_two_step(request: OperatorRequest) -> HttpResponse:
    """Ask the team for two-step login, or no longer; anyone who switches it on must have taken the second step."""
    form = TwoStepForm(request.POST, instance=request.account)
    if request.method != "POST" or not form.is_valid():
        return redirect("dashboard:team", account=request.account.slug)
    if form.cleaned_data["requires_two_step"] and not passed_second_step(request):
        messages.info(request, _("Use two-step login yourself first, then switch it on for the team."))
        return redirect(f"{reverse('my_second_step')}?{urlencode({'next': dashboard_url(request, 'team')})}")
    save_settings(request.account, {"requires_two_step": _("Team members must use two-step login")})
    on = request.account.requires_two_step
    messages.success(request, _("Two-step login required") if on else _("Two-step login optional"))
    return redirect("dashboard:team", account=request.account.slug)


@operator_view(MANAGE_ACCOUNT)
def staff_new(request: OperatorRequest) -> HttpResponse:
    """Add somebody by e-mail address; below Standard there is one team member (help article 6544463)."""
    if not has_room_for_staff(request.account):
        return upgrade_page(request)
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            add_staff(request.account, email=email, role=role, now=timezone.now())
        except AlreadyOnTeamError:
            form.add_error("email", _("This person is already on the team. Change their role in the list."))
        except PlanLimitError:
            return upgrade_page(request)
        else:
            messages.success(request, _("%(email)s is now on the team, and we’ve emailed them.") % {"email": email})
            return redirect("dashboard:team", account=request.account.slug)
    context = {"section": "team", "form": form, "areas": AREAS}
    return render(request, "accounts/dashboard/staff_form.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_ACCOUNT)
def staff_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """Give a team member another role."""
    staff = _fetch(request, pk)
    form = RoleForm(request.POST or None, instance=staff)
    if request.method == "POST" and form.is_valid():
        try:
            change_role(staff, Role(form.cleaned_data["role"]))
        except LastOwnerError:
            form.add_error("role", _("Make someone else an owner first. An account needs at least one."))
        else:
            messages.success(request, _("Role changed"))
            return _after(request, staff)
    context = {"section": "team", "form": form, "staff": staff, "areas": AREAS}
    return render(request, "accounts/dashboard/staff_form.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_ACCOUNT)
def staff_remove(request: OperatorRequest, pk: int) -> HttpResponse:
    """Take somebody off the team."""
    staff = _fetch(request, pk)
    if request.method == "POST":
        try:
            remove_staff(staff)
        except LastOwnerError:
            messages.error(request, _("Make someone else an owner first. An account needs at least one."))
        else:
            messages.success(request, _("Team member removed"))
        return _after(request, staff)
    return render(request, "accounts/dashboard/staff_remove.html", {"section": "team", "staff": staff})


def _after(request: OperatorRequest, staff: Staff) -> HttpResponse:
    # Who changed their own role may see the team no more.
    if staff.user == request.user:
        return redirect("dashboard_choose")
    return redirect("dashboard:team", account=request.account.slug)


def _fetch(request: OperatorRequest, pk: int) -> Staff:
    return get_object_or_404(request.account.staff.select_related("user"), pk=pk)
