"""What an operator chooses from: time zones, currencies, and the languages of pages and emails."""

from functools import cache
from typing import Final

from babel import Locale
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.zones import UTC_NAME, offered_zones

CURRENCIES: Final = """
    AED AUD BGN BRL CAD CHF CZK DKK EUR GBP HKD HUF ILS INR ISK JPY KRW KWD MXN MYR NOK NZD PLN RON SEK SGD THB TRY
    USD ZAR
    """.split()  # noqa: SIM905 - thirty lines of one code each read worse
Choices = list[tuple[str, str]]
Grouped = list[tuple[str, Choices]]


@cache
def time_zones() -> Grouped:
    """Every time zone that can be chosen by region, as a person would look for theirs; UTC last."""
    regions: dict[str, Choices] = {}
    for name in offered_zones():
        region, _slash, place = name.partition("/")
        if place:
            regions.setdefault(region, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [*regions.items(), (_("Other"), [(UTC_NAME, UTC_NAME)])]


@cache
def currencies() -> Choices:
    """Currencies that Stripe settles, with their names."""
    names = Locale("en", "GB").currencies
    return [(code, f"{code} – {names[code]}") for code in CURRENCIES]


def locales() -> Choices:
    """The languages that the site speaks, each as in some country, which decides how amounts are written."""
    return list(settings.LANGUAGES)
