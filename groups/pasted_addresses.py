"""Reading a box of pasted e-mail addresses."""

import re
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models.users import fold_email

_SEPARATORS: Final = re.compile(r"[\n\r,;\t]+")
_LONGEST_EMAIL: Final = 254
_LONGEST_NAME: Final = 200


@dataclass(slots=True)
class PastedAddresses:
    """What was understood: `names` by folded address, in the order pasted; how many repeats; what was unreadable."""

    names: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Each piece of text and the reason, in words."""


def read_addresses(text: str) -> PastedAddresses:
    """Read addresses divided by new lines, commas, semicolons, tabs or spaces, each perhaps as `Name <a@b>`.

    Good ones are taken though others are bad (rule 8 of the pages); nothing is raised.
    """
    pasted = PastedAddresses()
    for piece in _pieces(text):
        name, email = _split(piece)
        if reason := _objection(email):
            pasted.unreadable.append((piece, reason))
        elif (folded := fold_email(email)) in pasted.names:
            pasted.repeated += 1
            pasted.names[folded] = pasted.names[folded] or name
        else:
            pasted.names[folded] = name
    return pasted


def _pieces(text: str) -> list[str]:
    text = text.replace("\x00", "")
    pieces: list[str] = []
    for chunk in _SEPARATORS.split(_join_quoted_commas(text)):
        piece = chunk.strip().replace("\x1f", ",")
        if piece.count("@") > 1 and "<" not in piece:
            pieces.extend(piece.split())
        elif piece:
            pieces.append(piece)
    return pieces


def _join_quoted_commas(text: str) -> str:
    """Keep the comma of `"Doe, Jane" <jane@example.org>` from dividing the name."""
    return re.sub(r'"[^"\n]*"', lambda quoted: quoted[0].replace(",", "\x1f").replace(";", "\x1f"), text)


def _split(piece: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)<([^<>]*)>", piece)
    if not found:
        return "", piece.removeprefix("mailto:")
    return found[1].strip().strip('"').strip()[:_LONGEST_NAME], found[2].strip().removeprefix("mailto:")


def _objection(email: str) -> str:
    if "@" not in email:
        return _("has no @")
    if len(email) > _LONGEST_EMAIL:
        return _("is too long for an email address")
    if re.search(r"\s", email):
        return _("has a space in it")
    try:
        validate_email(email)
    except ValidationError:
        return _("doesn’t look like an email address, such as name@example.org")
    return ""
