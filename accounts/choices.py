"""What an operator chooses from: time zones, currencies, and the languages dates and money are written in."""

from functools import cache
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from django.utils.translation import gettext as _

CURRENCIES: Final = """
    AED AUD BGN BRL CAD CHF CZK DKK EUR GBP HKD HUF ILS INR ISK JPY KRW KWD MXN MYR NOK NZD PLN RON SEK SGD THB TRY
    USD ZAR
    """.split()  # noqa: SIM905 - thirty lines of one code each read worse
LOCALES: Final = """
    en-gb en-au en-ca en-ie en-nz en-us en-za da-dk de-at de-ch de-de es-es es-mx fi-fi fr-be fr-ca fr-ch fr-fr it-it
    ja-jp nb-no nl-be nl-nl pl-pl pt-br pt-pt sv-se
    """.split()  # noqa: SIM905 - the same
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


@cache
def locales() -> Choices:
    """Languages and places, each by its own name: how dates and money are written."""
    return [(code, Locale.parse(code, sep="-").get_display_name("en_GB") or code) for code in LOCALES]
