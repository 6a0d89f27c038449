"""Forms for an account's payments. A secret key that was typed is never shown again."""

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, PastDuePolicy
from bookwhen.forms import Form
from bookwhen.payments.stripe_objects import NAME_LENGTH

KEY_LENGTH: Final = 300
LABEL: Final = '<span>{}<br><span class="soft small">{}</span></span>'

MEANS: Final[dict[PastDuePolicy, str | Promise]] = {
    PastDuePolicy.KEEP: _(
        "They can book as usual while Stripe retries the payment. They only lose access if Stripe stops trying."
    ),
    PastDuePolicy.STOP: _(
        "They can’t book exclusive tickets until a payment succeeds. Their existing bookings are kept."
    ),
}
"""What each choice means for a member whose payment failed."""


class KeyForm(Form):
    """The secret key of the Stripe account to connect to."""

    key = forms.CharField(
        label=_("Secret key"),
        max_length=KEY_LENGTH,
        help_text=_("It starts with sk_ (or rk_). We store it encrypted and never show it again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class NameForm(Form):
    """What the Stripe account is called, where its key may not say so."""

    name = forms.CharField(
        label=_("Name of your Stripe account"),
        max_length=NAME_LENGTH,
        help_text=_("Stripe doesn’t tell us with this key. The name is only for you and your team to recognise it by."),
    )


class OtherKeyForm(KeyForm):
    """Another key for a connection; only where nobody pays through it may it be of another Stripe account."""

    replace = forms.BooleanField(label=_("This key is for another Stripe account"), required=False)

    def __init__(self, *args: Any, may_replace: bool, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        if not may_replace:
            del self.fields["replace"]


class PastDuePolicyForm(Form):
    """The account's policy for members whose payment failed."""

    past_due_policy = forms.ChoiceField(label=_("Members whose payment failed"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, initial={"past_due_policy": account.past_due_policy}, **kwargs)
        field = self.field_as("past_due_policy", forms.ChoiceField)
        field.choices = [(choice.value, format_html(LABEL, choice.label, MEANS[choice])) for choice in PastDuePolicy]
