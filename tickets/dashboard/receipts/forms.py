"""The forms of *Receipts and VAT*."""

import re
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookwhen.forms import Form, affix
from tickets.models import ReceiptCounter, ReceiptSettings, VatRate
from tickets.models.vat import ADDRESS_LENGTH, MOST_POINTS, PREFIX_LENGTH, VAT_NUMBER_LENGTH
from tickets.money.receipts.business import Business

VAT_NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9 .+*/-]{3,}\Z")
MOST_NUMBER: Final = 9_999_999
KEEP: Final = ""


class PercentField(forms.DecimalField):
    """A rate in percent, of at most two decimals; cleaned, it is whole basis points."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - a field's own
        given: dict[str, Any] = {"min_value": 0, "max_value": MOST_POINTS // 100, "decimal_places": 2}
        super().__init__(**given | kwargs)
        affix(self, after="%")

    def to_python(self, value: object) -> Any:  # noqa: ANN401 - a field's own
        """Read it, with a percent sign or without."""
        return super().to_python(value.replace("%", "").strip() if isinstance(value, str) else value)

    def clean(self, value: object) -> Any:  # noqa: ANN401 - a field's own
        """What was typed, in basis points; None where it is empty."""
        found: Decimal | None = super().clean(value)
        return None if found is None else int(found * 100)

    def prepare_value(self, value: object) -> object:
        """Basis points as people write them."""
        return f"{Decimal(value) / 100:f}" if isinstance(value, int) else value


class BusinessForm(Form):
    """What receipts say of the business. Prefix and first number are asked for until a receipt was issued."""

    conditional = frozenset({"default_rate"})

    business_name = forms.CharField(
        label=gettext_lazy("Business name"),
        max_length=200,
        help_text=gettext_lazy("The legal name of your business. It’s on every receipt."),
    )
    business_address = forms.CharField(
        label=gettext_lazy("Business address"),
        max_length=ADDRESS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    vat_number = forms.CharField(
        label=gettext_lazy("VAT number"),
        max_length=VAT_NUMBER_LENGTH,
        required=False,
        help_text=gettext_lazy("Leave blank if you’re not registered for VAT. Receipts then show no VAT."),
    )
    default_rate = forms.TypedChoiceField(
        label=gettext_lazy("Default VAT rate"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=gettext_lazy("For every ticket that has no rate of its own."),
    )
    number_prefix = forms.CharField(
        label=gettext_lazy("Prefix"),
        max_length=PREFIX_LENGTH,
        required=False,
        help_text=gettext_lazy("Goes before every number, such as “2026-”."),
    )
    first_number = forms.IntegerField(
        label=gettext_lazy("First number"),
        min_value=1,
        max_value=MOST_NUMBER,
        initial=1,
        help_text=gettext_lazy("To continue a series that you’ve numbered elsewhere, enter its next number."),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - the form's
        settings: ReceiptSettings,
        counter: ReceiptCounter,
        rates: list[VatRate],
        **kwargs: Any,  # noqa: ANN401 - the form's
    ) -> None:
        self.settings, self.counter = settings, counter
        super().__init__(*args, initial=_initial(settings, counter), **kwargs)
        default = self.field_as("default_rate", forms.TypedChoiceField)
        default.choices = [("", _("No VAT")), *((rate.pk, str(rate)) for rate in rates)]
        if not rates:
            del self.fields["default_rate"]
        if counter.has_begun:
            del self.fields["number_prefix"], self.fields["first_number"]

    def clean_vat_number(self) -> str:
        """Refuse what cannot be one."""
        number = str(self.cleaned_data["vat_number"]).upper()
        if number and not VAT_NUMBER.match(number):
            raise ValidationError(_("Enter a VAT number like GB 123 4567 89"))
        return number

    def business(self) -> Business:
        """What was said, once valid."""
        given, kept = self.cleaned_data, self.settings.default_rate_id
        return Business(
            name=given["business_name"],
            address=given["business_address"],
            vat_number=given["vat_number"],
            prefix=given.get("number_prefix", self.settings.prefix),
            first_number=given.get("first_number", self.counter.first),
            # The form that turned them on, sent again, asks for no default, and takes away none.
            default_rate=given.get("default_rate", kept) if "default_rate" in self.data else kept,
        )


class TurnOnForm(BusinessForm):
    """The same before receipts are numbered, with the rate that most tickets have."""

    conditional = frozenset({"default_rate", "rate"})

    rate = PercentField(
        label=gettext_lazy("VAT rate of your tickets"),
        required=False,
        help_text=gettext_lazy("Your prices include it. You can add other rates, and choose one for each ticket."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        if "default_rate" in self.fields:
            del self.fields["rate"]

    def clean(self) -> None:
        """Ask for a rate where there is a VAT number, and for nothing of it where there is none."""
        if self.cleaned_data.get("vat_number") and "rate" in self.fields and "rate" not in self.errors:
            if self.cleaned_data.get("rate") is None:
                self.add_error("rate", _("Enter the VAT rate of your tickets, such as 20. Enter 0 if it’s none."))
        elif not self.cleaned_data.get("vat_number") and "vat_number" not in self.errors:
            self.errors.pop("rate", None)
            self.cleaned_data["rate"] = None


class RateForm(Form):
    """A VAT rate."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("Such as “Standard” or “Reduced”.")
    )
    rate = PercentField(label=gettext_lazy("Rate"))

    def __init__(self, *args: Any, rate: VatRate | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        initial = {"name": rate.name, "rate": rate.basis_points} if rate else {}
        super().__init__(*args, initial=initial, **kwargs)

    def refuse_name(self) -> None:
        """Say that another rate is called so."""
        self.add_error("name", _("Choose another name. You already have a rate called this. It may be retired."))


class RetireForm(Form):
    """What becomes of tickets that have a rate."""

    instead = forms.TypedChoiceField(
        label=gettext_lazy("Tickets that have this rate"), coerce=int, empty_value=None, required=False
    )

    conditional = frozenset({"instead"})

    def __init__(self, *args: Any, rate: VatRate, others: list[VatRate], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.others = {each.pk: each for each in others}
        change = _("Change them to %(rate)s")
        self.field_as("instead", forms.TypedChoiceField).choices = [
            (KEEP, _("Keep %(rate)s") % {"rate": rate}),
            *((each.pk, change % {"rate": each}) for each in others),
        ]

    @property
    def chosen(self) -> VatRate | None:
        """Which rate they get; None: they keep theirs."""
        return self.others.get(self.cleaned_data["instead"])


def _initial(settings: ReceiptSettings, counter: ReceiptCounter) -> dict[str, object]:
    names = ("business_name", "business_address", "vat_number")
    found: dict[str, object] = {name: getattr(settings, name) for name in names}
    return found | {
        "default_rate": settings.default_rate_id,
        "number_prefix": settings.prefix,
        "first_number": counter.first,
    }
