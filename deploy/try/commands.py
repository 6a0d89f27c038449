"""Running commands, and saying what happens."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

BEGAN: Final = time.monotonic()


class Failed(Exception):  # noqa: N818 - it is what a person reads: this step has failed
    """Something did not go as it must; the message says what."""


def say(text: str) -> None:
    """Tell the person at the terminal what is being done, with the time since the start."""
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)


def run(
    *command: str, cwd: Path | None = None, check: bool = True, feed: str | None = None, most: float = 900
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, at most so many seconds; raises Failed with what it printed, unless not `check`."""
    try:
        done = subprocess.run(command, cwd=cwd, input=feed, capture_output=True, text=True, timeout=most, check=False)
    except subprocess.TimeoutExpired as error:
        message = f"{' '.join(command)} did not end within {most:.0f} s."
        raise Failed(message) from error
    if check and done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        message = f"{' '.join(command)} ended with {done.returncode}:\n{tail}"
        raise Failed(message)
    return done


def stop(text: str) -> None:
    """End the program with a sentence."""
    sys.exit(text)
