"""Processes that end with this one: started on a leash, logged to a file, stopped cleanly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
PATIENCE = 15.0
"""Seconds that a process gets to end on its own before it is killed."""


class StartFailedError(Exception):
    """A process ended or did not answer while it was starting; the text says which and shows the end of its log."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run. `log` receives both outputs; `stop` asks for a clean end, `death` is sent when we die."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: signal.Signals = signal.SIGTERM
    death: signal.Signals = signal.SIGTERM
    user: str | None = None


class Process:
    """One running program. Start it from the main thread: the kernel ties the leash to the thread that starts it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.popen = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        program = self.program
        leash = [sys.executable, "-I", "-S", str(LEASH), str(int(program.death)), str(os.getpid()), program.user or "-"]
        with program.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own commands
                [*leash, *program.command],
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C in a terminal reaches us alone, and we stop the others in order.
                process_group=0,
            )

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal, or None while it runs."""
        return self.popen.poll()

    def restart(self) -> None:
        """Start the program again after it ended."""
        self.popen = self._start()

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 120.0) -> None:
        """Wait until `ready` says so; raises StartFailedError when the process ends or the time is up first."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.exit_code() is not None or time.monotonic() > deadline:
                ended = f"ended (exit {self.exit_code()})" if self.exit_code() is not None else "did not answer"
                message = f"{self.program.name} {ended} while starting. The end of {self.program.log}:\n{self.tail()}"
                raise StartFailedError(message)
            time.sleep(0.02)

    def tail(self) -> str:
        """Return the last lines of the log."""
        lines = self.program.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-15:])

    def stop(self) -> bool:
        """End the program cleanly, or kill it with all its children; returns whether it ended on its own in time."""
        if self.popen.poll() is None:
            self.popen.send_signal(self.program.stop)
        try:
            self.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()
            return False
        return True


def end_leftover(pid_file: Path, *, mark: str, stop: signal.Signals) -> None:
    """Stop the server that outlived its supervisor, and remove its pid file.

    Call it with the folder locked: then no supervisor owns that server. `mark` is what its command line must contain,
    for the kernel may have given its number to another program since.
    """
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split()[0])
    deadline = time.monotonic() + PATIENCE
    while mark in command_line(pid):
        os.kill(pid, stop if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def command_line(pid: int) -> str:
    """Return the command line of a process, or nothing when there is none of that number."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], check=False, capture_output=True, text=True)  # noqa: S603, S607
    return listed.stdout
