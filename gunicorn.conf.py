"""How gunicorn serves the site; `--bind` and `--workers` (or WEB_CONCURRENCY) come from who starts it."""

import gc
import logging.config
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gunicorn import glogging

_memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - Linux's memory, not a temporary folder

# Loaded once, then forked: it starts sooner and takes less memory. Nothing may be connected by then (a test looks).
preload_app = True

# A resolver that does not answer is waited for by each lookup: ten seconds, unless this says otherwise.
os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:1")

worker_class = "gthread"
threads = 4
# Let a proxy use each connection once, as ours does (deploy/proxy/Caddyfile): what is kept sticks to the worker that took
# it, and then one worker waits while another is full. Only a proxy may come here: when a connection is closed, the
# worker's main loop waits until the other side has closed too, for up to two seconds.
keepalive = 5
timeout = 30
# What was begun is finished when a worker is to stop: the slowest wait for Stripe. What stops us must wait longer.
graceful_timeout = 30
# A heartbeat on a slow disk can look like a worker that hangs.
worker_tmp_dir = _memory
control_socket_disable = True

# What the workers count for /metrics, in one folder for all. The library looks for its name when it is imported.
_counts = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="bookwhen-metrics-", dir=_memory)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts


class logger_class(glogging.Logger):  # type: ignore[misc] # noqa: N801 - the setting's name
    """gunicorn's own lines, written like ours. The access log is the application's (`bookwhen.seeing.requests`)."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's
        """Take the form of the lines from Django's settings."""
        super().setup(cfg)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")
        from django.conf import settings

        logging.config.dictConfig(settings.LOGGING)


def on_starting(server: Any) -> None:  # noqa: ANN401, ARG001 - gunicorn's
    """Begin with no counts: those of an earlier start would be counted for ever."""
    folder = Path(_counts)
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()


def child_exit(server: Any, worker: Any) -> None:  # noqa: ANN401, ARG001 - gunicorn's
    """Forget the database connections of a worker that has ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:  # noqa: ANN401, ARG001 - gunicorn's
    """Leave nothing behind."""
    shutil.rmtree(_counts, ignore_errors=True)


def when_ready(_server: object) -> None:
    """Leave what is loaded out of every later collection, before the first fork.

    So the processes go on sharing it, and end with less: looking through it all took each half a second of processor.
    """
    gc.collect()
    gc.freeze()
