"""Where pictures are, for who shows them: the address of one never leads to another."""

from functools import lru_cache
from typing import Final
from uuid import UUID

from django.urls import reverse

LARGE: Final = 1280
SMALL: Final = 400
SIZES: Final = (SMALL, LARGE)
"""How wide and high each size is at most, in pixels."""


@lru_cache(10_000)  # a page of the schedule asks for fifty, often the same
def picture_path(picture: UUID, size: int) -> str:
    """The path of a picture in one of its sizes."""
    return reverse("picture", kwargs={"picture": picture, "size": size})
