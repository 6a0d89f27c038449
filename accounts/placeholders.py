"""Placeholders in what a studio types: a name in curly brackets, which stands for something else in each email."""

import re
from collections.abc import Collection
from typing import Final

PLACEHOLDER: Final = re.compile(r"\{([^{}\n]*)\}")


def placeholder_name(typed: str) -> str:
    """What is between the brackets, as a name: `{First name}` is as good as `{first_name}`."""
    return "_".join(typed.casefold().split())


def unknown_placeholders(text: str, known: Collection[str]) -> list[str]:
    """What stands in curly brackets in a text and is none of these placeholders, as it was typed; each once."""
    found = dict.fromkeys(match[0] for match in PLACEHOLDER.finditer(text) if placeholder_name(match[1]) not in known)
    return list(found)


def has_odd_brackets(text: str) -> bool:
    """Whether a curly bracket is left over that belongs to no placeholder."""
    return bool({"{", "}"} & set(PLACEHOLDER.sub("", text)))
