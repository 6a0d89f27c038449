"""A bounded load of guests who book, and somebody who only looks, to see for how long the site does not answer.

A guest does what a person does: after an error they send the same form again, a second later.
"""

import http.client
import itertools
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from commands import Failed
from studio import Entry, choose, confirm
from visitors import Page, Visitor, shorter

GUESTS: Final = 4
PAUSE: Final = 0.15
AGAIN: Final = 1.0
TRIES: Final = 60
LOOK: Final = 0.2
ERROR: Final = 500
EXPIRED: Final = 403
"""The form was of another release, whose cookies have other names."""
BEGIN_AGAIN: Final = 20
"""How often a guest does what that page says, each time after `AGAIN` seconds: longer than both releases serve."""
FULL: Final = "sold out"
"""What a page says that has no more tickets, whichever step of booking it is."""
BOOKED: Final = "/my/bookings/"

_numbers = itertools.count(1)


def new_address() -> str:
    """A network address that was not here before, from the range that is for documentation and tests."""
    number = next(_numbers)
    return f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}"


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking that the site acknowledged: its own number, whose it is, and at which entry."""

    number: str
    address: str
    entry: str


@dataclass(slots=True)
class Told:
    """What visitors were told."""

    booked: list[Booked] = field(default_factory=list)
    full: int = 0
    expired: int = 0
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)
    answers: list[tuple[float, float]] = field(default_factory=list)

    @property
    def silence(self) -> float:
        """The longest time, in seconds, between two answers to somebody who asks all the time."""
        ends = sorted(end for _began, end in self.answers)
        return max((later - sooner for sooner, later in itertools.pairwise(ends)), default=float("inf"))

    @property
    def wait(self) -> float:
        """The longest that anybody waited for a page, in seconds."""
        return max((end - began for began, end in self.answers), default=0.0)


class Load:
    """Guests who book, for as long as the block runs."""

    def __init__(self, port: int, root: str, entries: Sequence[Entry]) -> None:
        self.port, self.root, self.entries = port, root, entries
        self.told = Told()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._guests) for _ in range(GUESTS)]
        self._threads.append(threading.Thread(target=self._look))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _guests(self) -> None:
        while not self._stop.is_set():
            number = next(_numbers)
            # Half of them want the small event, which comes last: its last places go while things break.
            weights = [1] * (len(self.entries) - 1) + [len(self.entries) - 1]
            [entry] = random.choices(self.entries, weights)  # noqa: S311 - a load
            self._one(f"guest{number}@guests.test", entry)
            time.sleep(PAUSE)

    def _one(self, address: str, entry: Entry) -> None:
        """One guest, from the entry's page to the booking; what they were told is noted."""
        guest = Visitor(self.port, self.root, address=new_address())
        try:
            page = self._try_to_book(guest, address, entry)
            for _turn in range(BEGIN_AGAIN):
                if page.status != EXPIRED:
                    break
                # As it says: go back and try again. While both releases serve, the next page may be the other's.
                self.told.expired += 1
                time.sleep(AGAIN)
                page = self._try_to_book(guest, address, entry)
        except Failed as failed:
            self.told.gave_up.append(str(failed))
            return
        finally:
            guest.close()
        if page.path.startswith(BOOKED):
            self.told.booked.append(Booked(page.path.removeprefix(BOOKED).strip("/"), address, entry.path))
        elif FULL in page.text.lower():
            self.told.full += 1
        else:
            self.told.refused.append(f"{page.status} {page.path}: {shorter(page.text)}")

    def _try_to_book(self, guest: Visitor, address: str, entry: Entry) -> Page:
        """From the entry's page as far as it goes."""
        page = self._patiently(lambda: guest.get(entry.path))
        if page.has("Continue"):
            chosen = page
            page = self._patiently(lambda: choose(guest, chosen))
        if page.has("Confirm booking"):
            review = page
            page = self._patiently(lambda: confirm(guest, review, name="Grace Guest", address=address))
        return page

    def _patiently(self, ask: Callable[[], Page]) -> Page:
        """Ask until there is an answer that is no error; raises Failed after a minute or so."""
        problem = ""
        for _ in range(TRIES):
            try:
                page = ask()
            except (OSError, http.client.HTTPException) as error:
                problem = repr(error)
            else:
                if page.status < ERROR or page.path.startswith(BOOKED):
                    return page
                problem = f"{page.status} {page.path}: {shorter(page.text)}"
            self.told.errors.append(problem)
            time.sleep(AGAIN)
        raise Failed(problem)

    def _look(self) -> None:
        visitor = Visitor(self.port, self.root, address=new_address())
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                page = visitor.get(self.entries[0].path)
                if page.status < ERROR:
                    self.told.answers.append((began, time.monotonic()))
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(LOOK)
