"""Which days people can mean. Beyond them lie slips of the keyboard, and days that no time zone can reckon with."""

from datetime import date
from typing import Final

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200


def is_sensible(day: date) -> bool:
    """Whether somebody can mean this day: the year 20 is a slip, and 9999 has no day after it."""
    return FIRST_YEAR <= day.year <= LAST_YEAR
