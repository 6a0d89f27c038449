"""What a person is called: one line of at most `NAME_LENGTH` characters, and never an email address."""

import re
import unicodedata
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NAME_LENGTH: Final = 200
_ADDRESS: Final = re.compile(r"\S@\S+\.\S")


def one_line_name(text: str) -> str:
    """A name as it is kept, from whatever source: one line without control characters, cut to what fits.

    Empty where the text holds an email address: that is no name, and lists would show it as one.
    """
    if _ADDRESS.search(text):
        return ""
    line = " ".join("".join(" " if unicodedata.category(each) == "Cc" else each for each in text).split())
    return line[:NAME_LENGTH].rstrip()


def validate_name(name: str) -> None:
    """Refuse an email address in place of a name: raises ValidationError."""
    if _ADDRESS.search(name):
        raise ValidationError(_("Enter a name here, not an email address"), code="address_as_name")
