"""A mail server that takes every letter and keeps it as a file: run in a container of its own, beside the site.

usage: mail_sink.py FOLDER
"""

import socketserver
import sys
import uuid
from pathlib import Path


class Session(socketserver.StreamRequestHandler):
    """One conversation in SMTP: whatever is said is fine; what comes after DATA is kept."""

    def handle(self) -> None:
        """Answer line by line until they quit."""
        self._say("220 sink")
        for line in iter(self.rfile.readline, b""):
            verb = line.strip().upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._keep()
                self._say("250 kept")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())

    def _keep(self) -> None:
        lines = []
        for line in iter(self.rfile.readline, b".\r\n"):
            if not line:
                return
            lines.append(line.removeprefix(b"."))
        folder = Path(sys.argv[1])
        written = folder / f"{uuid.uuid4()}.part"
        written.write_bytes(b"".join(lines))
        written.rename(written.with_suffix(".eml"))


class Server(socketserver.ThreadingTCPServer):
    """Many conversations at once."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


if __name__ == "__main__":
    with Server(("0.0.0.0", 25), Session) as server:  # noqa: S104 - only its own container network reaches it
        server.serve_forever()
