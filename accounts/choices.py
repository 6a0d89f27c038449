"""What an operator chooses from: time zones, currencies, and the languages of pages and emails."""

from functools import cache
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from django.conf import settings
from django.utils.translation import gettext as _

CURRENCIES: Final = """
    AED AUD BGN BRL CAD CHF CZK DKK EUR GBP HKD HUF ILS INR ISK JPY KRW KWD MXN MYR NOK NZD PLN RON SEK SGD THB TRY
    USD ZAR
    """.split()  # noqa: SIM905 - thirty lines of one code each read worse
OUTSIDE: Final = frozenset({"Arctic", "Etc", "SystemV", "US", "posix", "right"})
"""Parts of the time zone database that name no region people would look under."""

Choices = list[tuple[str, str]]
Grouped = list[tuple[str, Choices]]


@cache
def time_zones() -> Grouped:
    """Every time zone by region, as a person would look for theirs; UTC last."""
    regions: dict[str, Choices] = {}
    for name in sorted(available_timezones()):
        region, _slash, place = name.partition("/")
        if place and region not in OUTSIDE:
            regions.setdefault(region, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [*regions.items(), (_("Other"), [("UTC", "UTC")])]


@cache
def currencies() -> Choices:
    """Currencies that Stripe settles, with their names."""
    names = Locale("en", "GB").currencies
    return [(code, f"{code} – {names[code]}") for code in CURRENCIES]


def locales() -> Choices:
    """The languages that the site speaks, each as in some country, which decides how amounts are written."""
    return list(settings.LANGUAGES)
