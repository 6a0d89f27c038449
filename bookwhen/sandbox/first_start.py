"""The first start of a demo whose servers are all its own: it serves as soon as the studio is there.

What the studio sold through Stripe in the months before is filled in behind it, which takes most of a start. Meanwhile
nothing but web runs: no job comes in between, and nobody reaches a Stripe at which it is still three months ago.
"""

import os
import signal
import sys
from typing import Final

from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.processes import Process, Program, end_leftover
from bookwhen.sandbox.supervisor import say, watch

SERVERS: Final = ("DATABASE_URL", "REDIS_URL", "STRIPE_API_BASE")
PAST_LATER: Final = "past-later"
"""The argument by which `bookwhen.sandbox.prepare` leaves the past to `bookwhen.sandbox.past`."""
UNFINISHED: Final = "unfinished"
"""The file in the data folder that is there until the past is filled in."""
AGAIN: Final = "The first start was interrupted: it begins anew."
TOLD: Final = (
    "  The past is still being filled in: memberships that were bought, renewed and cancelled in the last months.\n"
    "  Until a line below says that it’s done, nothing can be paid and emails wait."
)
DONE: Final = "The past is filled in. The Stripe sandbox, worker and beat run too."
FAILED: Final = "The past could not be filled in; --reset begins anew. The end of its log:"


def begin(folder: DataFolder) -> bool:
    """Say whether this is a first start with servers of its own; one that was cut short begins anew."""
    if any(os.environ.get(name) for name in SERVERS):
        return False
    mark = folder.path / UNFINISHED
    if mark.exists():
        say(AGAIN)
        wipe(folder)
    if not folder.is_empty():
        return False
    mark.touch()
    return True


def wipe(folder: DataFolder) -> None:
    """Empty the folder, once the servers are gone that a run which was killed left behind there."""
    for home, pid_file in (
        (folder.path / "postgres", "postmaster.pid"),
        (folder.outside / "postgres", "postmaster.pid"),
        (folder.path / "valkey", "valkey.pid"),
        (folder.path / "stripe", "state.pid"),
    ):
        end_leftover(home / pid_file, mark=str(home), stop=signal.SIGINT)
    folder.wipe()


def live_past(folder: DataFolder, settings: dict[str, str], others: list[Process]) -> str:
    """Fill in what is still missing, and watch over the others meanwhile; returns how it went."""
    process = Process(
        Program(
            name="past",
            command=(sys.executable, "-m", "bookwhen.sandbox.past", str(folder.path / "stripe" / "state")),
            log=folder.logs / "past.log",
            environment=settings,
        )
    )
    try:
        watch(others, until=lambda: process.exit_code() is not None)
    except KeyboardInterrupt:
        process.stop()
        raise
    (folder.path / UNFINISHED).unlink()
    return DONE if process.exit_code() == 0 else f"{FAILED}\n{process.tail()}"
