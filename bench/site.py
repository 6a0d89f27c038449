"""The site as it runs in production, on servers of its own that nobody will miss."""

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


@dataclass(frozen=True)
class Site:
    """Where it is, the environment of its processes, and where the stand-in for Stripe is that it speaks to."""

    port: int
    environment: dict[str, str]
    stripe: str
    logs: Path

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
        port, stripe = free_port(), free_port()
        environment = _environment(started, folder, port) | {"STRIPE_API_BASE": f"http://127.0.0.1:{stripe}"}
        os.environ.update(environment)
        for command in (("migrate", "--verbosity", "0"), ("collectstatic", "--noinput", "--verbosity", "0")):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)  # noqa: S603
        stack.callback(_serve_stripe(folder, stripe).stop)
        stack.callback(_serve(folder, environment, port).stop)
        yield Site(port, environment, environment["STRIPE_API_BASE"], folder.logs)


def _environment(started: services.Services, folder: DataFolder, port: int) -> dict[str, str]:
    return {
        **started.environment(),
        "DJANGO_SETTINGS_MODULE": "bookwhen.settings",
        "SECRET_KEY": folder.secret("secret_key"),
        "STATIC_ROOT": str(folder.path / "static"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "1",
        "DEBUG": "0",
        "DEMO": "0",
        "LOG_LEVEL": "WARNING",
        "PROCESS": "command",
    }


def _serve(folder: DataFolder, environment: dict[str, str], port: int) -> Process:
    web = Process(
        Program(
            name="web",
            command=(
                *(sys.executable, "-m", "gunicorn", "bookwhen.wsgi"),
                *("--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)),
            ),
            log=folder.logs / "web.log",
            environment={**environment, "PROCESS": "web"},
        )
    )
    web.wait_until(lambda: _answers(f"http://127.0.0.1:{port}/health/live/"))
    return web


def _serve_stripe(folder: DataFolder, port: int) -> Process:
    """The stand-in for Stripe, in a process of its own that keeps nothing."""
    command = (sys.executable, "-m", "bookwhen.sandbox.stripe", "--port", str(port))
    stripe = Process(Program(name="Stripe sandbox", command=command, log=folder.logs / "stripe.log"))
    stripe.wait_until(lambda: _answers(f"http://127.0.0.1:{port}/_sandbox/faults"))
    return stripe


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except (URLError, OSError):
        time.sleep(0.1)
        return False
