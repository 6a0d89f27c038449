"""The sandbox as Python holds it: started in this process, on a port of its own, with a customer's hands."""

import json
import logging
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from bookwhen.sandbox.stripe import api, billing, debits, document, panel
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.faults import Fault, Kind
from bookwhen.sandbox.stripe.keeping import Keeper
from bookwhen.sandbox.stripe.panel_page import HOME
from bookwhen.sandbox.stripe.platform import AfterRetries, Platform, Restricted
from bookwhen.sandbox.stripe.server import Server
from bookwhen.sandbox.stripe.shopper import Shopper

logger = logging.getLogger(__name__)


class Sandbox:
    """A running sandbox: `with Sandbox.start() as stripe:`, then talk to `stripe.url` with any test key.

    Each key (`sk_test_...`) is an account of its own.
    """

    def __init__(self, port: int = 0, kept: Path | None = None) -> None:
        self.platform = Platform(document.load())
        self.server = Server(("127.0.0.1", port), self.platform)
        self.url = self.platform.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.shopper = Shopper(self.url)
        """A customer who acts on the hosted pages."""
        self.platform.deliveries.on_tick = self._tick
        self._keeper = Keeper(self.platform, kept) if kept else None
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    @classmethod
    def start(cls, port: int = 0, kept: Path | None = None) -> Self:
        """Start one on a port (0: any free one); raises OSError if the port is taken.

        It goes on from what is in the file `kept`, and keeps there what it holds; without one all is gone at its end.
        """
        sandbox = cls(port, kept)
        sandbox.platform.deliveries.start()
        if sandbox._keeper:
            sandbox._keeper.start()
        sandbox._thread.start()
        return sandbox

    def stop(self) -> None:
        """Stop it."""
        self.server.shutdown()
        self.server.server_close()
        self.platform.deliveries.stop()
        self._thread.join()
        if self._keeper:
            self._keeper.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _tick(self) -> None:
        try:
            with self.platform.lock:
                billing.settle(self.platform)
        except Exception as mistake:
            # The thread that ticks also delivers: it must live, and a test must hear of it.
            logger.exception("The sandbox made a mistake.")
            self.platform.complain("tick", [("mistake", repr(mistake))])

    @property
    def complaints(self) -> list[str]:
        """Where the sandbox was not true to Stripe's document; a test that used it ends by finding this empty."""
        return self.platform.complaints

    def advance(self, by: str = "period") -> int:
        """Move the clock on, as `panel.advance` says; returns the seconds."""
        with self.platform.lock:
            return panel.advance(self.platform, by)

    def name_account(self, key: str, name: str) -> None:
        """Give the account of a key a name other than the one that `world.name_of` reads from the key."""
        with self.platform.lock:
            api.world_of(self.platform, key).name = name

    def reset(self) -> list[str]:
        """Forget everything; returns the complaints, which the end of a test finds empty."""
        platform = self.platform
        with platform.lock:
            platform.worlds.clear()
            platform.faults.clear()
            platform.deliveries.resume([], [])
            platform.offset, platform.after_retries, platform.told = 0, "cancel", ""
            found, platform.complaints = platform.complaints, []
        return found

    def arm(self, kind: Kind, only: str = "*", *, times: int = 1, milliseconds: int = 0) -> Fault:
        """Arm a fault; see `faults.Fault`."""
        return self.platform.faults.arm(kind, only, times=times, milliseconds=milliseconds)

    def restrict(self, key: str, *, of: str, allow: Iterable[str], says_why: bool = True) -> None:
        """Make a restricted key (`rk_test_...`) of the account of another key, or change what it may do."""
        self.platform.restricted[key] = Restricted(of, frozenset(allow), says_why)

    def set_domain(self, key: str, url: str) -> None:
        """Have an account's hosted pages under another address from now on, as with a domain of its own at Stripe."""
        self.platform.domains[key] = url

    def set_rule(self, after_retries: AfterRetries) -> None:
        """Say what becomes of a subscription when all retries of a payment failed."""
        self.platform.after_retries = after_retries

    def end_debits(self, *, paid: bool) -> int:
        """Let every bank debit that is on its way be paid, or refused; how many."""
        with self.platform.lock:
            waiting = [
                (world, intent)
                for world in self.platform.worlds.values()
                for intent in world.of("payment_intent", status="processing")
            ]
            for world, intent in waiting:
                debits.settle(world, intent, paid=paid)
        return len(waiting)

    def roll_secret(self, endpoint: str) -> str:
        """Give a webhook endpoint a new secret; from now on both sign. Returns the new one."""
        with self.platform.lock:
            done = panel.answer(self.platform, f"{HOME}roll", {"endpoint": endpoint}, as_json=True)
        secret: str = json.loads(done.text)["secret"]
        return secret

    def deliveries(self) -> list[Json]:
        """Return what was sent to webhook endpoints, oldest first, and what they answered."""
        return [each.told() for each in self.platform.deliveries.log]

    def flush(self, seconds: float = 10.0) -> None:
        """Wait until all webhooks were sent (but for what a fault holds back); TimeoutError if that takes longer."""
        deadline = time.monotonic() + seconds
        while not self.platform.deliveries.is_idle():
            if time.monotonic() > deadline:
                message = f"Webhooks were not all delivered within {seconds} s."
                raise TimeoutError(message)
            time.sleep(0.005)
