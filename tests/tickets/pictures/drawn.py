"""Pictures drawn for tests."""

from io import BytesIO
from typing import Any

from PIL import Image


def drawn(kind: str = "PNG", size: tuple[int, int] = (800, 600), mode: str = "RGB", **options: Any) -> bytes:
    """A picture: its upper half is red, its lower half blue."""
    width, height = size
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, height // 2, width, height))
    into = BytesIO()
    image.convert(mode).save(into, kind, **options)
    return into.getvalue()


def seen(content: bytes) -> Image.Image:
    """A picture as it is shown."""
    return Image.open(BytesIO(content))


def colour(content: bytes, x: float, y: float) -> str:
    """What colour a picture has somewhere (0 to 1 across and down)."""
    image = seen(content).convert("RGB")
    red, _green, blue = image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))  # type: ignore[misc]
    return "red" if red > blue else "blue"
