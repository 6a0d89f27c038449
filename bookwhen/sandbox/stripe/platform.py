"""What all accounts of one sandbox share: the time, the rules of the dashboard, the faults and the webhooks."""

import threading
import time
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bookwhen.sandbox.stripe.deliveries import Deliveries
from bookwhen.sandbox.stripe.document import Document
from bookwhen.sandbox.stripe.faults import Faults

AfterRetries = Literal["cancel", "unpaid", "past_due"]
AFTER_RETRIES = get_args(AfterRetries)
DAY = 86_400


@dataclass(frozen=True)
class Restricted:
    """A restricted key: of whose account (by its secret key), and what it may do (`charge_write`; write includes read).

    Stripe's refusals say which account it is, and what would help; some have been seen that don't.
    """

    of: str
    allowed: frozenset[str]
    says_why: bool = True


class Platform:
    """One sandbox. Anything that touches the state holds `lock`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lock = threading.RLock()
        self.base = ""
        """Where the sandbox listens, for the addresses of its hosted pages."""
        self.worlds: dict[str, Any] = {}
        """Each account's World by its secret key."""
        self.restricted: dict[str, Restricted] = {}
        """The restricted keys that were made: any other key may do everything."""
        self.domains: dict[str, str] = {}
        """The addresses under which accounts (by their key) have their hosted pages, where they have a domain."""
        self.offset = 0
        self.moment: int | None = None
        """The time of what is being done while things that had fallen due are caught up with."""
        self.settled_at = 0
        self.retries = (3 * DAY, 5 * DAY, 7 * DAY)
        """How long after each failed payment the next is tried, as Stripe's dashboard lets one set."""
        self.after_retries: AfterRetries = "cancel"
        self.pays_out = False
        """Do accounts pay out every day? Else they do by hand, as one may choose in Stripe's dashboard."""
        self.told = ""
        """What the panel's last action did, for its reader."""
        self.complaints: list[str] = []
        """Where the sandbox itself was not true to the document: always empty, or it has a mistake."""
        self.touched = threading.Event()
        """Set by whatever may have changed something that is kept."""
        self.faults = Faults()
        self.deliveries = Deliveries(self.faults, self.touched)

    def now(self) -> int:
        """Return the sandbox's time in epoch seconds: the real one, moved on by what the panel added."""
        return int(time.time()) + self.offset if self.moment is None else self.moment

    def complain(self, about: str, wrong: list[tuple[str, str]]) -> None:
        """Record where we were not true to the document."""
        self.complaints += [f"{about}: {where}: {message}" for where, message in wrong]
