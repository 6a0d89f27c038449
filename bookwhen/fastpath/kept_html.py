"""HTML that is drawn once for as long as it says the same."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.utils.translation import get_language

from bookwhen.fastpath.known import Known

T = TypeVar("T")
"""HTML, or several pieces of it."""


class KeptHtml(Generic[T]):
    """HTML by all that it says: it cannot be out of date, since what says something else has another key.

    The language of the moment is always part of the key; the time zone in which instants are told is not.
    """

    def __init__(self, most: int) -> None:
        self._known = Known[Hashable, T](most)

    def get(self, says: Hashable, draw: Callable[[], T]) -> T:
        """The HTML that says this, drawn now if it is not kept; `draw` may look at nothing that `says` leaves out."""
        key = (says, get_language())
        html = self._known.get(key)
        return self._known.put(key, draw()) if html is None else html
