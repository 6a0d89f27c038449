"""What people and other systems send is matched in a time that grows with its length, by every pattern of ours."""

import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Final

APPS: Final = ("accounts", "bookwhen", "groups", "memberships", "offers", "tickets")
NOT_SERVED: Final = re.compile(r"\.(?:migrations|sandbox|management)\b|__main__$")
LETTERS: Final = "aA1 .-@,:;'\"<([{/=%_\n"
PAIRED: Final = "a1 .-@,:'(=\n"
ENDS: Final = ("!", "\x01")
LENGTHS: Final = (22, 28, 800)
"""One after another, so that a pattern that takes twice as long for each letter is found before it takes for ever."""
SECONDS: Final = 0.05
"""Enough for the square of the longest, ten times over; its third power takes twice as long and more."""


def patterns() -> dict[str, re.Pattern[str]]:
    """The patterns that our modules name, by where that is."""
    found = {}
    for app in APPS:
        for module in pkgutil.walk_packages(importlib.import_module(app).__path__, f"{app}."):
            if not NOT_SERVED.search(module.name):
                for name, value in vars(importlib.import_module(module.name)).items():
                    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                        found[f"{module.name}.{name}"] = value
    return found


def texts(length: int) -> Iterator[str]:
    """A letter, or two, over and over; then what fits nowhere."""
    for pump in (*LETTERS, *map("".join, itertools.permutations(PAIRED, 2))):
        for end in ENDS:
            yield pump * (length // len(pump)) + end


def takes_long(pattern: re.Pattern[str], text: str) -> bool:
    """Whether it does each time: the machine may be busy with something else once."""
    return all(_seconds(pattern, text) > SECONDS for _again in range(3))


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    began = time.process_time()
    pattern.fullmatch(text)
    pattern.sub("", text)
    return time.process_time() - began


def slow_text(pattern: re.Pattern[str]) -> str:
    """The first text that takes long; empty where none does."""
    return next((text for length in LENGTHS for text in texts(length) if takes_long(pattern, text)), "")


def test_patterns_that_take_long_are_found() -> None:
    """The two of them that got through: each letter doubled the time, or its third power counted."""
    assert slow_text(re.compile(r"[a-z]+(?:['-]?[a-z0-9]+)*", re.IGNORECASE)).strip("a") == "!"
    assert slow_text(re.compile(r"[ \t]*,?[ \t]*\Z")).strip(" ") == "!"


def test_no_pattern_of_ours_takes_long() -> None:
    found = patterns()
    assert len(found) > 100
    assert {name: text[:40] for name, pattern in found.items() if (text := slow_text(pattern))} == {}
