"""The stand-in for Stripe as a process of the demo: at the address it had before, with what it held before."""

import signal
import sys
from http import HTTPStatus
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.ports import RANGE, free_port, is_free
from bookwhen.sandbox.processes import Process, Program, end_leftover

APART: Final = 10_000
"""How far its first port is from the site's: next to it a second demo may want to be."""


class StandIn:
    """One sandbox of `bookwhen/sandbox/stripe` on 127.0.0.1, which keeps its state and its port in the folder.

    The port stays since what it made holds addresses of its pages. When another program has taken it meanwhile, a new
    one is chosen, and the sandbox lets those addresses lead there.
    """

    def __init__(self, folder: DataFolder, *, site_port: int) -> None:
        self.folder = folder
        self.data = folder.path / "stripe"
        self.data.mkdir(exist_ok=True)
        self._state = self.data / "state"
        # Before the port is looked at: one that was left behind still has it.
        end_leftover(self._state.with_suffix(".pid"), mark=str(self._state), stop=signal.SIGTERM)
        self.port = self._port(site_port + APART)
        self.url = f"http://127.0.0.1:{self.port}"

    def _port(self, first: int) -> int:
        kept = self.data / "port"
        wanted = int(kept.read_text()) if kept.exists() else first
        port = wanted if wanted < RANGE.stop and is_free(wanted) else free_port()
        kept.write_text(str(port))
        return port

    def start(self) -> Process:
        """Start it, and wait until it answers; raises StartFailedError."""
        options = ("--port", str(self.port), "--state", str(self._state))
        process = Process(
            Program(
                name="Stripe sandbox",
                command=(sys.executable, "-m", "bookwhen.sandbox.stripe", *options),
                log=self.folder.logs / "stripe.log",
            )
        )
        process.wait_until(self._answers)
        return process

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/_sandbox/faults", timeout=5) as response:  # noqa: S310 - our own address
                return bool(response.status == HTTPStatus.OK)
        except (URLError, OSError):
            return False
