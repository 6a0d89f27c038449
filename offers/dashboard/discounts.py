"""The form *Edit offer* for a discount: what it takes off, and the same terms as every offer has."""

from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.forms import affix
from bookwhen.money_field import MoneyField
from offers.dashboard.forms import OfferForm
from offers.models import OfferKind

WHOLE: Final = 100


class DiscountForm(OfferForm):
    """Every setting of a discount offer: percent or amount off, for tickets exclusive or not (seeds: announced)."""

    conditional: ClassVar[frozenset[str]] = OfferForm.conditional | {"percent", "amount_off"}
    no_ticket = _("Choose at least one ticket, or “All tickets”")

    percent = forms.IntegerField(label=_("Percent off"), required=False, min_value=1, max_value=WHOLE)
    amount_off = MoneyField(
        label=_("Amount off"),
        required=False,
        help_text=_("Taken off each ticket, up to its full price. Leave this empty to use a percentage."),
    )
    scope = forms.ChoiceField(
        label=_("Tickets"),
        choices=[(OfferForm.PAGES, _("All tickets")), (OfferForm.TICKETS, _("Select individual tickets"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.field_as("amount_off", MoneyField).set_currency(account.currency, account.locale)
        affix(self.fields["percent"], after="%")
        for name, words in _HELP.items():
            self.fields[name].help_text = words

    def clean(self) -> dict[str, Any]:
        """Ask for one of percent and amount."""
        cleaned = super().clean()
        if not {"percent", "amount_off"} & set(self.errors):
            both = (cleaned.get("percent"), cleaned.get("amount_off"))
            if all(both):
                self.add_error("amount_off", _("Enter a percentage or an amount, not both"))
            elif not any(both):
                self.add_error("percent", _("Enter a percentage from 1 to 100, or an amount below"))
        return cleaned

    def gives(self) -> dict[str, Any]:
        """What it takes off."""
        entered = self.cleaned_data
        return {"kind": OfferKind.DISCOUNT, "percent": entered["percent"], "amount_off": entered["amount_off"]}


_HELP: Final = {
    "additional_attendees": _(
        "With 2, a member gets the discount on 3 spaces at each event. They don’t have to attend themselves."
    ),
    "limited": _("Each discounted ticket is one use. Leave unticked for unlimited uses."),
    "pages": _("All tickets there, exclusive or not, including any you add later."),
}
