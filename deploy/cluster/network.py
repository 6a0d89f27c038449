"""Machines as network namespaces on one bridge, which are removed at the end with all that runs in them."""

import ctypes
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

PREFIX: Final = "bwc-"
OPS: Final = f"{PREFIX}ops"
"""Where the bridge is, and this program: so that nothing of the machine's own network is touched."""
NET: Final = "10.77.0"
_CLONE_NEWNET: Final = 0x40000000


def address(number: int) -> str:
    """The address of a machine by its number."""
    return f"{NET}.{number}"


class Network:
    """The bridge and its cables. `with Network() as network:` in the main thread, before any other is started."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __enter__(self) -> Self:
        remove_leftovers()
        _ip("netns", "add", OPS)
        _enter(OPS)
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "machines", "type", "bridge")
        _ip("address", "add", f"{address(1)}/24", "dev", "machines")
        _ip("link", "set", "machines", "up")
        return self

    def __exit__(self, *_error: object) -> None:
        remove_leftovers()

    def add(self, name: str, number: int) -> None:
        """Put a machine on the bridge."""
        space, cable = PREFIX + name, f"to-{name}"
        self._numbers[name] = number
        _ip("netns", "add", space)
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", cable, "master", "machines", "up")
        for command in (
            ("link", "set", "lo", "up"),
            ("address", "add", f"{address(number)}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            _ip("-n", space, *command)

    def cut(self, name: str) -> None:
        """Pull the cable of a machine: nothing that is sent arrives, and nobody is told."""
        _ip("link", "set", f"to-{name}", "down")

    def join(self, name: str) -> None:
        """Put it back."""
        _ip("link", "set", f"to-{name}", "up")


def pids(name: str) -> list[int]:
    """Every process on a machine."""
    return [int(pid) for pid in _ip("netns", "pids", PREFIX + name).split()]


def within(name: str) -> tuple[str, ...]:
    """What comes before a command that runs on a machine."""
    return ("ip", "netns", "exec", PREFIX + name)


def remove_leftovers() -> None:
    """End what still runs on our machines, and remove them: also those of a run that was killed."""
    for line in _ip("netns", "list").splitlines():
        space = line.split()[0]
        if not space.startswith(PREFIX):
            continue
        for pid in _ip("netns", "pids", space).split():
            if int(pid) != os.getpid():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        _ip("netns", "delete", space)


def _enter(space: str) -> None:
    """Go on in a namespace. Only Python 3.12 and newer have os.setns."""
    handle = os.open(Path("/run/netns") / space, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(handle, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(handle)


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout
