"""One warning on the overview."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alert:
    """One warning, and where to do something about it."""

    tone: str
    title: str
    words: str
    label: str
    href: str
