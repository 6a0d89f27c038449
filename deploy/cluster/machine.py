"""One machine: its programs, and what can happen to it."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bookwhen.sandbox.processes import Process, Program
from deploy.cluster import network
from deploy.cluster.network import Network

TICK: Final = 0.1


@dataclass
class Machine:
    """A machine on the network. Its programs are started again when they end, as systemd does, unless it is `off`."""

    name: str
    number: int
    net: Network
    logs: Path
    programs: list[Program] = field(default_factory=list)
    off: bool = False
    restarts: int = 0
    _running: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.net.add(self.name, self.number)

    @property
    def address(self) -> str:
        """Where it is."""
        return network.address(self.number)

    def program(self, name: str, *command: str, environment: Mapping[str, str] | None = None) -> None:
        """Have a program on it, from the next start on."""
        self.programs.append(
            Program(
                name=f"{name} on {self.name}",
                command=(*network.within(self.name), *command),
                log=self.logs / f"{self.name}-{name}.log",
                environment=environment or {},
                death=signal.SIGKILL,
            )
        )

    def start(self, *, ready: Callable[[], bool] = lambda: True) -> None:
        """Switch it on, and wait until it is ready."""
        self.off = False
        self._running = [Process(program) for program in self.programs]
        for process in self._running:
            process.wait_until(ready)

    def tend(self) -> None:
        """Start again what ended."""
        for process in self._running:
            if not self.off and process.exit_code() is not None:
                process.restart()
                self.restarts += 1

    def kill(self) -> None:
        """Let the power fail."""
        self.off = True
        self._signal(signal.SIGKILL)
        for process in self._running:
            process.popen.wait()

    def freeze(self) -> None:
        """Let everything on it stand still, while the network thinks that it is there."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def cut(self) -> None:
        """Cut it off from all others."""
        self.net.cut(self.name)

    def join(self) -> None:
        """Let it be reached again."""
        self.net.join(self.name)

    def reload(self) -> None:
        """Have its programs read their configuration again."""
        self._signal(signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> None:
        for pid in network.pids(self.name):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


class Tender:
    """Waits, and starts again meanwhile what ends on any machine. Only for the main thread: see `Process`."""

    def __init__(self, machines: Mapping[str, Machine]) -> None:
        self._machines = machines

    def wait(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait so long, or until something is so; returns whether it is."""
        deadline = time.monotonic() + seconds
        while not (so := until()) and time.monotonic() < deadline:
            for machine in self._machines.values():
                machine.tend()
            time.sleep(TICK)
        return so
