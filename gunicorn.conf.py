"""How gunicorn serves the site; `--bind` and `--workers` (or WEB_CONCURRENCY) come from who starts it."""

import os
from pathlib import Path

# A resolver that does not answer is waited for by each lookup: ten seconds, unless this says otherwise.
os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:1")

worker_class = "gthread"
threads = 4
keepalive = 5
timeout = 30
# What was begun is finished when a worker is to stop: the slowest wait for Stripe. What stops us must wait longer.
graceful_timeout = 30
# A heartbeat on a slow disk can look like a worker that hangs.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - Linux's memory, not a temporary folder
control_socket_disable = True
