"""When each job is due, as the database remembers it: so a missed run is made up for once, whatever stood still.

A job is a task with a schedule: `@job(Every(...))`. Beat knows none of them; it calls `start_due_jobs` every minute.
"""

import logging
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import wraps
from typing import Concatenate, Final, ParamSpec, Protocol, cast

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from bookwhen.installation.models import Heartbeat
from bookwhen.jobs.run import SECONDS, Errors, Run, error_text

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
EARLY: Final = timedelta(seconds=10)
"""How much sooner than its interval a job may be started: beat calls a little early or late."""
LATE: Final = timedelta(minutes=5)
"""After how long without a beat people are told."""
FUTURE: Final = timedelta(minutes=5)
"""What was noted so far ahead of now was noted by a clock that was wrong."""
ONE_ITEM: Final = 180
"""How many seconds a run may take beyond its time, for the row that it has begun."""
KILLED_AFTER: Final = 30
"""How many seconds later a task is killed that does not end."""
BEAT: Final = "beat"
PREFIX: Final = "job:"
"""What the names of jobs begin with among the heartbeats."""

Arguments = ParamSpec("Arguments")

log = logging.getLogger(__name__)


class When(Protocol):
    """When a job is due."""

    def is_due(self, last: Heartbeat, started_at: datetime, now: datetime) -> bool:
        """Whether it must be started, having last been started then."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again."""

    interval: timedelta

    def is_due(self, last: Heartbeat, started_at: datetime, now: datetime) -> bool:
        """Whether the interval is over."""
        del last
        return now - started_at >= self.interval - EARLY


@dataclass(frozen=True, slots=True)
class Nightly:
    """Once a day from a time (UTC) on; where that failed or was missed, each hour until it has worked."""

    at: time

    def is_due(self, last: Heartbeat, started_at: datetime, now: datetime) -> bool:
        """Whether it has not been started since that time, or has not worked."""
        slot = self.latest(now)
        worked = last.succeeded_at is not None and slot <= last.succeeded_at <= now + FUTURE
        return not worked and (started_at < slot or now - started_at >= HOUR - EARLY)

    def latest(self, now: datetime) -> datetime:
        """When it was last to begin."""
        today = datetime.combine(now.astimezone(UTC).date(), self.at, UTC)
        return today if today <= now else today - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A task and when it is due."""

    task: str
    when: When

    @property
    def heartbeat(self) -> str:
        """What it is called among the heartbeats."""
        return f"{PREFIX}{self.task}"

    def is_due(self, last: Heartbeat, now: datetime) -> bool:
        """Whether it must be started; one that left something goes on at once."""
        started_at = last.started_at
        if started_at is None or started_at > now + FUTURE:
            return True
        if last.left and last.beaten_at >= started_at:
            return now - started_at >= MINUTE - EARLY
        return self.when.is_due(last, started_at, now)


JOBS: Final[dict[str, Job]] = {}
"""Every job by its task; filled as the modules with tasks are imported, as every worker does."""


def job(
    when: When, *, seconds: float = SECONDS, expected: Errors = ()
) -> Callable[[Callable[Concatenate[Run, Arguments], None]], Callable[Arguments, None]]:
    """Make a function a task that is started when it is due, and whose runs are recorded.

    It is given its `Run`, which lasts so many seconds; `expected` errors are logged without a traceback. With arguments
    it is a task like any other, as somebody asks for it: no run of the job for all, and not recorded as one.
    """

    def make(work: Callable[Concatenate[Run, Arguments], None]) -> Callable[Arguments, None]:
        name = f"{work.__module__}.{work.__name__}"

        @wraps(work)
        def task(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            run = Run(name, now=timezone.now(), seconds=seconds, expected=expected)
            carry_out(run, lambda: work(run, *args, **kwargs), recorded=not (args or kwargs))

        JOBS[name] = Job(name, when)
        soft = int(seconds) + ONE_ITEM
        made = shared_task(name=name, soft_time_limit=soft, time_limit=soft + KILLED_AFTER)(task)
        return cast("Callable[Arguments, None]", made)

    return make


def start_due_jobs(send: Callable[[str], object], *, now: datetime) -> list[str]:
    """Start every job that is due, each once, however many workers ask; which (tasks).

    `send` hands a task to the broker. Where it fails, the job is still due. A nightly job that has never run waits
    for an hour: nothing has happened yet that it could look at.
    """
    known = {each.name: each for each in Heartbeat.objects.filter(name__startswith=PREFIX)}
    started = []
    for each in JOBS.values():
        last = known.get(each.heartbeat) or _first(each, now)
        if each.is_due(last, now) and _claim(last, now):
            try:
                send(each.task)
            except Exception:
                Heartbeat.objects.filter(name=last.name, started_at=now).update(started_at=last.started_at)
                raise
            started.append(each.task)
    return started


def beat(*, now: datetime) -> None:
    """Note that beat called and a worker came."""
    Heartbeat.objects.update_or_create(name=BEAT, defaults={"beaten_at": now})


def late_since(*, now: datetime) -> datetime | None:
    """Since when no worker has come when beat called; None while they do, and before the first time."""
    last = Heartbeat.objects.filter(name=BEAT).values_list("beaten_at", flat=True).first()
    if last is None or now - LATE <= last <= now + FUTURE:
        return None
    return min(last, now)


def _first(each: Job, now: datetime) -> Heartbeat:
    started_at = now if isinstance(each.when, Nightly) else None
    defaults = {"beaten_at": now, "started_at": started_at}
    return Heartbeat.objects.get_or_create(name=each.heartbeat, defaults=defaults)[0]


def _claim(last: Heartbeat, now: datetime) -> bool:
    """Note that a job is started now, unless another worker has just noted it."""
    return bool(Heartbeat.objects.filter(name=last.name, started_at=last.started_at).update(started_at=now))


def carry_out(run: Run, work: Callable[[], None], *, recorded: bool) -> None:
    """Do the work, and record how it went; an error that is no row's ends only this run."""
    begun, trouble = clock.monotonic(), ""
    try:
        run.resumes = recorded and Heartbeat.objects.filter(name=f"{PREFIX}{run.job}", left=True).exists()
        work()
    except Exception as error:  # noqa: BLE001 - the next run is due all the same
        trouble = error_text(error)
        _log_trouble(run, error, trouble)
    if run.done or run.failed:
        took = clock.monotonic() - begun
        log.info("%s: %d done, %d set aside, in %.1f s.", run.job, run.done, run.failed, took)
    if recorded:
        try:
            _record(run, trouble)
        except (OperationalError, InterfaceError) as error:
            log.error("How %s went could not be recorded: %s", run.job, error_text(error))  # noqa: TRY400 - one line is enough


def _log_trouble(run: Run, error: Exception, trouble: str) -> None:
    """Log what ended a run: in full, unless the run before ended like that, or the database is what is missing."""
    if isinstance(error, OperationalError | InterfaceError):
        log.error("%s ended: %s", run.job, trouble)
        return
    last = Heartbeat.objects.filter(name=f"{PREFIX}{run.job}").first()
    if last is None or last.error != trouble:
        log.error("%s ended: %s", run.job, trouble, exc_info=error)
    else:
        log.error("%s ended for the %d. time: %s", run.job, last.failures + 1, trouble)


def _record(run: Run, trouble: str) -> None:
    now = timezone.now()
    facts = {"beaten_at": now, "done": run.done, "failed": run.failed, "left": run.left, "error": trouble}
    worked = not (trouble or run.failed or run.left)
    last = Heartbeat.objects.get_or_create(name=f"{PREFIX}{run.job}", defaults={"beaten_at": now})[0]
    facts |= {"failures": 0, "succeeded_at": now} if worked else {}
    if trouble:
        facts["failures"] = min(last.failures + 1, Heartbeat.MOST_FAILURES)
    Heartbeat.objects.filter(name=last.name).update(**facts)
