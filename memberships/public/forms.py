"""Choosing a price."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookwhen.forms import Form
from memberships.models import Price
from memberships.public.membership_cards import MembershipCard


class PriceForm(Form):
    """By which of a membership's prices it is bought; asked only where there are several."""

    price = forms.ChoiceField(
        label=_("How would you like to pay?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a price"),
            "invalid_choice": _("Choose a price: that one is no longer available"),
        },
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - the form's own
        shown: MembershipCard,
        chosen: str = "",
        **kwargs: Any,  # noqa: ANN401 - the form's own
    ) -> None:
        """`chosen` is the price (its uuid) to begin with, where there is such a one."""
        super().__init__(*args, **kwargs)
        self._prices = {str(tag.price.uuid): tag.price for tag in shown.price_options}
        field = self.fields["price"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(str(tag.price.uuid), tag.text) for tag in shown.price_options]
        field.initial = chosen if chosen in self._prices else next(iter(self._prices))
        if len(self._prices) == 1:
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> Price:
        """The price that a valid form names."""
        return self._prices[self.cleaned_data["price"]]
