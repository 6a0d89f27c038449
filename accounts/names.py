"""What a person is called, from whatever source: forms ask with `bookwhen.forms.PersonNameField`."""

import re
from typing import Final

from bookwhen.text import machine_line

COLUMN_LENGTH: Final = 200
_ADDRESS: Final = re.compile(r"\S@\S+\.\S")


def one_line_name(text: str) -> str:
    """A name as it is kept: one line of visible characters, cut to what fits.

    Empty where the text holds an email address: that is no name, and lists would show it as one.
    """
    return "" if "@" in text and _ADDRESS.search(text) else machine_line(text, COLUMN_LENGTH)
