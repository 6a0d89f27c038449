"""How gunicorn serves the site; `--bind` and `--workers` (or WEB_CONCURRENCY) come from who starts it."""

import gc
from pathlib import Path

# Loaded once, then forked: it starts sooner and takes less memory. Nothing may be connected by then (a test looks).
preload_app = True
worker_class = "gthread"
threads = 4
keepalive = 5
timeout = 30
graceful_timeout = 10
# A heartbeat on a slow disk can look like a worker that hangs.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - Linux's memory, not a temporary folder
control_socket_disable = True


def when_ready(_server: object) -> None:
    """Leave what is loaded out of every later collection, before the first fork.

    So the processes go on sharing it, and end with less: looking through it all took each half a second of processor.
    """
    gc.collect()
    gc.freeze()
