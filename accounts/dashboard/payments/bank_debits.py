"""*Accept bank debits*: whether customers may pay in a way that takes days (docs/decisions/0034)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.models import Account
from accounts.services import save_settings
from bookwhen.forms import Form


class BankDebitsForm(Form):
    """The account's one choice: cards and wallets alone, or bank debits as well."""

    accepts_bank_debits = forms.BooleanField(
        label=gettext_lazy("Accept bank debits"),
        required=False,
        help_text=gettext_lazy(
            "SEPA, Bacs, ACH and the like, where you’ve switched them on in Stripe. They cost less than cards, but it "
            "takes days until you know whether they were paid. Bookings are kept meanwhile. If a payment fails, its "
            "spaces are released; if the event has already started, the customer owes you the money."
        ),
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, initial={"accepts_bank_debits": account.accepts_bank_debits}, **kwargs)


@operator_view(MANAGE_ACCOUNT)
@require_POST
def payments_debits(request: OperatorRequest) -> HttpResponse:
    """*Accept bank debits*: from the next checkout on; payments that are on their way are seen through either way."""
    form = BankDebitsForm(request.POST, account=request.account)
    if form.is_valid():
        request.account.accepts_bank_debits = form.cleaned_data["accepts_bank_debits"]
        save_settings(request.account, {"accepts_bank_debits": _("Accept bank debits")})
        messages.success(request, _("Settings saved"))
    return redirect("dashboard:payments", account=request.account.slug)
