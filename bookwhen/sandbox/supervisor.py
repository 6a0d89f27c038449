"""Watching over processes: what ends is started again."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bookwhen.sandbox.processes import Process

FIRST_DELAY: Final = 1.0
LONGEST_DELAY: Final = 30.0
LONG_ENOUGH: Final = 60.0
"""Seconds; a process that ran this long before it ended is not one that cannot start."""


@dataclass
class Watched:
    """A process, when it was last started, and how long to wait before it is started again."""

    process: Process
    started: float = field(default_factory=time.monotonic)
    delay: float = FIRST_DELAY
    due: float | None = None

    def look(self, now: float) -> None:
        """Notice that it ended, or start it again once that is due; `now` is time.monotonic()."""
        if self.due is not None:
            if now >= self.due:
                self.due, self.started = None, now
                self.process.restart()
        elif (code := self.process.exit_code()) is not None:
            if now - self.started >= LONG_ENOUGH:
                self.delay = FIRST_DELAY
            self.due = now + self.delay
            say(f"{self.process.program.name} ended (exit {code}); it starts again in {self.delay:.0f} s.")
            say(f"Its log: {self.process.program.log}")
            self.delay = min(2 * self.delay, LONGEST_DELAY)


def watch(processes: list[Process], *, until: Callable[[], bool] = lambda: False) -> None:
    """Start again whatever ends, until something has come, or an exception (Ctrl-C) ends the watch."""
    watched = [Watched(process) for process in processes]
    while not until():
        now = time.monotonic()
        for one in watched:
            one.look(now)
        time.sleep(0.2)


def stop_all(processes: list[Process]) -> None:
    """Stop the processes, last first. A second Ctrl-C does not interrupt that."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)
    for process in reversed(processes):
        if not process.stop():
            say(f"{process.program.name} did not end in time and was killed.")


def say(line: str) -> None:
    """Print one line at once."""
    print(line, flush=True)
