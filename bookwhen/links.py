"""Addresses of many things of one kind: worked out once, as all of them differ in one number."""

from collections.abc import Callable
from typing import Final

from django.urls import reverse

_NUMBER: Final = 2**62
"""What stands for the number. It is the last part that is given, so what comes before may well look like it."""


def numbered_links(name: str, *, number: str = "pk", **known: object) -> Callable[[int], str]:
    """The address of each page of a name by its number, which comes after all that is known."""
    before, _, after = reverse(name, kwargs={**known, number: _NUMBER}).rpartition(str(_NUMBER))
    return lambda each: f"{before}{each}{after}"
