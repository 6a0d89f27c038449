"""Email addresses as people type and paste them: the one way to read them, and the one form they are kept in.

Every address that anybody types goes through `fold_email`, so that one mailbox is one customer, one login and one
limit: what is kept is printable ASCII in lower case. What can be in no address is taken out (invisible characters,
`mailto:`, brackets and quotes around it, a full stop after it), full-width forms and typographic apostrophes become
what they stand for, and a domain in another script is kept as DNS and mail servers write it (IDNA 2008). Letters that
only look alike are different letters: nothing here takes one for another.
"""

import re
from enum import Enum, auto
from typing import Final
from unicodedata import normalize
from urllib.parse import unquote

import email_validator
from email_validator import EmailNotValidError

EMAIL_LENGTH: Final = 254
"""The longest email address there is (RFC 5321, 4.5.3.1.3)."""

PLAIN_ADDRESS: Final = r"^[!-~]+$"
"""What the database holds addresses to: printable ASCII, so that nothing in one can be invisible."""

# Names kept for examples and private networks are addresses like any other to us: the library lets them be taken out.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_LONGEST: Final = 1000
"""Of a longer text only the beginning is looked at: no address, with all that may surround it, is longer."""

_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # control characters but those that divide lines
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # Halves of characters, which no database can keep.
    "\ud800-\udfff]"
)
"""Characters that nobody sees: Unicode's Default_Ignorable_Code_Point and the control characters."""

_WIDTHS: Final = {
    code: normal
    for code in (*range(0xFE50, 0xFE6C), *range(0xFF01, 0xFF5F))
    if (normal := normalize("NFKC", chr(code))).isascii() and len(normal) == 1
} | {0x3001: ",", 0x3002: ".", 0xFF61: ".", 0xFF64: ",", 0x060C: ",", 0x061B: ";"}
"""Full-width and small forms, and other scripts' full stops, commas and semicolons."""

_TYPOGRAPHY: Final = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u2032\u00b4"), "'") | dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-"
)
"""What word processors make of an apostrophe and a hyphen."""

_AROUND: Final = "<>()[]{}.,;:\"'`\xab\xbb\u2039\u203a" + "".join(
    character for character in map(chr, range(0x3001)) if character.isspace() or "\u2018" <= character <= "\u201f"
)
"""What may stand around an address: space, brackets, quotation marks, and what divides sentences and lists."""
_NAMED: Final = re.compile(r"[^<>@]*<([^<>]+)>[\s.,;]*")
_COMMENTED: Final = re.compile(r"([^()@]*@[^()@]*)\([^()]*\)[\s.,;]*")
_MAILTO: Final = re.compile(r"mailto:/*([^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_ENDING: Final = re.compile(r"\.[a-z][a-z0-9-]+$")
_USUAL: Final = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?=.{1,63}$)(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}"
)
"""What nearly every folded address looks like, and none that the library takes for something else.

A list may have a hundred thousand: to ask the library of each takes three seconds of a processor.
"""


class Fault(Enum):
    """Why a text is no email address."""

    NO_AT = auto()
    TOO_LONG = auto()
    SPACE = auto()
    SEVERAL_AT = auto()
    NOT_ASCII = auto()
    MALFORMED = auto()


def drop_invisible(text: str) -> str:
    """Take out the characters that nobody sees; what divides words and lines stays."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def narrow(text: str) -> str:
    """Turn full-width forms into the ASCII they stand for, one character for one."""
    return text if text.isascii() else text.translate(_WIDTHS)


def fold_email(typed: str) -> str:
    """An email address in the form that is kept and compared, from whatever was typed; raises nothing.

    What is no address is folded as far as that goes: `find_fault` says whether it is one.
    """
    if typed.isascii() and _USUAL.fullmatch(usual := typed.strip().lower()):
        return usual
    address = _bare(_plain(typed).strip()[:_LONGEST])
    if address.isascii():
        return address.lower()
    local, at, domain = address.rpartition("@")
    return f"{local.lower() if local.isascii() else local}{at}{_ascii_domain(domain)}"


def mailbox_of(address: str) -> str:
    """The mailbox that an address reaches, folded: what follows a plus sign only sorts its post. For counting alone."""
    local, _at, domain = fold_email(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def find_fault(address: str) -> Fault | None:
    """Why a folded address is none; None where it is one."""
    if _USUAL.fullmatch(address):
        return None
    if "@" not in address:
        return Fault.NO_AT
    if len(address) > EMAIL_LENGTH:
        return Fault.TOO_LONG
    if any(character.isspace() for character in address):
        return Fault.SPACE
    if address.count("@") > 1:
        return Fault.SEVERAL_AT
    if not address.rpartition("@")[0].isascii():
        return Fault.NOT_ASCII
    return None if _is_well_formed(address) else Fault.MALFORMED


def _bare(text: str) -> str:
    """What is left without the things that people and programs put around an address."""
    before = ""
    while text != before:
        before = text
        if found := _NAMED.fullmatch(text) or _COMMENTED.fullmatch(text):
            text = found[1]
        text = text.strip(_AROUND)
        if found := _MAILTO.fullmatch(text):
            text = _plain(unquote(found[1]))
    return text


def _plain(text: str) -> str:
    return narrow(drop_invisible(text)).translate(_TYPOGRAPHY)


def _ascii_domain(domain: str) -> str:
    try:
        return _validate(f"a@{domain}").ascii_domain or domain
    except EmailNotValidError:
        return domain


def _is_well_formed(address: str) -> bool:
    try:
        return _validate(address).ascii_email == address and _ENDING.search(address) is not None
    except EmailNotValidError:
        return False


def _validate(address: str) -> email_validator.ValidatedEmail:
    # No letters outside ASCII before the @: hardly any mail server takes them (SMTPUTF8). Nothing is asked of DNS.
    return email_validator.validate_email(address, allow_smtputf8=False, check_deliverability=False)
