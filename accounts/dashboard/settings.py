"""The account's details and booking preferences."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.dashboard.forms import HOUR, SettingsForm
from accounts.models import Account
from accounts.services import save_settings
from bookwhen.money import decimals, money
from tickets.booking.cancel import refund_share
from tickets.models import Entry, Seat
from tickets.queries import has_entries


@operator_view(MANAGE_ACCOUNT)
def account_settings(request: OperatorRequest) -> HttpResponse:
    """*Settings*: the time zone is fixed once there is an entry (docs/design.md, *Time*)."""
    fixed = has_entries(request.account)
    form = SettingsForm(request.POST or None, instance=request.account, zone_is_fixed=fixed)
    if request.method == "POST" and form.is_valid():
        form.save(commit=False)
        save_settings(request.account, form.names)
        messages.success(request, _("Settings saved"))
        return redirect("dashboard:settings", account=request.account.slug)
    if form.errors:
        # The form wrote on the account that the menu and the examples show.
        request.account.refresh_from_db()
    context = {"section": "settings", "tab": "details", "form": form, "examples": examples(request.account)}
    return render(request, "accounts/dashboard/settings.html", context, status=422 if form.errors else 200)


def examples(account: Account) -> list[str]:
    """What an account's saved preferences mean for a customer who cancels a ticket of twelve, in sentences.

    Of twelve hundred, where the currency has no smaller unit.
    """
    if not account.customers_cancel:
        return [_("Customers can’t cancel. You can cancel at any time and choose how much to refund.")]
    back = _back(account, account.refund_percent, use=True)
    hours = account.cancellation_cutoff_minutes // HOUR
    if not hours:
        return [_("If they cancel before the start, %(back)s.") % {"back": back}]
    words = ngettext(
        "If they cancel at least %(count)d hour before, %(back)s.",
        "If they cancel at least %(count)d hours before, %(back)s.",
        hours,
    )
    late = _back(account, account.late_refund_percent, use=account.returns_late_uses)
    return [words % {"count": hours, "back": back}, _("If they cancel later, %(back)s.") % {"back": late}]


def _back(account: Account, percent: int, *, use: bool) -> str:
    digits = decimals(account.currency)
    paid = 12 * 10**digits if digits else 1200
    share = refund_share(Seat(amount=paid, entry=Entry(account=account)), percent)
    words = _("%(share)s of %(paid)s is refunded and a member’s use is returned")
    if not use:
        words = _("%(share)s of %(paid)s is refunded and a member’s use isn’t returned")
    return words % {
        "share": money(share, account.currency, account.locale),
        "paid": money(paid, account.currency, account.locale),
    }
