"""Whether the replica is near enough to the primary to be read: a thread of each web process looks every second.

A request never waits for that. How far the replica is behind is told by no clock and no right beyond reading: it must
have replayed what the primary's log had some seconds ago. So a primary that does not answer does not stop the replica
from being read, and a replica that was cut off is not read for long.
"""

import logging
import os
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any, Final

from bookwhen.replica.lines import Line

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 1.0
MOST_SECONDS_BEHIND: Final = 10.0
STALE_SECONDS: Final = 5.0
"""After so long without a look, nobody knows how the replica is."""
LONGEST_SECONDS: Final = 3.0
"""How long a request may be at the replica: it answers in milliseconds, or it hangs."""
DISTRUST_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 60.0
"""When nobody has asked for so long, the thread ends until somebody does."""

_PRIMARY: Final = b"SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"
# One that was promoted is no replica any more.
_REPLICA: Final = b"SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() - '0/0'::pg_lsn END"


class Watch:
    """What this process knows of the replica. All times are of the monotonic clock."""

    def __init__(self) -> None:
        self.generation = 0
        """Which connections are still good: those that were opened since it last changed."""
        self._primary, self._replica = Line("default", _PRIMARY), Line("replica", _REPLICA)
        self._positions: deque[tuple[float, int]] = deque()
        self._replayed: int | None = None
        self._looked_at = self._asked_at = self._distrusted_until = float("-inf")
        self._at_replica: dict[int, tuple[float, Any]] = {}
        self._lock = Lock()
        self._thread: Thread | None = None

    def replayed(self) -> int | None:
        """How far the replica has replayed the primary's log; None: it is not to be read now."""
        now = self._asked_at = time.monotonic()
        if self._thread is None:
            self._start()
        if now < self._distrusted_until or now - self._looked_at > STALE_SECONDS:
            return None
        return self._replayed

    def distrust(self) -> None:
        """Leave the replica alone for some seconds, and use none of the connections to it again."""
        with self._lock:
            self._distrusted_until = time.monotonic() + DISTRUST_SECONDS
            self.generation += 1

    @contextmanager
    def reading(self, connection: Any) -> Iterator[None]:  # noqa: ANN401 - Django's own
        """Let a request use a connection of its thread to the replica, but not for ever."""
        if vars(connection).get("generation") != self.generation:
            connection.close()
            connection.generation = self.generation
        key = id(connection)
        with self._lock:
            self._at_replica[key] = (time.monotonic(), connection)
        try:
            yield
        finally:
            with self._lock:
                del self._at_replica[key]

    def look(self) -> None:
        """Ask both how far they are, and end what hangs at the replica."""
        self._end_hanging()
        replayed, position, now = self._replica.ask(), self._primary.ask(), time.monotonic()
        if position is not None:
            self._positions.append((now, position))
        # The first is the newest that the replica must have: the others may still be on their way.
        while len(self._positions) > 1 and self._positions[1][0] <= now - MOST_SECONDS_BEHIND:
            self._positions.popleft()
        near = replayed is not None and bool(self._positions) and replayed >= self._positions[0][1]
        self._tell(replayed if near else None, "answers nothing" if replayed is None else "is too far behind")
        self._looked_at = now

    def close(self) -> None:
        """Hang up; the next look calls again."""
        self._primary.close()
        self._replica.close()

    def _tell(self, replayed: int | None, why: str) -> None:
        if replayed is None and self._replayed is not None:
            log.warning("The replica %s: public pages are read from the primary.", why)
        elif replayed is not None and self._replayed is None:
            log.info("Public pages are read from the replica.")
        self._replayed = replayed

    def _end_hanging(self) -> None:
        """Close the sockets of requests that have been at the replica for too long: they go on at the primary."""
        late = time.monotonic() - LONGEST_SECONDS
        with self._lock:
            for began, wrapper in self._at_replica.values():
                if began < late and wrapper.connection is not None and not wrapper.connection.closed:
                    with socket.socket(fileno=os.dup(wrapper.connection.fileno())) as ended:
                        ended.shutdown(socket.SHUT_RDWR)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._go_on_looking, name="replica", daemon=True)
                self._thread.start()

    def _go_on_looking(self) -> None:
        while time.monotonic() - self._asked_at < IDLE_SECONDS:
            try:
                self.look()
            except Exception:
                # The thread must not end: it is started only once.
                log.exception("Looking after the replica failed.")
            time.sleep(EVERY_SECONDS)
        self._thread = None
        self.close()


WATCH: Final = Watch()
