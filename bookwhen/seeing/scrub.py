"""Taking out what no log may keep: email addresses, links that let somebody in, Stripe's keys, passwords in addresses.

Names have no form that could be looked for, so nothing of ours logs one. Where PostgreSQL repeats a row, that is
left out.
"""

import re
from typing import Final

from django.http import HttpRequest

SHOWN: Final = frozenset({"account", "page", "entry", "pk"})
"""Parts of addresses that are no secret, by their name in the route; numbers aren't either."""
WORD: Final = re.compile(r"[a-z]+(?:[._-][a-z]+)*|\d{1,19}")
"""What a part of an address that leads nowhere is shown as."""
LONGEST_WORD: Final = 32
MOST_PARTS: Final = 8
LEFT: Final = 8
"""How many characters of a uuid are left: a booking's reference, and too few to open its page."""

_PART: Final = re.compile(r"<(?:(\w+):)?(\w+)>")
_UUID: Final = re.compile(r"\b([0-9a-f]{8})-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", re.IGNORECASE)
# Strangers choose what is logged of a bad request (its Host, say): each pattern takes a time that grows as the text
# does. So what may be long begins where it can only begin once, or has a bound.
_EMAIL: Final = re.compile(
    r"""(?:[^\s<>"'(),;:\[\]@\\/?&]|(?<=\w)'(?=\w)){1,150}(?:@|%40)(?:\[[^\]\s]{0,99}\]|[\w-]+(?:\.[\w-]+)+)""",
    re.IGNORECASE,
)
_SIGNED: Final = re.compile(r"(?<![\w.:=-])[\w.:=-]*:[\w-]{43}(?![\w-])")
_KEY: Final = re.compile(r"\b(?:(?:sk|rk|pk)_(?:test|live)_\w+|whsec_\w+|\w+_secret_\w+)")
_PASSWORD: Final = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*@")
_ROW: Final = re.compile(
    r"\b(DETAIL|CONTEXT|LINE \d+): .*?(?=\n(?:[A-Z]+: |\s*\n|[\w.]+(?:Error|Exception)\b|Traceback )|\Z)", re.DOTALL
)
"""Where PostgreSQL repeats a row or a statement, up to what begins anew."""
_QUOTED: Final = re.compile(
    r"""\b((?:invalid|malformed|out of range|too long|could not|cannot)\b[^\n]{0,500}?: )(?:"[^"\n]*"|'[^'\n]*')""",
    re.IGNORECASE,
)
"""A value that an error complains of, which somebody may have typed."""


def scrub(text: str) -> str:
    """The text without addresses, keys, tokens and passwords; of a uuid the beginning stays."""
    if "@" in text or "%40" in text:
        text = _EMAIL.sub("<email>", _PASSWORD.sub("<password>@", text))
    if "_" in text:
        text = _KEY.sub("<key>", text)
    if "DETAIL" in text or "CONTEXT" in text or "LINE " in text:
        text = _ROW.sub(r"\1: <left out>", text)
    if ":" in text:
        text = _SIGNED.sub("<token>", text)
    return _UUID.sub(r"\1…", text)


def scrub_values(text: str) -> str:
    """The same for the text of an error, and without the value that it complains of."""
    return _QUOTED.sub(r"\1<value>", scrub(text))


def safe_path(request: HttpRequest) -> str:
    """A request's path for logs: with what is secret or personal left out, and without its query."""
    match = request.resolver_match
    if match is None:
        return _safe_words(request.path_info)
    return "/" + _PART.sub(lambda part: _shown(part[1], part[2], match.kwargs.get(part[2])), match.route)


def _shown(kind: str | None, name: str, value: object) -> str:
    if name in SHOWN or kind == "int":
        return str(value)
    text = str(value)
    return f"{text[:LEFT]}…" if kind == "uuid" else f"<{name}>"


def _safe_words(path: str) -> str:
    """A path that leads nowhere: a mistyped link may still hold a secret, so only plain words of it are shown."""
    parts = path.split("/")
    shown = [
        part if not part or (len(part) <= LONGEST_WORD and WORD.fullmatch(part)) else "…" for part in parts[:MOST_PARTS]
    ]
    return "/".join([*shown, *(["…"] if len(parts) > MOST_PARTS else [])])
