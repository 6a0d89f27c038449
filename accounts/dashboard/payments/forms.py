"""Forms for an account's payments. A secret key that was typed is never shown again."""

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Unpaid
from bookwhen.forms import Form

KEY_LENGTH: Final = 300
LABEL: Final = '<span>{}<br><span class="soft small">{}</span></span>'

MEANS: Final[dict[Unpaid, str | Promise]] = {
    Unpaid.KEEP: _(
        "They go on booking as before while Stripe tries the payment again. Only when Stripe gives up do they lose"
        " access."
    ),
    Unpaid.STOP: _("They can’t book exclusive tickets until a payment has worked. What they have booked stands."),
}
"""What each choice means for a member whose payment failed."""


class KeyForm(Form):
    """The secret key of the Stripe account to connect to."""

    key = forms.CharField(
        label=_("Secret key"),
        max_length=KEY_LENGTH,
        help_text=_("It begins with sk_ (or rk_). It is kept encrypted and never shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class OtherKeyForm(KeyForm):
    """Another key for a connection; only where nobody pays through it may it be of another Stripe account."""

    replace = forms.BooleanField(label=_("This is the key of another Stripe account"), required=False)

    def __init__(self, *args: Any, may_replace: bool, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        if not may_replace:
            del self.fields["replace"]


class UnpaidForm(Form):
    """The account's policy for members whose payment failed."""

    unpaid_members = forms.ChoiceField(label=_("Members whose payment failed"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, initial={"unpaid_members": account.unpaid_members}, **kwargs)
        field = self.fields["unpaid_members"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(choice.value, format_html(LABEL, choice.label, MEANS[choice])) for choice in Unpaid]
