"""What goes wrong on demand: each fault is armed for a number of times and strikes what it is meant for."""

import itertools
import threading
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

from bookwhen.sandbox.stripe.errors import Json

OfWebhooks = Literal["duplicate", "reorder", "drop", "delay", "old", "wrong"]
OfTheApi = Literal["slow", "error", "error_after", "cut", "cut_after", "busy", "in_use"]
Kind = OfWebhooks | OfTheApi
OF_THE_API: frozenset[Kind] = frozenset(get_args(OfTheApi))
KINDS: tuple[Kind, ...] = (*get_args(OfWebhooks), *get_args(OfTheApi))
NUMBERS = itertools.count(1)


@dataclass
class Fault:
    """One fault.

    To webhooks: `duplicate` sends twice, `reorder` holds back until the next one was sent, `drop` never sends, `delay`
    sends later, `old` signs with a time ten minutes ago, `wrong` signs with a secret that is not the endpoint's.
    To calls of the API: `slow` answers later, `error` does nothing and answers 500, `error_after` does it first; either
    answer is kept under the call's idempotency key, as Stripe does. `cut` hangs up without an answer, `cut_after` does
    so once it was done. `busy` answers 429, `in_use` 409: the same call is still being answered.
    """

    kind: Kind
    only: str = "*"
    """For webhooks the type of event, for the API the beginning of `METHOD /path`."""
    times: int = 1
    milliseconds: int = 0
    number: int = field(default_factory=lambda: next(NUMBERS))

    def strikes(self, what: str) -> bool:
        """Say whether it is meant for this event or call."""
        return self.only == "*" or (what.startswith(self.only) if self.kind in OF_THE_API else what == self.only)


class Faults:
    """The armed faults, in the order they were armed; each thing is struck by the first that fits."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, kind: Kind, only: str = "*", *, times: int = 1, milliseconds: int = 0) -> Fault:
        """Arm one for so many times."""
        fault = Fault(kind, only, times, milliseconds)
        with self._lock:
            self._armed.append(fault)
        return fault

    def kept(self) -> list[Fault]:
        """Return the faults themselves, to be kept."""
        with self._lock:
            return list(self._armed)

    def resume(self, armed: list[Fault]) -> None:
        """Have these armed."""
        with self._lock:
            self._armed = armed

    def clear(self) -> None:
        """Disarm all."""
        with self._lock:
            self._armed.clear()

    def armed(self) -> list[Json]:
        """List those that are still to strike."""
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def strike(self, what: str, *, api: bool) -> Fault | None:
        """Use up one time of the first fault that is meant for this."""
        with self._lock:
            for fault in self._armed:
                if (fault.kind in OF_THE_API) == api and fault.strikes(what):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._armed.remove(fault)
                    return fault
        return None
