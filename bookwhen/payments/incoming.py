"""A Stripe event as it comes in: read, and refused where it is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

CREATED: Final = range(2**33)
"""When an event may have happened, in seconds: up to the year 2242, which every clock of ours can still show."""
MOST_LEVELS: Final = 100
"""How deep an event may be nested, five times as deep as Stripe’s are: far within what Python and PostgreSQL read."""
ID_LENGTH: Final = 255
TYPE_LENGTH: Final = 100
VERSION_LENGTH: Final = 40


class MalformedEventError(ValueError):
    """What came in is not a Stripe event."""


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """A Stripe event as it came in, whole and with what we need of it read."""

    id: str
    type: str
    created_at: datetime
    livemode: bool
    account: str
    """The connected account that it is of; nothing: the account of the endpoint itself."""
    api_version: str
    about: Mapping[str, Any]
    """`data.object`."""
    payload: str
    """All of it, as JSON that the database can keep."""

    @classmethod
    def read(cls, raw: object) -> Self:
        """Read an event's JSON; raises MalformedEventError."""
        try:
            return cls._read(raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"Not a Stripe event: {type(error).__name__} {error}"
            raise MalformedEventError(message) from error

    @classmethod
    def _read(cls, raw: Any) -> Self:  # noqa: ANN401 - whatever JSON there is
        about, livemode, created = raw["data"]["object"], raw["livemode"], raw["created"]
        if not (isinstance(about, dict) and isinstance(livemode, bool) and type(created) is int):
            message = "a field has the wrong type"
            raise ValueError(message)
        if created not in CREATED:
            message = "created is no time"
            raise ValueError(message)
        if _levels(raw) > MOST_LEVELS:
            message = "it is nested too deep"
            raise ValueError(message)
        return cls(
            id=_short(raw, "id", ID_LENGTH),
            type=_short(raw, "type", TYPE_LENGTH),
            created_at=datetime.fromtimestamp(created, UTC),
            livemode=livemode,
            account=_short(raw, "account", ID_LENGTH) if raw.get("account") else "",
            api_version=_short(raw, "api_version", VERSION_LENGTH) if raw.get("api_version") else "",
            about=about,
            payload=_storable(raw),
        )


def _short(raw: Mapping[str, Any], name: str, longest: int) -> str:
    """A field that holds one of Stripe's short names; raises ValueError where it could be none."""
    value = raw[name]
    if not (isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable()):
        message = f"{name} is no name of Stripe’s"
        raise ValueError(message)
    return value


def _levels(raw: object) -> int:
    """How deep JSON is nested, without the recursion that this is to prevent."""
    level, levels = [raw], 0
    while level:
        inner = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level, levels = [each for group in inner for each in group], levels + 1
    return levels


def _storable(raw: Mapping[str, Any]) -> str:
    # PostgreSQL's JSON has neither NUL nor halves of characters; the payload is a hint, so another may stand for them.
    text = json.dumps(raw, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("\\u0000", "\\ufffd").encode(errors="replace").decode()
