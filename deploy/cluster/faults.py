"""What happens to the machines, one after another, and what the keeper does about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from deploy.cluster.machine import Machine
from deploy.cluster.site import Site

KINDS: Final = ("kill", "freeze", "cut")
ALONE: Final = ("web1", "worker1", "beat", "valkey", "pgbouncer", "stripe", "mail", "pg2", "pg3")
"""The machines that come back as they were. Stripe is not ours to kill: it would forget."""


@dataclass(frozen=True)
class Fault:
    """Something that happens: `strike`, and after a while `heal`, which says what a hand had to do (or nothing)."""

    name: str
    strike: Callable[[], None]
    heal: Callable[[], list[str]]


def all_faults(site: Site) -> Iterator[Fault]:
    """Every fault, in order: the primary last, since others lead afterwards."""
    for name in ALONE:
        for kind in KINDS:
            if (name, kind) != ("stripe", "kill"):
                yield Fault(f"{kind} {name}", *_passing(kind, site.machines[name]))
    for kind in KINDS:
        yield Fault(f"{kind} primary", *_of_primary(kind, site))
    for kind in KINDS:
        yield Fault(f"{kind} primary, promote", _of_primary(kind, site)[0], partial(promote, site))


def promote(site: Site) -> list[str]:
    """What the keeper does when the primary is gone, as docs/operating.md has it."""
    old = site.primary
    old.machine.kill()
    standbys = site.standbys()
    new = max(standbys, key=lambda server: (server.received(), server.machine.name != "pg3"))
    new.ask("SELECT pg_promote()")
    for server in standbys:
        if server is not new:
            server.follow_another(new)
    site.lead_to(new)
    old.machine.join()
    old.follow(new)
    return [
        f"switched {old.machine.name} off",
        f"promoted {new.machine.name}, which had most of the log",
        "let the other standby follow it",
        "named it in pgbouncer.ini and reloaded PgBouncer",
        f"made {old.machine.name} anew as a standby",
    ]


def _passing(kind: str, machine: Machine) -> tuple[Callable[[], None], Callable[[], list[str]]]:
    """A fault of a machine that comes back without anybody's help: its programs start when it does."""

    def heal() -> list[str]:
        {"kill": machine.start, "freeze": machine.thaw, "cut": machine.join}[kind]()
        return []

    return _striking(kind, lambda: machine), heal


def _of_primary(kind: str, site: Site) -> tuple[Callable[[], None], Callable[[], list[str]]]:
    """A fault of whichever machine is the primary then."""

    def heal() -> list[str]:
        return _passing(kind, site.primary.machine)[1]()

    return _striking(kind, lambda: site.primary.machine), heal


def _striking(kind: str, struck: Callable[[], Machine]) -> Callable[[], None]:
    """What happens to a machine that is known only then."""

    def strike() -> None:
        machine = struck()
        {"kill": machine.kill, "freeze": machine.freeze, "cut": machine.cut}[kind]()

    return strike
