"""Webhooks: signed as Stripe signs, sent by a thread of their own in order, tried again when not answered with 2xx."""

import hashlib
import heapq
import hmac
import http.client
import itertools
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bookwhen.sandbox.stripe.errors import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from bookwhen.sandbox.stripe.faults import Fault, Faults, Kind

RETRY_SECONDS = (0.2, 0.5, 1.0, 3.0, 10.0, 60.0)
"""Stripe's first retries of three days, made short: a demo does not wait for an hour."""
TIMEOUT = 20.0
OLD = 600
KEPT = 1000


def signature(body: bytes, secrets: list[str], at: int) -> str:
    """Return the header Stripe-Signature: the time and one `v1` for each secret (two while one is rotated)."""
    signed = [hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={each}" for each in signed)])


@dataclass(eq=False)
class Delivery:
    """One delivery and what came of it."""

    endpoint: str
    url: str
    event: Json
    body: bytes
    """The event as it was when it was sent off."""
    secrets: list[str]
    fault: "Kind | None" = None
    attempts: int = 0
    status: int | None = None
    """What the endpoint answered last; 0 when it did not."""
    tries: list[int] = field(default_factory=list)

    def told(self) -> Json:
        """Return what the panel shows."""
        told = {"endpoint": self.endpoint, "url": self.url, "event": self.event["id"], "event_type": self.event["type"]}
        return told | {"fault": self.fault, "attempts": self.attempts, "status": self.status, "tries": list(self.tries)}


class Deliveries:
    """The queue of deliveries and its thread."""

    def __init__(self, faults: "Faults", touched: threading.Event) -> None:
        self.faults = faults
        self._touched = touched
        self.log: list[Delivery] = []
        """The latest, oldest first."""
        self.posted = 0
        """How many there ever were."""
        self.on_tick: Callable[[], None] = lambda: None
        """Called about every half second, for what falls due as time passes."""
        self._queue: list[tuple[float, int, Delivery]] = []
        self._held: list[Delivery] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._sending: Delivery | None = None
        self._thread = threading.Thread(target=self._run, name="stripe-sandbox-webhooks", daemon=True)

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what was not sent stays in the queue."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(TIMEOUT)

    def post(self, delivery: Delivery) -> None:
        """Send one, or do to it what an armed fault says."""
        fault = self.faults.strike(delivery.event["type"], api=False)
        delivery.fault = fault.kind if fault else None
        with self._changed:
            self.log = [*self.log[-KEPT:], delivery]
            self.posted += 1
            self._place(delivery, fault)
            self._changed.notify_all()

    def _place(self, delivery: Delivery, fault: "Fault | None") -> None:
        match fault.kind if fault else None:
            case "drop":
                return
            case "reorder":
                self._held.append(delivery)
                return
            case "delay":
                self._push(delivery, fault.milliseconds / 1000 if fault else 0)
                return
            case "duplicate":
                self._push(delivery)
        self._push(delivery)
        while self._held:
            self._push(self._held.pop(0))

    def _push(self, delivery: Delivery, seconds: float = 0) -> None:
        heapq.heappush(self._queue, (time.monotonic() + seconds, next(self._numbers), delivery))

    def is_idle(self) -> bool:
        """Say whether everything was sent, but for what a fault holds back."""
        with self._changed:
            return not self._queue and self._sending is None

    def unsent(self) -> list[Delivery]:
        """Return what is still to be sent, the next one first."""
        with self._changed:
            sending = [self._sending] if self._sending else []
            return [*sending, *(delivery for _, _, delivery in sorted(self._queue)), *self._held]

    def resume(self, log: list[Delivery], unsent: list[Delivery]) -> None:
        """Go on where another run stopped: what was not sent is sent now, with all its tries before it."""
        with self._changed:
            self.log, self._queue, self._held = log, [], []
            for delivery in unsent:
                delivery.attempts = 0
                self._push(delivery)
            self._changed.notify_all()

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            answered = self._send(delivery)
            with self._changed:
                self._sending = None
                if answered:
                    delivery.event["pending_webhooks"] = max(0, delivery.event["pending_webhooks"] - 1)
                elif delivery.attempts <= len(RETRY_SECONDS):
                    self._push(delivery, RETRY_SECONDS[delivery.attempts - 1])
            self._touched.set()

    def _next(self) -> Delivery | None:
        """Wait for what is due; None when stopping."""
        while True:
            with self._changed:
                if self._stopping:
                    return None
                wait = self._queue[0][0] - time.monotonic() if self._queue else 0.5
                if self._queue and wait <= 0:
                    self._sending = heapq.heappop(self._queue)[2]
                    return self._sending
                self._changed.wait(min(wait, 0.5))
            self.on_tick()

    @staticmethod
    def _send(delivery: Delivery) -> bool:
        """Send once; True when the endpoint took it."""
        at = int(time.time()) - (OLD if delivery.fault == "old" else 0)
        secrets = ["whsec_wrong"] if delivery.fault == "wrong" else delivery.secrets
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(delivery.body, secrets, at),
        }
        delivery.attempts += 1
        delivery.status = _post(delivery.url, delivery.body, headers)
        delivery.tries.append(delivery.status)
        return http.client.OK <= delivery.status < http.client.MULTIPLE_CHOICES


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post and return the status; 0 when there was no answer."""
    to = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    connection = kind(to.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", to.path + (f"?{to.query}" if to.query else ""), body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
