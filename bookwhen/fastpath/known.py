"""What a process knows without asking again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Known(Generic[K, V]):
    """The values that were asked for last, by their key, `most` of them; for all threads of a process.

    Where values are of very different sizes, `weigh` says what each counts for.

    It knows nothing of what happens elsewhere: its user makes sure that a value which is not true any more does
    no harm. (The caches of functools cannot replace or forget a value; Django's caches pickle each, or ask a server.)
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._most, self._weigh, self._weight = most, weigh, 0
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """What is known, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: K, value: V) -> V:
        """Know this from now on; it is returned. What nobody has asked for longest makes room."""
        with self._lock:
            self._drop(key)
            self._values[key] = value
            self._weight += self._weigh(value)
            while self._weight > self._most:
                self._drop(next(iter(self._values)))
        return value

    def forget(self, key: K) -> None:
        """Know nothing of this any more."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: K) -> None:
        if key in self._values:
            self._weight -= self._weigh(self._values.pop(key))
