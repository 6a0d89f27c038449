"""The field of a form in which people type an amount of money, as they write it where they are."""

import re
from decimal import Decimal
from typing import Any, Final

from babel.numbers import (
    NumberFormatError,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
    parse_decimal,
)
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookwhen.forms import affix
from bookwhen.money import MOST, amount_of, least, locale_of, minor_units, money, step

LONGEST: Final = 30


class MoneyField(forms.CharField):
    """An amount above zero, cleaned to minor units of the currency; call `speak` before it is used.

    Numbers are read in the locale's way (12,50 in German), strictly: 12,50 is no English number. Refused is what Stripe
    could not charge: finer than the currency's unit, not a multiple of its smallest step, or of more than eight digits.
    `zero` is what to say to an amount that is none; `is_price`: what is less than Stripe takes at once is refused too.
    """

    def __init__(self, *, zero: str | Promise = "", is_price: bool = False, **kwargs: Any) -> None:  # noqa: ANN401 - the field's
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)
        self.zero, self.is_price, self.currency, self.locale = zero, is_price, "GBP", "en-gb"

    def set_currency(self, currency: str, locale: str) -> None:
        """Take amounts of this currency (ISO 4217, capitals), as people of this locale (`en-gb`) write them."""
        self.currency, self.locale = currency, locale
        affix(self, before=get_currency_symbol(currency, locale=locale_of(locale)))

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401 - as in Django
        """Minor units as people write them; what was typed stays."""
        if not isinstance(value, int):
            return value
        digits = get_currency_precision(self.currency)
        pattern = f"0.{'0' * digits}" if digits else "0"
        amount = amount_of(value, self.currency)
        return format_decimal(amount, format=pattern, locale=locale_of(self.locale))

    def clean(self, value: Any) -> int | None:  # noqa: ANN401 - as in Django
        """The amount in minor units; None where the field is empty and need not be filled in."""
        typed: str = super().clean(value)
        return self._minor(self._read(typed)) if typed else None

    def _read(self, typed: str) -> Decimal:
        locale = locale_of(self.locale)
        # Spaces between digits are for thousands alone: 12 50 may be meant as 12.50.
        grouped = re.sub(r"(?<=\d)\s(?=\d{3}(?!\d))", "", typed)
        if re.search(r"\d\s+\d", grouped):
            raise forms.ValidationError(self._unclear())
        text = re.sub(r"\s", "", grouped).replace("'", "’")
        for mark in (self.currency, get_currency_symbol(self.currency, locale=locale)):
            text = text.removeprefix(mark).removesuffix(mark)
        if not re.fullmatch(rf"[-+]?[\d.,’]{{1,{LONGEST}}}", text):
            raise forms.ValidationError(self._unclear())
        try:
            return parse_decimal(text, locale=locale, strict=True)
        except NumberFormatError as error:
            raise forms.ValidationError(self._unclear()) from error

    def _minor(self, amount: Decimal) -> int:
        if amount <= 0:
            raise forms.ValidationError(str(self.zero or _("Enter more than 0")))
        digits = get_currency_precision(self.currency)
        # Before it is rounded: of what has more digits than decimals are reckoned with, nothing can be.
        if amount > MOST or minor_units(round(amount, digits), self.currency) > MOST:
            most = money(MOST - MOST % step(self.currency), self.currency, self.locale)
            raise forms.ValidationError(
                _("Enter %(most)s or less: that’s the most Stripe can take at once") % {"most": most}
            )
        if amount != round(amount, digits):
            raise forms.ValidationError(self._too_fine(digits))
        minor = minor_units(amount, self.currency)
        if odd := minor % step(self.currency):
            words = _("Enter %(amount)s instead: %(currency)s is charged in steps of %(step)s")
            nearest = max(minor - odd, step(self.currency))
            shown = {"amount": self.prepare_value(nearest), "step": self.prepare_value(step(self.currency))}
            raise forms.ValidationError(words % {**shown, "currency": self.currency})
        if self.is_price and minor < least(self.currency):
            shown = {"least": money(least(self.currency), self.currency, self.locale)}
            raise forms.ValidationError(_("Enter %(least)s or more: that’s the least that can be paid by card") % shown)
        return minor

    def _too_fine(self, digits: int) -> str:
        if not digits:
            return _("Enter a whole number: %(currency)s has no smaller unit") % {"currency": self.currency}
        words = ngettext(
            "Use at most %(count)d digit after the decimal point",
            "Use at most %(count)d digits after the decimal point",
            digits,
        )
        return words % {"count": digits}

    def _unclear(self) -> str:
        usual = Decimal("12.50") if get_currency_precision(self.currency) else Decimal(1200)
        example = self.prepare_value(minor_units(usual, self.currency))
        return _("Enter an amount like %(example)s") % {"example": example}
