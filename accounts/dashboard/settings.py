"""The account's details and booking preferences."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.dashboard.forms import SettingsForm
from tickets.queries import entries_of


@operator_view(MANAGE_ACCOUNT)
def account_settings(request: OperatorRequest) -> HttpResponse:
    """*Settings*: the time zone is fixed once there is an entry (DESIGN.md, *May this customer book this ticket?*)."""
    fixed = entries_of(request.account).exists()
    form = SettingsForm(request.POST or None, instance=request.account, zone_is_fixed=fixed)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Settings saved"))
        return redirect("dashboard:settings", account=request.account.slug)
    if form.errors:
        # The form wrote on the account that the menu shows.
        request.account.refresh_from_db(fields=["name"])
    context = {"section": "settings", "tab": "details", "form": form}
    return render(request, "accounts/dashboard/settings.html", context, status=422 if form.errors else 200)
