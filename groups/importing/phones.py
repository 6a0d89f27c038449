"""Phone numbers as lists have them: with or without their country, their first 0 or their spaces."""

import re
from typing import Final

from accounts.details import PhoneError, read_phone

_NOT_DIALLED: Final = re.compile(r"\D")
_BETWEEN: Final = re.compile(r"[/;,\n]|:::|\s(?:or|and|oder|ou)\s")
_NUMBER: Final = re.compile(r"\+?\d[\d\s().-]{5,}\d")
"""A number among words: whose it is, or when to ring."""
_POINT_0: Final = re.compile(r"(\d{7,})\.0+")
"""A number that a program took for an amount."""


def read_listed_phone(text: str, time_zone: str) -> str:
    """A number as E.164 writes it, the first of several that is one; empty where none is.

    Without a country it is of the time zone's.
    """
    for piece in (*_BETWEEN.split(text), text):
        for number in _tries(piece.strip()):
            try:
                if found := read_phone(number, time_zone=time_zone):
                    return found
            except PhoneError:
                continue
    return ""


def _tries(piece: str) -> list[str]:
    """What a piece may mean: as it stands, and with the plus before the country that a spreadsheet took for a sign."""
    if found := _POINT_0.fullmatch(piece):
        piece = found[1]
    if piece.startswith("00"):
        return [f"+{piece[2:]}"]
    tries = [piece] if piece.startswith("+") else [piece, f"+{_NOT_DIALLED.sub('', piece)}"]
    found = None if piece.isascii() and not any(map(str.isalpha, piece)) else _NUMBER.search(piece)
    return [*tries, *_tries(found[0])] if found and found[0] != piece else tries
