"""What a process knows without asking again."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Known(Generic[K, V]):
    """The `most` values that were asked for last, by their key; for all threads of a process.

    It knows nothing of what happens elsewhere: its user makes sure that a value which is not true any more does
    no harm. (The caches of functools cannot replace or forget a value; Django's caches pickle each, or ask a server.)
    """

    def __init__(self, most: int) -> None:
        self._most = most
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
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def forget(self, key: K) -> None:
        """Know nothing of this any more."""
        with self._lock:
            self._values.pop(key, None)
