"""The form of a discount code: what it takes off, off which tickets, when, and how often."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Account
from bookwhen.forms import IdempotentForm, affix
from bookwhen.money_field import MoneyField
from bookwhen.picker import Picked, PickerField, Source
from tickets.models import CODE_LENGTH, CODE_NOTE_LENGTH, DiscountCode, fold_code
from tickets.models.codes import SHORTEST_CODE
from tickets.schedule.codes import CodeSettings, code_settings
from tickets.schedule.coverage import CoverageChange
from tickets.schedule.offers_summary import READ, Covered

WHOLE: Final = 100
MOST_BOOKINGS: Final = 1_000_000
_MARKS: Final = re.compile(r"[^\w-]|_")


class DiscountCodeForm(IdempotentForm):
    """Every setting of a discount code. What a choice leaves out of sight is not looked at."""

    PAGES, TICKETS = "pages", "tickets"
    conditional: ClassVar[frozenset[str]] = frozenset({"percent", "amount_off", "pages", "tickets"})

    code = forms.CharField(
        label=_("Code"),
        max_length=CODE_LENGTH,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("What customers type, such as SPRING10. Capitals, spaces and hyphens don’t matter."),
    )
    percent = forms.IntegerField(label=_("Percent off"), required=False, min_value=1, max_value=WHOLE)
    amount_off = MoneyField(
        label=_("Amount off"),
        required=False,
        help_text=_("Taken off each ticket, up to its full price. Leave this empty to use a percentage."),
    )
    scope = forms.ChoiceField(
        label=_("Tickets"),
        choices=[(PAGES, _("All tickets")), (TICKETS, _("Select individual tickets"))],
        widget=forms.RadioSelect,
    )
    pages = PickerField(
        label=_("Only on these schedule pages"),
        required=False,
        help_text=_("Tick none for all your pages. Exclusive tickets aren’t included: select them individually."),
    )
    tickets = PickerField(label=_("Tickets"), required=False)
    starts_on = forms.DateField(label=_("First day"), required=False, help_text=_("Leave empty to start now."))
    ends_on = forms.DateField(label=_("Last day"), required=False, help_text=_("Leave empty for no end."))
    limit = forms.IntegerField(
        label=_("Bookings in total"),
        required=False,
        min_value=1,
        max_value=MOST_BOOKINGS,
        help_text=_("A booking counts once, however many tickets it has."),
    )
    customer_limit = forms.IntegerField(
        label=_("Bookings for each customer"),
        required=False,
        min_value=1,
        max_value=MOST_BOOKINGS,
        help_text=_("Counted by email address."),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=CODE_NOTE_LENGTH, help_text=_("Only your team sees it.")
    )
    enabled = forms.BooleanField(
        label=_("Can be used"), required=False, help_text=_("Untick to switch the code off without deleting it.")
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        account: Account,
        pages: Source,
        tickets: Source,
        locked: bool = False,
        **kwargs: Any,  # noqa: ANN401 - the form's own
    ) -> None:
        super().__init__(data, **kwargs)
        self.field_as("amount_off", MoneyField).set_currency(account.currency, account.locale)
        affix(self.fields["percent"], after="%")
        self.field_as("pages", PickerField).set_source(pages)
        self.field_as("tickets", PickerField).set_source(tickets)
        for name in ("code", "percent", "amount_off") if locked else ():
            self.fields[name].disabled = True

    def clean_code(self) -> str:
        """The code in capitals without spaces; refuse what cannot be typed with confidence."""
        code = re.sub(r"\s", "", self.cleaned_data["code"]).upper()[:CODE_LENGTH]
        if not self.fields["code"].disabled and _MARKS.search(code):
            raise forms.ValidationError(_("Use only letters, digits and hyphens, such as SPRING-10"), code="marks")
        if len(fold_code(code)) < SHORTEST_CODE:
            raise forms.ValidationError(
                _("Use at least 3 letters or digits, so that nobody guesses it by chance"), code="short"
            )
        return code

    def clean(self) -> dict[str, Any]:
        """Ask for one of percent and amount, for tickets where they are selected, and for days in their order."""
        cleaned = self.cleaned_data
        for name in [name for name in ("code", "percent", "amount_off") if self.fields[name].disabled]:
            # What stays is as it is: a field would read its minor units as an amount that was typed.
            self.errors.pop(name, None)
            cleaned[name] = self.initial[name]
        self._clean_saving(cleaned)
        if cleaned.get("scope") == self.TICKETS:
            self._pass_over("pages")
            if "tickets" not in self.errors and not cleaned.get("tickets"):
                self.add_error("tickets", _("Choose at least one ticket, or “All tickets”"))
        else:
            self._pass_over("tickets")
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("Choose a last day that isn’t before the first one"))
        return cleaned

    def settings(self) -> CodeSettings:
        """What was entered."""
        entered = self.cleaned_data
        return CodeSettings(**{name: entered[name] for name in CodeSettings.__slots__})

    def cover(self) -> CoverageChange:
        """What changes in what the code is for."""
        if self.cleaned_data["scope"] == self.TICKETS:
            picked: Picked = self.cleaned_data["tickets"]
            return CoverageChange(keeps_tickets=True, add=picked.add, drop=picked.drop)
        return CoverageChange(pages=self.field_as("pages", PickerField).all_of(self.cleaned_data["pages"]))

    def covered(self) -> Covered:
        """What the code is for as it was entered, as far as a sentence names it."""
        if self.cleaned_data["scope"] == self.PAGES:
            field = self.field_as("pages", PickerField)
            ids = field.all_of(self.cleaned_data["pages"])
            return Covered([page.title for page in field.source.every.filter(pk__in=ids).order_by("pk")])
        source, picked = self.field_as("tickets", PickerField).source, self.cleaned_data["tickets"]
        kept = source.chosen.exclude(pk__in=picked.drop).order_by().values_list("pk", flat=True)[:READ]
        named = source.every.filter(pk__in={*kept, *picked.add}).order_by("pk")[:READ]
        names = [ticket.name for ticket in named]
        return Covered((), names, has_more=len(names) == READ)

    def refuse_limit(self, used: int) -> None:
        """Say that it was used more often than the limit that was entered."""
        words = ngettext(
            "Enter %(count)d or more: %(count)d booking has used it",
            "Enter %(count)d or more: %(count)d bookings have used it",
            used,
        )
        self.add_error("limit", words % {"count": used})

    def _clean_saving(self, cleaned: dict[str, Any]) -> None:
        if {"percent", "amount_off"} & set(self.errors):
            return
        both = (cleaned.get("percent"), cleaned.get("amount_off"))
        if all(both):
            self.add_error("amount_off", _("Enter a percentage or an amount, not both"))
        elif not any(both):
            self.add_error("percent", _("Enter a percentage from 1 to 100, or an amount below"))

    def _pass_over(self, name: str) -> None:
        self.errors.pop(name, None)
        self.cleaned_data[name] = Picked()


def initial_of(code: DiscountCode, *, has_tickets: bool) -> dict[str, Any]:
    """What the form shows of a code (with its `uses`) before anything is typed."""
    settings = code_settings(code)
    shown = {name: getattr(settings, name) for name in CodeSettings.__slots__}
    return shown | {"scope": DiscountCodeForm.TICKETS if has_tickets else DiscountCodeForm.PAGES}
