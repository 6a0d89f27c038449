"""The whole site on one machine, as `dev.py run` starts it: servers, Stripe's stand-in, then web, worker and beat."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from bookwhen.sandbox import first_start, services
from bookwhen.sandbox.folder import DataFolder, write_private
from bookwhen.sandbox.ports import is_free
from bookwhen.sandbox.processes import Process, Program
from bookwhen.sandbox.stand_in import StandIn
from bookwhen.sandbox.supervisor import say, stop_all, watch

LOGINS: Final = (
    ("owner@demo.example", "runs the studio: see the dashboard"),
    ("teacher@demo.example", "leads classes: the schedule shows her own first"),
    ("member@demo.example", "has a membership: My bookings, My memberships"),
    ("stranger@demo.example", "has none yet, and can buy one"),
)
STRIPE: Final = "STRIPE_API_BASE"
PASSWORD: Final = "demo-only"  # noqa: S105 - printed for everybody who runs the demo
SECONDS_FOR_THE_LAST_ONE: Final = 10
"""How long the port of a run that was killed may still be taken."""


def run(folder: DataFolder, *, port: int, reset: bool) -> int:
    """Start everything, say where it is, and stay until Ctrl-C or SIGTERM; returns the exit code.

    Raises FolderError when another run holds the folder, StartFailedError when something does not start.
    """
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        killed = stack.enter_context(folder.locked(f"{url}/"))
        if not wait_for(port, seconds=SECONDS_FOR_THE_LAST_ONE if killed else 0):
            print(f"Port {port} is in use. Choose another with --port.", file=sys.stderr)
            return 2
        if reset:
            first_start.wipe(folder)
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.default_int_handler)
        try:
            serve(folder, stack, url=url, port=port)
        except KeyboardInterrupt:
            say("Stopping ...")
    return 0


def wait_for(port: int, *, seconds: float) -> bool:
    """Wait until the port is free; returns whether it is."""
    deadline = time.monotonic() + seconds
    while not (free := is_free(port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return free


def serve(folder: DataFolder, stack: ExitStack, *, url: str, port: int) -> None:
    """Start everything in order, and watch over it; `stack` stops it in reverse."""
    past_later = first_start.begin(folder)
    for name, variable in (("PostgreSQL", "DATABASE_URL"), ("Valkey", "REDIS_URL"), ("Stripe sandbox", STRIPE)):
        if not (past_later and variable == STRIPE):
            say(f"Using {variable} ..." if os.environ.get(variable) else f"Starting {name} ...")
    running, settings, stand_in = stack.enter_context(servers(folder, url=url, stripe_later=past_later))
    say("Migrating, and loading the demo (the first time takes longest) ...")
    prepare(folder, settings, past_later=past_later)
    say("Starting web ..." if past_later else "Starting web, worker and beat ...")
    processes: list[Process] = []
    stack.callback(stop_all, processes)
    web, worker, beat = programs(folder, settings, port=port)
    processes.append(Process(web))
    done = ""
    if past_later and stand_in:
        wait_for_web(processes[0], url)
        announce(folder, url, stripe=settings[STRIPE], past_later=True)
        done = first_start.live_past(folder, settings, [*running.processes, *processes])
        running.processes.append(stand_in.start())
    processes += [Process(worker), Process(beat)]
    wait_for_all(processes, running, url)
    if done:
        say(done)
    else:
        announce(folder, url, stripe=settings[STRIPE])
    watch([*running.processes, *processes])


@contextmanager
def servers(
    folder: DataFolder, *, url: str, stripe_later: bool = False
) -> Iterator[tuple[services.Services, dict[str, str], StandIn | None]]:
    """Have PostgreSQL, Valkey and Stripe's stand-in for a while, but for those that the environment names.

    Yields them and the settings they make, which are also written down for `dev.py manage`, and the stand-in: with
    `stripe_later` it is still to be started. Raises StartFailedError.
    """
    for log in folder.logs.iterdir():
        log.unlink()
    folder.environment_file.unlink(missing_ok=True)
    running = services.start(folder, lasting=True)
    try:
        named = os.environ.get(STRIPE)
        stand_in = None if named else StandIn(folder, site_port=urlsplit(url).port or 0)
        api = stand_in.url if stand_in else str(named).rstrip("/")
        settings = environment(running, folder, url=url) | {STRIPE: api}
        if stand_in and not stripe_later:
            running.processes.append(stand_in.start())
        write_private(folder.environment_file, json.dumps(settings))
        yield running, settings, stand_in
    finally:
        folder.environment_file.unlink(missing_ok=True)
        running.stop()


def environment(running: services.Services, folder: DataFolder, *, url: str) -> dict[str, str]:
    """Return the settings of the demo's processes (`bookwhen/settings.py` lists them all)."""
    static_root = folder.path / "static"
    static_root.mkdir(exist_ok=True)
    return {
        **running.environment(),
        "DJANGO_SETTINGS_MODULE": "bookwhen.settings",
        "SECRET_KEY": folder.secret("secret_key"),
        "STATIC_ROOT": str(static_root),
        "MEDIA_ROOT": str(folder.path / "media"),
        "SITE_URL": url,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DEMO": "1",
        "PROCESS": "command",
        # Whatever the shell says: what one of them has compiled, the others need not.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def prepare(folder: DataFolder, settings: dict[str, str], *, past_later: bool) -> None:
    """Migrate and load the demo, and say what that said; raises StartFailedError."""
    log = folder.logs / "migrate.log"
    command = (sys.executable, "-m", "bookwhen.sandbox.prepare", *([first_start.PAST_LATER] if past_later else []))
    process = Process(Program(name="migrate", command=command, log=log, environment=settings))
    try:
        process.popen.wait()
    except KeyboardInterrupt:
        process.stop()
        raise
    process.wait_until(lambda: process.exit_code() == 0)
    if told := log.read_text().strip():
        say(told)


def programs(folder: DataFolder, settings: dict[str, str], *, port: int) -> list[Program]:
    """Return web, worker and beat."""
    celery = ("celery", "-A", "bookwhen.celery")
    alone = ("--without-mingle", "--without-gossip")  # there is no other worker to talk to
    commands = {
        "web": ("gunicorn", "bookwhen.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"),
        "worker": (*celery, "worker", "--concurrency", "4", *alone, "--loglevel", "INFO"),
        "beat": (*celery, "beat", "--pidfile", "", "--loglevel", "INFO"),
    }
    return [
        Program(
            name=name,
            command=(sys.executable, "-m", *command),
            log=folder.logs / f"{name}.log",
            environment={**settings, "PROCESS": "web" if name == "web" else "worker"},
            # Celery's clean end waits for a broker that dies at the same time; its pool ends with it.
            death=signal.SIGTERM if name == "web" else signal.SIGKILL,
        )
        for name, command in commands.items()
    ]


def wait_for_web(web: Process, url: str) -> None:
    """Wait until web answers that it is ready; raises StartFailedError."""
    web.wait_until(lambda: answers(f"{url}/health/ready/"))


def wait_for_all(processes: list[Process], running: services.Services, url: str) -> None:
    """Wait until web is ready, the worker answers a ping, and beat runs; raises StartFailedError."""
    from celery import Celery  # half of what this process imports

    web, worker, beat = processes
    wait_for_web(web, url)
    control = Celery(broker=running.redis_url).control
    worker.wait_until(lambda: bool(control.ping(timeout=1, limit=1)))
    beat.wait_until(lambda: b"beat: Starting" in beat.program.log.read_bytes())


def answers(url: str) -> bool:
    """Say whether the address answers 200."""
    try:
        with urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return bool(response.status == HTTPStatus.OK)
    except (URLError, OSError):
        return False


def announce(folder: DataFolder, url: str, *, stripe: str, past_later: bool = False) -> None:
    """Say where everything is and who can log in, what is still to come, then that it is ready."""
    say("")
    say(f"  Public page     {url}/demo/")
    say(f"  Dashboard       {url}/dashboard/demo/")
    if not os.environ.get(STRIPE):
        say(f"  Stripe sandbox  {stripe}/_sandbox/    pay with the test card 4242 4242 4242 4242")
    say(f"  Logs            {folder.logs}")
    say(f"  Log in as (password: {PASSWORD})")
    for address, who in LOGINS:
        say(f"    {address:<24} {who}")
    say("  Ctrl-C stops everything; the data stays.")
    if past_later:
        say(first_start.TOLD)
    say("")
    say(f"READY {url}/")
