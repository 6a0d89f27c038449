"""What a page of the demo says while its past is still being filled in."""

from typing import Final

from django.conf import settings
from django.core.cache import cache

KEY: Final = "demo-fills"
LONGEST: Final = 600
"""Seconds after which nobody believes it any more, should it have ended without a word."""


def say_that_it_fills() -> None:
    """Have the pages say that more is to come, until `say_that_it_is_whole`."""
    cache.set(KEY, value=True, timeout=LONGEST)


def say_that_it_is_whole() -> None:
    """Have the pages say nothing of it any more."""
    cache.delete(KEY)


def is_filling() -> bool:
    """Whether this is a demo whose past is still being filled in. Nothing is asked where it is no demo."""
    return settings.DEMO and cache.get(KEY) is not None
