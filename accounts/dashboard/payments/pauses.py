"""*Pauses*: whether members may pause their memberships, for how long, and from when a pause rests their access."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.dashboard.payments.forms import LABEL
from accounts.models import LONGEST_PAUSE, Account, PauseAccess
from accounts.services import save_settings
from bookwhen.forms import ModelForm, affix
from memberships.sync import resync_standings

UNPROCESSABLE: Final = 422
FIELDS: Final = ["members_pause", "longest_pause_days", "pause_access"]
MEANS: Final[dict[PauseAccess, str | Promise]] = {
    PauseAccess.PERIOD_END: gettext_lazy("What they’ve already paid for stays theirs to use."),
    PauseAccess.START: gettext_lazy(
        "They can’t book exclusive tickets during the pause, even in a period they’ve paid for."
    ),
}
"""What each choice means for a member whose membership is paused."""


class PausesForm(ModelForm[Account]):
    """What an account allows its members, and what a pause means for their access."""

    longest_pause_days = forms.IntegerField(
        label=gettext_lazy("Longest pause"),
        min_value=1,
        max_value=LONGEST_PAUSE,
        help_text=gettext_lazy(
            "For members who pause it themselves. You can pause a membership for as long as you like."
        ),
    )

    class Meta:
        model = Account
        fields: ClassVar = FIELDS
        labels: ClassVar = {
            "members_pause": gettext_lazy("Members can pause their own memberships"),
            "pause_access": gettext_lazy("Members whose membership is paused"),
        }
        widgets: ClassVar = {"pause_access": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        affix(self.fields["longest_pause_days"], after=_("days"))
        field = self.field_as("pause_access", forms.ChoiceField)
        field.choices = [(choice.value, format_html(LABEL, choice.label, MEANS[choice])) for choice in PauseAccess]


@operator_view(MANAGE_ACCOUNT)
def pauses(request: OperatorRequest) -> HttpResponse:
    """*Pauses*: what is chosen applies to paused memberships immediately."""
    account = request.account
    form = PausesForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        save_settings(account, {name: form.fields[name].label or name for name in FIELDS})
        resync_standings(account, now=timezone.now())
        messages.success(request, _("Settings saved"))
        return redirect("dashboard:payments", account=account.slug)
    context = {"section": "settings", "tab": "payments", "form": form}
    return render(request, "accounts/dashboard/pauses.html", context, status=UNPROCESSABLE if form.errors else 200)
