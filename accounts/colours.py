"""A studio's own colour: the shades that pages and emails need of it, each with the contrast that reading takes.

Pure: colours in, colours out. Buttons have the very colour, with black or white on them, whichever is easier to read;
only where it could hardly be told from the page behind is it made darker or lighter. Links are shaded until they have
a contrast of 4.5 : 1 (WCAG 2.2, 1.4.3), outlines and surfaces 3 : 1 (1.4.11), on light and on dark pages.
The arithmetic of Oklab is Björn Ottosson's; contrast is WCAG's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, hypot, radians, sin
from typing import Final, NamedTuple

from accounts.models.colours import OWN_COLOUR, Accent

READABLE: Final = 4.5
SEEN: Final = 3.0
BLACK, WHITE = "#000000", "#ffffff"
PAPER, DUSK = "#f5f3ee", "#2b2825"
"""The light page at its darkest, and the dark one at its lightest, where text stands."""
NAMED: Final = {
    Accent.TEAL: "#0f6b5c",
    Accent.BLUE: "#2369c6",
    Accent.VIOLET: "#7152c4",
    Accent.PINK: "#bc3577",
    Accent.RED: "#ba3538",
    Accent.ORANGE: "#ad531a",
    Accent.GREEN: "#2b7440",
    Accent.SLATE: "#505f71",
}
"""The colours that we name, for emails: what the pages' styles say of them, in the light."""

_OWN: Final = re.compile(OWN_COLOUR)
_SHORT: Final = re.compile(r"#?([0-9a-f])([0-9a-f])([0-9a-f])")
_LONG: Final = re.compile(r"#?([0-9a-f]{6})")
_RGB: Final = re.compile(r"rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)")
_MOST: Final = 255
_STEP: Final = 0.005
_ROUNDING: Final = 1e-4


class Oklch(NamedTuple):
    """A colour by lightness (0 to 1), chroma and hue (degrees)."""

    lightness: float
    chroma: float
    hue: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A shade on light pages and on dark ones, as `#rrggbb`."""

    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Shades:
    """All that pages need of a colour: surfaces, what stands on them, links, tints and edges."""

    accent: Pair
    strong: Pair
    on: Pair
    ink: Pair
    tint: Pair
    edge: Pair


def is_own(colour: str) -> bool:
    """Whether a colour is a studio's own, and none that we name."""
    return _OWN.fullmatch(colour) is not None


def read_colour(typed: str) -> str | None:
    """A colour as it is kept (`#3366cc`), of what people copy: `3366CC`, `#36c`, `rgb(51, 102, 204)`; else None."""
    text = typed.strip().lower()
    if found := _LONG.fullmatch(text):
        return f"#{found[1]}"
    if found := _SHORT.fullmatch(text):
        return f"#{''.join(each * 2 for each in found.groups())}"
    if (found := _RGB.fullmatch(text)) and all(int(each) <= _MOST for each in found.groups()):
        return f"#{''.join(f'{int(each):02x}' for each in found.groups())}"
    return None


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour: never less than 4.5 : 1."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, colour))


def shades_of(colour: str) -> Shades:
    """The shades of a colour of somebody's own (`#rrggbb`)."""
    _lightness, chroma, hue = to_oklch(colour)
    tint = Pair(to_hex(Oklch(0.962, min(chroma * 0.22, 0.04), hue)), to_hex(Oklch(0.29, min(chroma * 0.42, 0.08), hue)))
    edge = Pair(to_hex(Oklch(0.88, chroma * 0.5, hue)), to_hex(Oklch(0.42, chroma * 0.6, hue)))
    accent = Pair(_until(colour, SEEN, PAPER), _until(colour, SEEN, DUSK))
    on = Pair(text_on(accent.light), text_on(accent.dark))
    strong = Pair(_hovered(accent.light, on.light), _hovered(accent.dark, on.dark))
    ink = Pair(_until(_until(colour, READABLE, PAPER), READABLE, tint.light), _ink_in_the_dark(colour, tint.dark))
    return Shades(accent, strong, on, ink, tint, edge)


def stylesheet(colour: str) -> str:
    """What gives pages with `data-accent` of this colour its shades, in the layer of the house's own."""
    shades, (lightness, chroma, hue) = shades_of(colour), to_oklch(colour)
    lines = {
        "hue": f"{hue:.2f}",
        "chroma": f"{chroma:.4f}",
        "depth": f"{lightness:.4f}",
        "accent": _pair(shades.accent),
        "accent-strong": _pair(shades.strong),
        "on-accent": _pair(shades.on),
        "accent-tint": _pair(shades.tint),
        "accent-edge": _pair(shades.edge),
        "accent-ink": _pair(shades.ink),
    }
    said = "".join(f"--{name}:{value};" for name, value in lines.items())
    return f'@layer tokens{{[data-accent="{colour}"]{{{said}}}}}\n'


def email_colours(accent: str) -> tuple[str, str]:
    """A button's colour in emails, which are light, and that of the words on it."""
    face = shades_of(accent).accent.light if is_own(accent) else NAMED.get(Accent(accent), NAMED[Accent.TEAL])
    return face, text_on(face)


def to_oklch(colour: str) -> Oklch:
    """A colour in Oklch."""
    red, green, blue = (_linear(each) for each in _channels(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, hypot(a, b), (atan2(b, a) * 180 / 3.141592653589793) % 360)


def to_hex(colour: Oklch) -> str:
    """A colour as screens have it: where there is none so colourful, the nearest of its lightness and hue."""
    lightness, chroma, hue = colour
    lightness = min(max(lightness, 0.0), 1.0)
    while chroma > 0 and not all(-_ROUNDING <= each <= 1 + _ROUNDING for each in _to_linear(lightness, chroma, hue)):
        chroma = max(chroma - _STEP, 0.0)
    return "#" + "".join(f"{_to_byte(each):02x}" for each in _to_linear(lightness, chroma, hue))


def _ink_in_the_dark(colour: str, tint: str) -> str:
    return _until(_until(colour, READABLE, DUSK), READABLE, tint)


def _until(colour: str, least: float, behind: str) -> str:
    """A colour, or the nearest shade of it, that has at least this contrast with what is behind it."""
    if contrast(colour, behind) >= least:
        return colour
    step = -_STEP if _luminance(behind) > 0.18 else _STEP  # noqa: PLR2004 - of middle grey
    return _shaded(colour, step, lambda shade: contrast(shade, behind) >= least)


def _hovered(colour: str, text: str) -> str:
    """A shade that shows that the pointer is there: away from its words, which stay readable."""
    lightness, chroma, hue = to_oklch(colour)
    return to_hex(Oklch(lightness + (0.06 if text == BLACK else -0.06), chroma, hue))


def _shaded(colour: str, step: float, is_right: Callable[[str], bool]) -> str:
    lightness, chroma, hue = to_oklch(colour)
    while 0 < lightness < 1:
        lightness += step
        if is_right(shade := to_hex(Oklch(lightness, chroma, hue))):
            return shade
    return BLACK if step < 0 else WHITE


def _pair(pair: Pair) -> str:
    return f"light-dark({pair.light},{pair.dark})"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(each) for each in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: int) -> float:
    part = channel / _MOST
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB's


def _to_linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _to_byte(linear: float) -> int:
    part = min(max(linear, 0.0), 1.0)
    coded = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055  # noqa: PLR2004 - sRGB's
    return round(coded * _MOST)
