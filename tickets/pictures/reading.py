"""Reading a picture that somebody sent: what is kept of it was drawn anew by us, pixel by pixel.

So nothing else of the file is kept: no place where it was taken, no second file hidden in it. What a file is, its
content says, never its name.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import IO, Final, TypeVar

from PIL import Image, ImageOps

from tickets.pictures.addresses import LARGE, SMALL

MOST_BYTES: Final = 15_000_000
MOST_PIXELS: Final = 40_000_000
"""A bomb says of itself how large it is before any of it is unpacked; a telephone's picture has twelve million."""
MOST_UNPACKED: Final = 16_000_000
"""Where every pixel has to be unpacked before it can be made smaller, which JPEG alone spares us: 64 MB."""
LEAST: Final = 16
"""Pixels on each side: less than that is somebody's tracking, not a picture."""
FORMATS: Final = ("JPEG", "PNG", "WEBP")
QUALITY: Final = 80
MOST_PARTS: Final = 20_000
"""Chunks of a PNG, which has two thousand of eight kilobytes, and segments of a JPEG."""
MOST_SCANS: Final = 100
"""Of a JPEG that appears little by little: programs write ten of them."""
LOGO: Final = (640, 160)
"""How wide and high a logo is at most, in pixels: it is shown at most half as large, and sharp on every screen."""
_WHOLE: Final = "JPEG"
_HELD: Final = 0x0112
"""How the camera was held, in EXIF; and when that was sideways."""
_SIDEWAYS: Final = (5, 6, 7, 8)
_SMOOTH: Final = {"L", "LA", "RGB", "RGBA", "CMYK"}
"""Kinds of pixels that can be made fewer as they are, so that even a JPEG for printing is not unpacked whole."""
_DEEP: Final = {"I;16", "I;16B", "I;16L", "I"}
"""Greys of sixteen bits: the library takes all but the darkest for white."""

_SOI: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_EOI: Final = 0xD9
_SOS: Final = 0xDA
_ALONE: Final = (0x01, 0xD8)
"""Markers of a JPEG that no length follows, besides those that are passed over."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)

AnyRead = TypeVar("AnyRead")


class NotAPictureError(Exception):
    """It is none of the formats, or is broken."""


class TooSmallError(NotAPictureError):
    """It is one, of too few pixels."""


class TooLargeError(Exception):
    """It has too many bytes, or too many pixels."""


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """A picture as it is kept: WebP, in each of its sizes; `width` and `height` are of the largest."""

    files: dict[int, bytes]
    width: int
    height: int


def read_picture(file: IO[bytes], *, size: int) -> ReadPicture:
    """Read a picture of so many bytes; of one that moves, the first image. Raises NotAPictureError, TooLargeError."""
    return _opened(file, size, _read)


def read_logo(file: IO[bytes], *, size: int) -> bytes:
    """Read a logo likewise: a PNG within `LOGO`, which every mail program shows, see-through where it was."""
    return _opened(file, size, _read_logo)


def _opened(file: IO[bytes], size: int, read: Callable[[Image.Image], AnyRead]) -> AnyRead:
    if size > MOST_BYTES:
        raise TooLargeError
    _refuse_many_parts(file.read())
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # what is too large, we say
            with Image.open(file, formats=FORMATS) as found:
                return read(found)
    except (TooLargeError, Image.DecompressionBombError):
        raise TooLargeError from None
    except TooSmallError:
        raise
    except Exception as error:
        raise NotAPictureError from error


def _refuse_many_parts(content: bytes) -> None:
    """Raise NotAPictureError where a file has more parts than any program writes: each takes a time of its own.

    In fifteen megabytes there is room for half a million scans, each of which goes over the whole of a JPEG again.
    """
    if content.startswith(_SOI):
        parts = _jpeg_markers(content)
    elif content.startswith(_PNG):
        parts = _png_chunks(content)
    else:
        return
    scans = 0
    for number, part in enumerate(parts):
        scans += part == _SOS
        if number > MOST_PARTS or scans > MOST_SCANS:
            raise NotAPictureError


def _jpeg_markers(content: bytes) -> Iterator[int]:
    """The markers of a JPEG, as far as its first image goes; what stands within a segment is none."""
    at = len(_SOI)
    while found := _MARKER.search(content, at):
        marker, at = found[0][1], found.end()
        if marker == _EOI:
            return
        yield marker
        if marker not in _ALONE:
            at += int.from_bytes(content[at : at + 2], "big")


def _png_chunks(content: bytes) -> Iterator[int]:
    """Something for each chunk of a PNG: its length, name and checksum take twelve bytes."""
    at = len(_PNG)
    while at < len(content):
        yield 0
        at += int.from_bytes(content[at : at + 4], "big") + 12


def _read(found: Image.Image) -> ReadPicture:
    large = _drawn(found, (LARGE, LARGE))
    small = large.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    return ReadPicture({LARGE: _written(large), SMALL: _written(small)}, *large.size)


def _read_logo(found: Image.Image) -> bytes:
    into = BytesIO()
    _drawn(found, LOGO).save(into, "PNG", optimize=True)
    return into.getvalue()


def _drawn(found: Image.Image, within: tuple[int, int]) -> Image.Image:
    """What it shows, no larger than that (pixels), on a sheet of its own."""
    width, height = found.size
    if width * height > (MOST_PIXELS if found.format == _WHOLE else MOST_UNPACKED):
        raise TooLargeError
    if min(width, height) < LEAST:
        raise TooSmallError
    if found.getexif().get(_HELD) in _SIDEWAYS:
        within = within[::-1]
    # First of all, so that no copy is ever made of all of it; a JPEG is not even unpacked whole.
    smaller = min(within[0] / width, within[1] / height, 1)
    found.draft(None, (ceil(width * smaller), ceil(height * smaller)))
    image = found if found.mode in _SMOOTH else _smooth(found)
    image.thumbnail(within, Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(image)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    # On a sheet of its own, which knows nothing of what the file said beside its pixels.
    drawn = Image.new(plain.mode, plain.size)
    drawn.paste(plain)
    return drawn


def _smooth(found: Image.Image) -> Image.Image:
    if found.mode in _DEEP:
        return found.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    return found.convert("RGBA" if found.has_transparency_data else "RGB")


def _written(image: Image.Image) -> bytes:
    into = BytesIO()
    image.save(into, "WEBP", quality=QUALITY)
    return into.getvalue()
