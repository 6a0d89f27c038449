"""Whether this worker was told to stop: then a run begins no other row, and the worker ends while others go on."""

import mmap
from typing import Any, Final

from celery.signals import worker_shutting_down

# Memory without a name, shared with the processes that a worker forks: they are not told themselves.
_FLAG: Final = mmap.mmap(-1, 1)


def is_stopping() -> bool:
    """Whether this worker was told to stop."""
    return _FLAG[0] == 1


@worker_shutting_down.connect(weak=False)
def stop(**_about: Any) -> None:  # noqa: ANN401 - whatever Celery says
    """Let no run begin another row."""
    _FLAG[0] = 1
