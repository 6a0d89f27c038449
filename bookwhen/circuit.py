"""Servers that may be gone without anybody having to wait for them: the cache and the broker."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final, TypeVar

T = TypeVar("T")

PAUSE: Final = 5.0
"""Seconds until a server that did not answer is asked again."""
SECONDS_TO_ANSWER: Final = 0.5
"""How long a request waits for the cache or the broker, once for connecting and once for an answer."""

log = logging.getLogger(__name__)


class Circuit:
    """Asks a server, but not one that did not answer a moment ago: then a default is the answer, without any wait.

    After each pause one caller asks again, and the others go on without it until that has worked. For all threads of
    a process; every process finds out for itself.
    """

    def __init__(self, name: str, *failures: type[Exception]) -> None:
        """`failures` are what says that the server is gone, or does not do its work."""
        self.name = name
        self._failures = failures
        self._lock = Lock()
        self._retry_at = 0.0
        """When it is asked again; 0: it has answered."""

    def ask(self, question: Callable[[], T], otherwise: T) -> T:
        """The answer to a question that may raise one of the failures; `otherwise` where there is none."""
        if not self._may_try():
            return otherwise
        try:
            answer = question()
        except self._failures as error:
            self._pause(error)
            return otherwise
        self._retry_at = 0.0
        return answer

    def _may_try(self) -> bool:
        if not self._retry_at:
            return True
        with self._lock:
            is_first = monotonic() >= self._retry_at
            if is_first:
                self._retry_at = monotonic() + PAUSE
            return is_first

    def _pause(self, error: Exception) -> None:
        self._retry_at = monotonic() + PAUSE
        log.warning("%s did not do its work, and is asked again in %d seconds: %s", self.name, PAUSE, error)
