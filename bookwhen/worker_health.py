"""Whether a worker lives: `python -m bookwhen.worker_health [celery@HOST]` exits with 0 if its last sign is recent.

`beat` in place of a worker's name asks the same of the beat on this machine. A worker leaves a sign every few seconds
while its broker answers, beat each time that the broker takes its call. To look at it costs a few milliseconds, while
asking the worker itself (`celery inspect ping`) would start all of Django each time. That tasks are carried out is
another question: `/health/ready/` says since when they are late.
"""

import os
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

SILENT: Final = 60.0
"""After how many seconds without a sign a worker counts as dead."""
BEAT: Final = "beat"
BEAT_SILENT: Final = 180.0
"""The same for beat, which calls every minute."""
EVERY: Final = 10.0


def default_node() -> str:
    """What Celery calls a worker that nobody named."""
    return f"celery@{socket.gethostname()}"


def sign_of(node: str) -> Path:
    """The file in which a worker leaves its sign: the monotonic time, which all processes of a machine share."""
    return Path(tempfile.gettempdir()) / f"bookwhen-{node.replace('/', '-')}.alive"


def leave_sign(node: str) -> None:
    """Say that a worker lives; seldom enough to cost nothing."""
    path = sign_of(node)
    if (age := silence(node)) is not None and age < EVERY:
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w") as file:
        file.write(str(time.monotonic()))
    Path(name).replace(path)


def silence(node: str) -> float | None:
    """For how many seconds a worker has left no sign; None where it has left none since the machine started."""
    try:
        age = time.monotonic() - float(sign_of(node).read_text())
    except (OSError, ValueError):
        return None
    return age if age >= 0 else None


def main(arguments: list[str]) -> int:
    """Say how the worker is, on one line; 0 if it lives."""
    node = arguments[0] if arguments else default_node()
    age = silence(node)
    if age is None:
        print(f"{node} has left no sign here.")  # noqa: T201 - a command
        return 1
    print(f"{node} left its last sign {age:.0f} seconds ago.")  # noqa: T201 - the same
    return int(age > (BEAT_SILENT if node == BEAT else SILENT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
