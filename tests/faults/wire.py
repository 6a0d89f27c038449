"""A wire to a server, to be broken in every way that networks and servers break."""

import select
import socket
import struct
import threading
from contextlib import suppress
from enum import Enum, auto

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for a close that sends a reset."""


class Break(Enum):
    """How a wire is broken."""

    REFUSES = auto()
    """Nobody listens any more."""
    SILENT = auto()
    """Connections are accepted, and nothing is ever answered; those that there were are silent, too."""
    FULL = auto()
    """Nobody accepts, and the queue is full: as with an address whose packets are dropped."""
    RESETS = auto()
    """Each connection is reset once something was sent to the server, and before an answer has come."""


class Wire:
    """Passes bytes between clients on `port` of 127.0.0.1 and a server, until it is broken and when it is mended."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._broken: Break | None = None
        self._lost: list[bytes] = []
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._fillers: list[socket.socket] = []
        self._silent: list[socket.socket] = []
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])

    @property
    def is_broken(self) -> bool:
        return self._broken is not None

    def break_(self, how: Break) -> None:
        """Break it; what goes through it is cut, or hangs."""
        self._broken = how
        if how in {Break.REFUSES, Break.FULL}:
            self._close_listener()
            self._cut()
        if how == Break.FULL:
            self._listener = self._bind(self.port, backlog=0)
            for _number in range(4):
                filler = socket.socket()
                filler.setblocking(False)  # noqa: FBT003 - Python's own
                with suppress(BlockingIOError):
                    filler.connect(("127.0.0.1", self.port))
                self._fillers.append(filler)

    def lose_answer_to(self, *words: bytes) -> None:
        """Cut the next connection on which these words were sent, one after the other: before the last’s answer."""
        self._lost = list(words)

    def cut(self) -> None:
        """End each connection as a server does that restarts; new ones go through."""
        self._cut()

    def mend(self) -> None:
        """Let everything through again: by new connections, as after a restart."""
        if self._broken in {Break.REFUSES, Break.FULL}:
            if self._broken == Break.FULL:
                self._close_listener()
            for filler in self._fillers:
                filler.close()
            self._fillers = []
            self._broken = None
            self._listener = self._listen(self.port)
        self._broken, self._lost = None, []
        self._cut()
        for each in self._silent:
            each.close()
        self._silent = []

    def close(self) -> None:
        self.mend()
        self._close_listener()
        self._cut()

    def _listen(self, port: int) -> socket.socket:
        listener = self._bind(port, backlog=100)
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()
        return listener

    @staticmethod
    def _bind(port: int, *, backlog: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(backlog)
        return listener

    def _close_listener(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _address = listener.accept()
                if self._broken == Break.SILENT:
                    self._silent.append(client)
                    continue
                try:
                    pair = (client, socket.create_connection(self._server))
                except OSError:
                    client.close()
                    continue
                with self._lock:
                    # It came before nobody listened any more, and would outlast the cut.
                    is_late = self._broken in {Break.REFUSES, Break.FULL}
                    if not is_late:
                        self._pairs.add(pair)
                if is_late:
                    self._end(pair)
                    continue
                threading.Thread(target=self._pass_on, args=[pair], daemon=True).start()

    def _pass_on(self, pair: tuple[socket.socket, socket.socket]) -> None:
        client, server = pair
        other = {client: server, server: client}
        is_doomed, heard = False, b""
        with suppress(OSError, ValueError):
            while True:
                ready, _write, _error = select.select(pair, [], [], 1)
                for each in ready:
                    data = each.recv(65536)
                    if not data:
                        return self._end(pair)
                    if self._broken == Break.SILENT:
                        continue
                    if each is client and self._lost:
                        heard += data
                        is_doomed = self._is_last(heard)
                    if each is server and (is_doomed or self._broken == Break.RESETS):
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                        return self._end(pair)
                    other[each].sendall(data)
        return self._end(pair)

    def _is_last(self, heard: bytes) -> bool:
        for words in self._lost:
            _before, found, heard = heard.partition(words)
            if not found:
                return False
        self._lost = []
        return True

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self._pairs.discard(pair)
        for each in pair:
            each.close()

    def _cut(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for each in pair:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
