"""The site as it runs in production, and the floor beside it, on servers of their own that nobody will miss."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from bench import rounds
from bench.floor.tables import Tables
from bookwhen.sandbox import services
from bookwhen.sandbox.folder import DataFolder
from bookwhen.sandbox.ports import free_port
from bookwhen.sandbox.processes import Process, Program

ROOT: Final = Path(__file__).resolve().parent.parent
WORKERS: Final = 2
"""Each with the four threads of gunicorn.conf.py."""
CONCURRENCY: Final = 8
"""Processes of the Celery worker, as in docker-compose.yml."""

POSTGRES: Final = {
    "max_connections": "100",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "top",
}


SIGNING_SECRET: Final = "whsec_floor"  # noqa: S105 - it guards nothing
"""By which the floor's events are signed."""


@dataclass(frozen=True)
class Server:
    """A gunicorn with the database that it asks."""

    port: int
    web: Process
    database: Process

    def worked(self) -> float:
        """Seconds of processor that its workers and PostgreSQL's backends have taken so far; Linux tells it."""
        return sum(rounds.precise_seconds_of(rounds.family(each.popen.pid)) for each in (self.web, self.database))


@dataclass(frozen=True)
class Site:
    """Where it is, the environment of its processes, where the stand-in for Stripe is, and the floor with its data."""

    server: Server
    environment: dict[str, str]
    stripe: str
    logs: Path
    floor: Server
    tables: Tables

    @property
    def port(self) -> int:
        """Where the site answers."""
        return self.server.port

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Have a Celery worker for a while."""
        process = Process(
            Program(
                name="worker",
                command=(
                    *(sys.executable, "-m", "celery", "-A", "bookwhen.celery", "worker"),
                    *("--concurrency", str(CONCURRENCY), "--loglevel", "WARNING"),
                ),
                log=self.logs / "worker.log",
                environment={**self.environment, "PROCESS": "worker"},
            )
        )
        try:
            process.wait_until(_worker_answers)
            yield
        finally:
            process.stop()


@contextmanager
def running() -> Iterator[Site]:
    """Have PostgreSQL, Valkey and gunicorn for a while; raises StartFailedError.

    The environment of this process is the site's afterwards, so that Django can be set up in it.
    """
    for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL"):
        os.environ.pop(name, None)  # never another's servers: what is measured fills and empties them
    folder = DataFolder(Path(tempfile.mkdtemp(prefix="bookwhen-bench-")))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder.path, ignore_errors=True)
        stack.callback(folder.wipe)
        started = services.start(folder, lasting=False, settings=POSTGRES)
        stack.callback(started.stop)
        port, floor, stripe = free_port(), free_port(), free_port()
        environment = _environment(started, folder, port) | {"STRIPE_API_BASE": f"http://127.0.0.1:{stripe}"}
        os.environ.update(environment)
        for command in (("migrate", "--verbosity", "0"), ("collectstatic", "--noinput", "--verbosity", "0")):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)  # noqa: S603
        tables = Tables(environment["DATABASE_URL"])
        stack.callback(_serve_stripe(folder, stripe).stop)
        ours = _serve(folder, environment, port, "bookwhen.wsgi", "/health/live/")
        stack.callback(ours.stop)
        least = {"DJANGO_SETTINGS_MODULE": "bench.floor.settings", "FLOOR_SIGNING_SECRET": SIGNING_SECRET}
        bare = _serve(folder, environment | least, floor, "bench.floor.wsgi", "/")
        stack.callback(bare.stop)
        database = started.processes[0]
        yield Site(
            server=Server(port, ours, database),
            environment=environment,
            stripe=environment["STRIPE_API_BASE"],
            logs=folder.logs,
            floor=Server(floor, bare, database),
            tables=tables,
        )


def _environment(started: services.Services, folder: DataFolder, port: int) -> dict[str, str]:
    return {
        **started.environment(),
        "DJANGO_SETTINGS_MODULE": "bookwhen.settings",
        "SECRET_KEY": folder.secret("secret_key"),
        "STATIC_ROOT": str(folder.path / "static"),
        "MEDIA_ROOT": str(folder.path / "media"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "1",
        "DEBUG": "0",
        "DEMO": "0",
        "LOG_LEVEL": "WARNING",
        "PROCESS": "command",
    }


def _serve(folder: DataFolder, environment: dict[str, str], port: int, application: str, path: str) -> Process:
    """Serve an application as gunicorn.conf.py says, until it answers at the path."""
    web = Process(
        Program(
            name=application,
            command=(
                *(sys.executable, "-m", "gunicorn", application),
                *("--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)),
            ),
            log=folder.logs / f"{application}.log",
            environment={**environment, "PROCESS": "web"},
        )
    )
    web.wait_until(lambda: _answers(f"http://127.0.0.1:{port}{path}"))
    return web


def _serve_stripe(folder: DataFolder, port: int) -> Process:
    """The stand-in for Stripe, in a process of its own that keeps nothing."""
    command = (sys.executable, "-m", "bookwhen.sandbox.stripe", "--port", str(port))
    stripe = Process(Program(name="Stripe sandbox", command=command, log=folder.logs / "stripe.log"))
    stripe.wait_until(lambda: _answers(f"http://127.0.0.1:{port}/_sandbox/faults"))
    return stripe


def _worker_answers() -> bool:
    """Whether a worker takes tasks by now."""
    from bookwhen.celery import app  # needs Django to be set up

    return bool(app.control.ping(timeout=0.5))


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except (URLError, OSError):
        time.sleep(0.1)
        return False
