"""Money for people: amounts are integer minor units everywhere else."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision
from django import template

TWO_AT_STRIPE: Final = frozenset({"ISK", "UGX"})
"""Currencies without decimals that Stripe counts in hundredths all the same (its document, *Currencies*)."""

THREE: Final = 3
MOST: Final = 99_999_999
"""The most that Stripe takes at once, in minor units: eight digits."""

LEAST: Final = {
    "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
    "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200,
    "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
"""The least that Stripe takes at once, in minor units, where its document *Currencies* says so."""

register = template.Library()


def decimals(currency: str) -> int:
    """How many decimals the minor unit of a currency (ISO 4217, capitals) stands for."""
    return 2 if currency in TWO_AT_STRIPE else get_currency_precision(currency)


def step(currency: str) -> int:
    """The smallest amount that Stripe charges in a currency, in its minor units.

    Of three decimals the last is 0, and so are both that are only counted (Stripe's document, *Currencies*).
    """
    if currency in TWO_AT_STRIPE:
        return 100
    return 10 if decimals(currency) == THREE else 1


def least(currency: str) -> int:
    """The least that Stripe takes at once, in minor units of a currency; its smallest step where that is unknown."""
    return LEAST.get(currency, step(currency))


def amount_of(minor: int, currency: str) -> Decimal:
    """Minor units as an amount: 1250 in GBP is 12.50."""
    return Decimal(minor).scaleb(-decimals(currency))


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount in minor units; raises ValueError where the currency has no unit that small."""
    scaled = amount.scaleb(decimals(currency))
    try:
        whole = scaled.to_integral_exact()
    except InvalidOperation as error:
        raise ValueError(str(amount)) from error
    if whole != scaled:
        raise ValueError(str(amount))
    return int(whole)


@register.simple_tag(name="money")
@lru_cache(10_000)  # a long basket tells hundreds of amounts, and Babel takes a millisecond for each
def money(minor: int, currency: str, locale: str) -> str:
    """Minor units of a currency as people of a locale (`en-gb`) write them: £12.50."""
    return str(format_currency(amount_of(minor, currency), currency, locale=locale_of(locale)))


def locale_of(name: str) -> Locale:
    """How people of a locale (`en-gb`) write; as the British do where it is unknown."""
    try:
        return Locale.parse(name, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")
