"""The trial: everything is started, one fault after another, and the report at the end."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import django

from bookwhen.sandbox.postgres import binaries, guise
from bookwhen.sandbox.processes import StartFailedError
from deploy.cluster.faults import Fault, all_faults
from deploy.cluster.network import Network
from deploy.cluster.postgres import PORT
from deploy.cluster.site import Site

if TYPE_CHECKING:
    from deploy.cluster.comparison import Line
    from deploy.cluster.visitors import Visitors

NEEDED: Final = {"ip": "iproute2", "haproxy": "haproxy", "pgbouncer": "pgbouncer", "setpriv": "util-linux"}
CALM: Final = 3.0
LASTS: Final = 6.0
SETTLES: Final = 60.0
DRAINS: Final = 180.0


@dataclass
class Outcome:
    """What came of one fault: seconds without a good answer by kind, bad answers by status, and what a hand did."""

    name: str
    gaps: dict[str, float]
    bad: dict[str, int]
    settled: float | None
    hands: list[str] = field(default_factory=list)


def main() -> int:
    """Run the trial; returns 0 where everything is as it has to be, 1 where it is not, 2 where it cannot run here."""
    options = _options()
    if missing := _missing():
        print(f"This needs {', '.join(missing)}.", file=sys.stderr)
        return 2
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="bookwhen-cluster-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        if not options.keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        site = Site(stack.enter_context(Network()), folder)
        print(f"Starting {len(site.machines)} databases and all other machines; logs: {folder / 'logs'}", flush=True)
        try:
            site.start()
        except StartFailedError as error:
            print(error, file=sys.stderr)
            return 1
        chosen = [fault for fault in all_faults(site) if not options.only or any(o in fault.name for o in options.only)]
        os.environ.update(site.environment("command"))
        django.setup()
        report = _try(site, chosen)
        text = report.text(time.monotonic() - began)
        print(text)
        options.report.write_text(text)
        if options.keep:
            print(f"Kept: {folder}")
        return 0 if report.good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description="Try the site on many machines.")
    parser.add_argument("--only", action="append", metavar="WORDS", help="only faults whose name has these words")
    parser.add_argument("--keep", action="store_true", help="keep the logs and the data")
    report = Path(tempfile.gettempdir()) / "cluster-report.txt"
    parser.add_argument("--report", type=Path, default=report, help=f"the file of the report (default: {report})")
    return parser.parse_args()


def _missing() -> list[str]:
    if os.geteuid() != 0:
        return ["root, for network namespaces"]
    found = [
        f"{program} (apt-get install {package})" for program, package in NEEDED.items() if not shutil.which(program)
    ]
    if guise(binaries(), Path(tempfile.gettempdir())).user:
        found.append("user namespaces (unshare --user), since PostgreSQL refuses root")
    return found


@dataclass
class Report:
    """All that came of it."""

    outcomes: list[Outcome]
    lines: "list[Line]"
    restarts: dict[str, int]

    @property
    def good(self) -> bool:
        """Whether everything is as it has to be."""
        return all(line.good for line in self.lines) and all(each.settled is not None for each in self.outcomes)

    def text(self, seconds: float) -> str:
        """The report to read."""
        return "\n".join([*self._table(), "", *self._comparison(), "", *self._hands(seconds), ""])

    def _table(self) -> list[str]:
        head = f"{'fault':26}{'page':>7}{'entry':>7}{'book':>7}{'well after':>12}   bad answers by status"
        rows = []
        for each in self.outcomes:
            gaps = "".join(f"{each.gaps[kind]:7.1f}" for kind in ("page", "entry", "book"))
            after = "never" if each.settled is None else f"{each.settled:.1f}"
            bad = ", ".join(f"{number} of {status}" for status, number in sorted(each.bad.items())) or "none"
            rows.append(f"{each.name:26}{gaps}{after:>12}   {bad}")
        return ["Seconds without a good answer:", head, "-" * len(head), *rows]

    def _comparison(self) -> list[str]:
        return [f"{'' if line.good else 'WRONG  '}{line.name}: {line.value}" for line in self.lines]

    def _hands(self, seconds: float) -> list[str]:
        found = [f"By hand, after “{each.name}”: {'; '.join(each.hands)}." for each in self.outcomes if each.hands]
        again = ", ".join(f"{name} {number} times" for name, number in self.restarts.items() if number)
        return [
            *found,
            f"Programs that ended without being killed and were started again: {again or 'none'}.",
            "Stand-ins: Stripe is the sandbox’s, mail is counted and thrown away, machines are network namespaces.",
            f"Everything is as it has to be: {'yes' if self.good else 'NO'}. It took {seconds / 60:.1f} minutes.",
        ]


def _try(site: Site, faults: Sequence[Fault]) -> Report:
    from deploy.cluster.comparison import Line, compare
    from deploy.cluster.studio import Studio
    from deploy.cluster.visitors import Visitors

    studio = Studio(site.stripe, len(faults))
    host = site.machines["balancer"].address
    with Visitors(host, studio) as visitors:
        site.tender.wait(CALM)
        outcomes = [_suffer(site, fault, visitors, studio.renew) for fault in faults]
        site.tender.wait(CALM)
        visitors.stop()
        site.tender.wait(DRAINS, until=visitors.are_gone)
    _drain(site)
    waits_for = str(site.primary.ask("SHOW synchronous_standby_names") or "")
    lines = [
        *compare(visitors.told, studio, site.letters, len(faults)),
        Line("a commit at the last primary waits for", waits_for or "nobody", bool(waits_for)),
    ]
    return Report(outcomes, lines, {name: machine.restarts for name, machine in site.machines.items()})


def _suffer(site: Site, fault: Fault, visitors: "Visitors", renew: Callable[[], None]) -> Outcome:
    """Let one fault come and go, with a race for last places and renewals meanwhile."""
    print(f"  {fault.name} …", end="", flush=True)
    began = time.monotonic()
    visitors.contest()
    fault.strike()
    site.tender.wait(LASTS / 2)
    visitors.renew_soon(renew)
    site.tender.wait(LASTS / 2)
    healing = time.monotonic()
    hands = fault.heal()
    healed = time.monotonic()
    well = site.tender.wait(SETTLES, until=lambda: visitors.are_well_since(healed))
    until = time.monotonic()
    site.tender.wait(CALM)
    told = visitors.told
    gaps = {kind: told.gap(kind, began, until) for kind in ("page", "entry", "book")}
    print(f" {until - began:.0f} s", flush=True)
    return Outcome(fault.name, gaps, dict(told.bad(began, until)), until - healing if well else None, hands)


def _drain(site: Site) -> None:
    """Wait until all that waits is done. What would be tried again in some minutes is due at once: it saves time."""
    from django.db import connection
    from django.db.models import F
    from django.utils import timezone

    from accounts.models import Letter, MailOutage
    from bookwhen.celery import app
    from bookwhen.payments.models import EventState, StripeEvent
    from deploy.cluster.comparison import waits

    connection.close()
    # Past PgBouncer, as the guide says of long statements.
    connection.settings_dict |= {"HOST": site.primary.machine.address, "PORT": str(PORT)}
    app.send_task("bookwhen.payments.tasks.catch_up")
    until = time.monotonic() + DRAINS
    while waits() and time.monotonic() < until:
        now = timezone.now()
        MailOutage.objects.all().delete()
        Letter.objects.waiting().filter(due_at__gt=now, held_until=None).update(due_at=now)
        StripeEvent.objects.filter(state=EventState.RECEIVED, due_at__gt=F("received_at")).update(due_at=now)
        site.tender.wait(10, until=lambda: not waits())
