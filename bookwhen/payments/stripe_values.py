"""Single values of Stripe's objects, read so that they fit what we keep: cut, or read as unknown. All of it is pure.

Stripe's documentation promises types and most lengths, but not for ever. Whatever an object holds, reading it gives
values that the database takes, or raises UnreadableError for this one object.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from bookwhen.payments.stripe_errors import StripeError
from bookwhen.text import machine_line

Raw = Mapping[str, Any]

ID_LENGTH: Final = 255
URL_LENGTH: Final = 5000
WORD_LENGTH: Final = 20
"""As long as our shortest column for one of Stripe's words."""
INTEGERS: Final = range(-(2**31), 2**31)
"""What our columns for amounts and counts hold."""
INSTANTS: Final = range(2**33)
"""Seconds, up to the year 2242, which every clock of ours can still show."""
CURRENCY_LENGTH: Final = 3


class UnreadableError(StripeError):
    """Stripe answered with an object that we cannot read: something is missing that nothing can stand for."""


def read_line(value: object, longest: int) -> str:
    """A name, a title or a number, on one line of at most so many characters; empty where there is none."""
    return machine_line(value, longest) if isinstance(value, str) else ""


def read_word(value: object, longest: int = WORD_LENGTH) -> str:
    """One of Stripe's own words (a status, a reason); empty where there is none, or where it is too long for one."""
    known = isinstance(value, str) and len(value) <= longest and value.isascii() and value.isprintable()
    return str(value) if known else ""


def read_id(value: object) -> str:
    """An id, whether the object was expanded or not; empty where there is none."""
    found = value.get("id") if isinstance(value, Mapping) else value
    known = isinstance(found, str) and len(found) <= ID_LENGTH and found.isprintable()
    return str(found) if known else ""


def require_id(raw: Raw) -> str:
    """The id of an object itself. Raises UnreadableError."""
    return read_id(raw.get("id")) or _unreadable(raw, "id")


def read_url(value: object) -> str:
    """The address of a page at Stripe; empty where there is none."""
    known = isinstance(value, str) and len(value) <= URL_LENGTH and value.isascii() and value.isprintable()
    return str(value) if known and str(value).startswith(("https://", "http://")) else ""


def read_integer(value: object) -> int | None:
    """An amount or a count; None where there is none, or none that fits."""
    return value if type(value) is int and value in INTEGERS else None


def read_count(value: object) -> int:
    """How many of something; 0 where there is no such count."""
    return max(0, read_integer(value) or 0)


def require_integer(raw: Raw, name: str) -> int:
    """An amount that an object cannot do without. Raises UnreadableError."""
    found = read_integer(raw.get(name))
    return _unreadable(raw, name) if found is None else found


def read_decimal(value: object) -> Decimal | None:
    """A decimal number, which comes as a text; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def read_currency(value: object) -> str:
    """A currency in capitals; empty where there is none."""
    known = isinstance(value, str) and len(value) == CURRENCY_LENGTH and value.isascii() and value.isalpha()
    return str(value).upper() if known else ""


def read_instant(value: object) -> datetime | None:
    """An instant; None where there is none."""
    return datetime.fromtimestamp(value, UTC) if type(value) is int and value in INSTANTS else None


def require_instant(raw: Raw, name: str) -> datetime:
    """An instant that an object cannot do without. Raises UnreadableError."""
    found = read_instant(raw.get(name))
    return _unreadable(raw, name) if found is None else found


def read_object(value: object) -> Raw:
    """An object within another; an empty one where there is none, or only its id."""
    return value if isinstance(value, Mapping) else {}


def read_objects(value: object) -> list[Raw]:
    """The objects of a list within another object, whether it is a list or Stripe's list object."""
    data = value.get("data") if isinstance(value, Mapping) else value
    return [each for each in data if isinstance(each, Mapping)] if isinstance(data, list | tuple) else []


def read_metadata(value: object) -> dict[str, str]:
    """What an object bears."""
    return {str(key): each for key, each in read_object(value).items() if isinstance(each, str)}


def _unreadable(raw: Raw, name: str) -> NoReturn:
    what = read_word(raw.get("object"), ID_LENGTH) or "object"
    message = f"Stripe sent a {what} ({read_id(raw.get('id')) or '?'}) whose “{name}” we can’t read."
    raise UnreadableError(message)
