"""A studio's own colour can be read, whatever it is, on light pages, dark ones, and in emails."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.colours import (
    BLACK,
    DUSK,
    NAMED,
    PAPER,
    READABLE,
    SEEN,
    WHITE,
    contrast,
    email_colours,
    is_own,
    read_colour,
    shades_of,
    stylesheet,
    text_on,
    to_hex,
    to_oklch,
)
from accounts.models import Accent

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_every_shade_has_the_contrast_that_reading_takes(colour: str) -> None:
    shades = shades_of(colour)
    for face in (shades.accent, shades.strong):
        assert contrast(shades.on.light, face.light) >= READABLE
        assert contrast(shades.on.dark, face.dark) >= READABLE
    assert contrast(shades.ink.light, PAPER) >= READABLE
    assert contrast(shades.ink.light, WHITE) >= READABLE
    assert contrast(shades.ink.light, shades.tint.light) >= READABLE
    assert contrast(shades.ink.dark, DUSK) >= READABLE
    assert contrast(shades.ink.dark, shades.tint.dark) >= READABLE
    assert contrast(shades.accent.light, PAPER) >= SEEN
    assert contrast(shades.accent.dark, DUSK) >= SEEN


@given(COLOURS)
def test_what_can_be_seen_stays_the_very_colour(colour: str) -> None:
    shades = shades_of(colour)
    if contrast(colour, PAPER) >= SEEN:
        assert shades.accent.light == colour
    if contrast(colour, DUSK) >= SEEN:
        assert shades.accent.dark == colour


@given(COLOURS)
def test_a_colour_survives_there_and_back(colour: str) -> None:
    there = to_hex(to_oklch(colour))
    assert all(abs(int(colour[at : at + 2], 16) - int(there[at : at + 2], 16)) <= 1 for at in (1, 3, 5))


def test_contrast_is_as_the_guidelines_have_it() -> None:
    assert (contrast(BLACK, WHITE), contrast(WHITE, WHITE)) == (21, 1)
    assert round(contrast("#777777", WHITE), 2) == 4.48
    assert (text_on("#ffcc00"), text_on("#3366cc")) == (BLACK, WHITE)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("#3366CC", "#3366cc"),
        (" 3366cc ", "#3366cc"),
        ("#36c", "#3366cc"),
        ("rgb(51, 102, 204)", "#3366cc"),
        ("rgb(51 102 204)", "#3366cc"),
        ("rgb(51, 102, 256)", None),
        ("blue", None),
        ("#12345", None),
        ("#3366cc80", None),
        ("url(x)", None),
        ("", None),
    ],
)
def test_a_colour_is_read_as_people_copy_it(typed: str, read: str | None) -> None:
    assert read_colour(typed) == read


@pytest.mark.parametrize("accent", list(Accent))
def test_the_colours_that_we_name_are_readable_in_emails(accent: Accent) -> None:
    face, words = email_colours(accent)
    assert (face, words) == (NAMED[accent], WHITE)
    assert contrast(face, words) >= READABLE
    assert not is_own(accent)


def test_the_style_sheet_says_all_that_pages_use_and_nothing_typed() -> None:
    sheet = stylesheet("#ffee00")
    assert sheet.startswith('@layer tokens{[data-accent="#ffee00"]{--hue:')
    assert set(re.findall(r"--([a-z-]+):", sheet)) == {
        *("hue", "chroma", "depth", "accent", "accent-strong", "on-accent"),
        *("accent-tint", "accent-edge", "accent-ink"),
    }
    assert sheet.count("light-dark(#") == 6
