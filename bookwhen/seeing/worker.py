"""What is seen of tasks: the ids they run under, one line in the log, and how many, how long and how many failed.

A worker has many processes and no address of its own that could be asked, so the counts are kept in the broker, where
`/metrics` of any web process reads them. Counting never makes a task fail or wait for long.
"""

import logging
import logging.config
from contextlib import ExitStack
from time import perf_counter
from typing import Any, Final

import redis
from celery import Celery, signals
from celery.app.task import Task
from django.conf import settings

from bookwhen.seeing.ids import PASSED_ON, current_ids, only_ids
from bookwhen.seeing.logs import FIELDS

HEADER: Final = "seen_ids"
COUNTS: Final = "bookwhen:tasks"
"""The hash in the broker: `name|count`, `name|seconds`, `name|failed`."""
SECONDS_TO_ANSWER: Final = 1

log = logging.getLogger("bookwhen.tasks")

_running: Final[dict[str, tuple[ExitStack, float]]] = {}


def connect(app: Celery) -> None:
    """Hear of every task that is queued or run by this process, and log as Django's settings say."""
    app.conf.worker_hijack_root_logger = False
    for signal, receiver in (
        (signals.setup_logging, _set_up_logging),
        (signals.before_task_publish, _pass_ids_on),
        (signals.task_prerun, _begin),
        (signals.task_postrun, _end),
    ):
        signal.connect(receiver, dispatch_uid=f"{__name__}.{receiver.__name__}")


def task_counts() -> dict[str, dict[str, float]]:
    """How many runs of each task there were, how many seconds they took, and how many failed; raises RedisError."""
    with _broker() as client:
        found = client.hgetall(COUNTS)
    counts: dict[str, dict[str, float]] = {}
    for field, value in found.items():
        task, _mark, what = field.decode().rpartition("|")
        counts.setdefault(task, {})[what] = float(value)
    return counts


def _set_up_logging(**_kwargs: Any) -> None:  # noqa: ANN401 - a signal's
    logging.config.dictConfig(settings.LOGGING)


def _pass_ids_on(headers: dict[str, Any], **_kwargs: Any) -> None:  # noqa: ANN401 - a signal's
    known = current_ids()
    headers[HEADER] = {name: known[name] for name in PASSED_ON if name in known}


def _begin(task_id: str, task: Task, **_kwargs: Any) -> None:  # type: ignore[type-arg] # noqa: ANN401 - a signal's
    stack = ExitStack()
    passed_on = getattr(task.request, HEADER, None) or {}
    stack.enter_context(only_ids({**passed_on, "task": str(task.name), "task_id": task_id}))
    _running[task_id] = (stack, perf_counter())


def _end(task_id: str, task: Task, state: str | None = None, **_kwargs: Any) -> None:  # type: ignore[type-arg] # noqa: ANN401 - a signal's
    stack, begun = _running.pop(task_id, (ExitStack(), perf_counter()))
    with stack:
        seconds, failed = perf_counter() - begun, state != "SUCCESS"
        # What beat starts is only news when it fails.
        level = logging.DEBUG if _is_periodic(task) and not failed else logging.INFO
        told = {"state": (state or "").lower(), "ms": round(seconds * 1000, 1)}
        log.log(level, "%s: %s", task.name, told["state"], extra={FIELDS: told})
        _count(str(task.name), seconds, failed=failed)


def _is_periodic(task: Task) -> bool:  # type: ignore[type-arg]
    from bookwhen.jobs.schedule import JOBS

    return task.name in JOBS or any(task.name == each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values())


def _count(task: str, seconds: float, *, failed: bool) -> None:
    try:
        with _broker() as client, client.pipeline(transaction=False) as together:
            together.hincrby(COUNTS, f"{task}|count", 1)
            together.hincrbyfloat(COUNTS, f"{task}|seconds", seconds)
            together.hincrby(COUNTS, f"{task}|failed", int(failed))
            together.execute()
    except redis.RedisError as error:
        log.debug("A task could not be counted: %s", error)


def _broker() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=SECONDS_TO_ANSWER, socket_timeout=SECONDS_TO_ANSWER
    )
