"""A mail server that only counts: `python -m deploy.cluster.sink PORT FILE` appends the Message-ID of each letter."""

import os
import re
import socketserver
import sys
from pathlib import Path
from typing import Final

MESSAGE_ID: Final = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Sink(socketserver.ThreadingTCPServer):
    """The server; a letter is on the disk before it is taken."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, file: Path) -> None:
        super().__init__(("", port), Conversation)
        self.file = file

    def keep(self, letter: bytes) -> None:
        """Write one letter down."""
        found = MESSAGE_ID.search(letter)
        with self.file.open("ab") as kept:
            kept.write((found[1] if found else b"?") + b"\n")
            kept.flush()
            os.fsync(kept.fileno())


class Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    server: Sink

    def handle(self) -> None:
        """Take whatever is sent."""
        self._say("220 ready")
        while line := self.rfile.readline():
            match line.split(maxsplit=1)[0].upper() if line.strip() else b"":
                case b"DATA":
                    self._say("354 go on")
                    letter = bytearray()
                    while (part := self.rfile.readline()) not in {b".\r\n", b""}:
                        letter += part
                    if not part:
                        return
                    self.server.keep(bytes(letter))
                    self._say("250 taken")
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 fine")

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


if __name__ == "__main__":
    with Sink(int(sys.argv[1]), Path(sys.argv[2])) as server:
        server.serve_forever()
