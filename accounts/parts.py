"""What each app does with what it keeps of a person: merging, handing out and erasing span the apps.

`accounts` knows none of the apps above it, so each registers its part in its `ready()`.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

PartT = TypeVar("PartT")


class Parts(Generic[PartT]):
    """The parts of one kind of work, in the order in which they are done; each has a name of its own."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[int, PartT]] = {}

    def register(self, name: str, part: PartT, *, order: int) -> None:
        """Have a part done, after those of a lower order.

        Raises ValueError if the name or the order is another part's: an order that two share is none.
        """
        if name in self._parts or order in {taken for taken, _part in self._parts.values()}:
            raise ValueError(name)
        self._parts[name] = order, part

    def __iter__(self) -> Iterator[PartT]:
        return (part for _order, part in sorted(self._parts.values(), key=lambda entry: entry[0]))

    @property
    def names(self) -> list[str]:
        """The names of the parts, in their order."""
        return sorted(self._parts, key=lambda name: self._parts[name][0])
