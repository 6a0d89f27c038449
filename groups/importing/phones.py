"""Phone numbers as lists have them: with or without their country, their first 0 or their spaces."""

import re
from typing import Final

import phonenumbers
from babel.core import get_global
from phonenumbers import NumberParseException, PhoneNumberFormat

from accounts.models import Account
from accounts.models.customers import PHONE

_NOT_DIALLED: Final = re.compile(r"\D")
_KEPT: Final = re.compile(PHONE)


def region_of(account: Account) -> str:
    """The country whose numbers an account means: the one of its time zone, else of its language (`en-gb`)."""
    zones = get_global("zone_territories")
    _language, _dash, place = account.locale.partition("-")
    found = str(zones.get(account.time_zone, "")) or place.upper()
    return found if len(found) == 2 and found.isalpha() else ""  # noqa: PLR2004 - a country


def read_phone(text: str, region: str) -> str:
    """A number as E.164 writes it, the first of several; empty where it is none."""
    for piece in re.split(r"[/;,\n]|\s(?:or|and|oder|ou)\s", text):
        if found := _read_one(piece.strip(), region):
            return found
    return _read_one(text, region)


def _read_one(text: str, region: str) -> str:
    if text.startswith("00"):
        text = f"+{text[2:]}"
    # Perhaps a spreadsheet took the plus before the country for a sign.
    without_plus = f"+{_NOT_DIALLED.sub('', text)}"
    for number in [text] if text.startswith("+") else [text, without_plus]:
        try:
            found = phonenumbers.parse(number, region or None)
        except NumberParseException:
            continue
        is_whole = phonenumbers.is_valid_number(found)
        if is_whole or (text.startswith("+") and phonenumbers.is_possible_number(found)):
            written = str(phonenumbers.format_number(found, PhoneNumberFormat.E164))
            return written if _KEPT.fullmatch(written) else ""
    return ""
