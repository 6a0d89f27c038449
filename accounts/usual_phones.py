"""Phone numbers as most people write them, read without asking the library each time.

The library thinks of every number that there is, forty microseconds of a processor each: a list may have a hundred
thousand. What is read here is read alike by the library (a test tries both); everything else is left to it.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import phonenumbers

_DIGITS: Final = re.compile(r"(\+?)([0-9](?:[ -]?[0-9])*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Country:
    """How numbers are written in a country."""

    code: str
    """What stands before its numbers abroad."""
    abroad: re.Pattern[str]
    """What is dialled before another country's."""
    prefix: re.Pattern[str]
    """What is dialled before its own."""
    numbers: re.Pattern[str]
    lengths: frozenset[int]


def usual_phone(text: str, region: str | None) -> str:
    """A number of a country as E.164 writes it; empty where it is of another, or odd in any way."""
    found = _DIGITS.fullmatch(text)
    country = _country(region) if found and region else None
    if found is None or country is None:
        return ""
    digits = found[2].replace(" ", "").replace("-", "")
    if found[1]:
        number = digits.removeprefix(country.code)
        if number == digits or country.prefix.match(number):
            return ""
    elif country.abroad.match(digits) or digits.startswith(country.code):
        return ""
    else:
        prefix = country.prefix.match(digits)
        number = digits[prefix.end() :] if prefix else digits
    is_usual = number[:1] != "0" and len(number) in country.lengths and country.numbers.fullmatch(number)
    return f"+{country.code}{number}" if is_usual else ""


@cache  # there are some 250
def _country(region: str) -> _Country | None:
    """What is known of a country; None for one that shares its code with others, or says more before a number."""
    known = phonenumbers.PhoneMetadata.metadata_for_region(region)
    code, numbers = (known.country_code, known.general_desc) if known else (None, None)
    if known is None or code is None or numbers is None or phonenumbers.region_code_for_country_code(code) != region:
        return None
    prefix = re.compile(known.national_prefix_for_parsing or r"(?!)")
    if prefix.groups or known.national_prefix_transform_rule or not numbers.national_number_pattern:
        return None
    return _Country(
        code=str(code),
        abroad=re.compile(known.international_prefix or r"(?!)"),
        prefix=prefix,
        numbers=re.compile(numbers.national_number_pattern),
        lengths=frozenset(numbers.possible_length),
    )
