"""One run of a job: each row for itself, what fails is set aside, and the rest goes on."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Model, QuerySet

from bookwhen.installation.models import SetAside
from bookwhen.jobs.stopping import is_stopping
from bookwhen.text import storable, without_secrets

SECONDS: Final = 50
"""How long one run works: a sweep is started every minute, so that about one worker is busy with it."""
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
DOUBLINGS: Final = 6
FORGOTTEN_AFTER: Final = timedelta(days=7)
"""How long what nobody tried again stays set aside: it was done otherwise, or is gone."""
TRACEBACKS: Final = 3
"""How many failures of a run are logged in full; of the others, one line is."""
MOST_FAILURES: Final = 100
"""After how many failures a run ends: then it is not the rows, and the next run may find it mended."""
ERROR_LENGTH: Final = 1000

DOWN: Final = 3

Item = int | str
Errors = tuple[type[Exception], ...]
AnyItem = TypeVar("AnyItem")
AnyModel = TypeVar("AnyModel", bound=Model)

log = logging.getLogger(__name__)


def pause(failures: int) -> timedelta:
    """How long what failed so many times is set aside: twice as long each time, up to `LONGEST_PAUSE`."""
    doublings = min(failures - 1, DOUBLINGS)
    return min(FIRST_PAUSE * 2.0**doublings, LONGEST_PAUSE)


def error_text(error: BaseException) -> str:
    """An error in one line that the database can keep, without secrets."""
    return storable(without_secrets(" ".join(f"{type(error).__name__}: {error}".split())))[:ERROR_LENGTH]


class Run:
    """What a run of a job has done, what failed, and whether it left something because its time was up.

    A row that fails is set aside: it is not tried again before its pause is over, and so never keeps others waiting.
    What ends a run are a lost database, its time, too many failures, and a worker that stops. `expected` are errors
    that need no traceback. A few in a row of those in `down` say that the other side is down, and end the run.
    """

    def __init__(
        self,
        job: str,
        *,
        now: datetime,
        seconds: float = SECONDS,
        expected: Errors = (),
        down: Errors = (),
    ) -> None:
        self.job, self.now, self.expected, self.down = job, now, expected, down
        self.resumes = False
        """Whether the run before left something."""
        self.done = self.failed = 0
        self.first_error: Exception | None = None
        self._down_in_a_row = 0
        self.left = False
        self._stop_at = time.monotonic() + seconds
        self._known: dict[str, SetAside] | None = None

    @property
    def is_over(self) -> bool:
        """Whether it must not begin another row."""
        return self.failed >= MOST_FAILURES or time.monotonic() >= self._stop_at or is_stopping()

    def end(self) -> None:
        """Let it begin no other row."""
        self._stop_at = time.monotonic()

    def set_aside(self) -> list[int]:
        """The rows that wait for their pause to end; those that a wrong clock put far ahead do not."""
        known, latest = self._set_aside().values(), self.now + LONGEST_PAUSE
        return [int(each.item) for each in known if self.now < each.retry_at <= latest]

    def waiting(self, rows: QuerySet[AnyModel]) -> QuerySet[AnyModel]:
        """Leave out the rows that are set aside."""
        aside = self.set_aside()
        return rows.exclude(pk__in=aside) if aside else rows

    def keys(self, rows: QuerySet[Any], *, batch: int) -> Iterator[int]:
        """The keys of rows that are not set aside, in their order, read a batch at a time."""
        rows = self.waiting(rows).order_by("pk")
        last = 0
        while found := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:batch]):
            yield from found
            last = found[-1]

    def each(self, items: Iterable[Item], act: Callable[[Any], object]) -> None:
        """Do it for each item; what an item does that returns False does not count."""
        for item in items:
            if self.is_over:
                self.left = True
                return
            self.attempt(item, partial(act, item))

    def attempt(self, item: Item, act: Callable[[], object]) -> bool:
        """Do it, and set the item aside where that fails; whether it worked."""
        try:
            outcome = act()
        except Exception as error:  # noqa: BLE001 - whatever one row does, others go on
            self.fail(item, error)
            return False
        self.done += outcome is not False
        self._down_in_a_row = 0
        self._forget([item])
        return True

    def divided(self, items: Sequence[Item], act: Callable[[Sequence[Any]], int]) -> None:
        """Do it for all at once, in one transaction; where that fails, for each half, until what fails stands alone.

        `act` returns how many it did.
        """

        def count(some: Sequence[Any]) -> None:
            done = act(some)
            self._forget(some)
            self.done += done

        if not divide(items, count, self.fail, is_over=lambda: self.is_over):
            self.left = True

    def fail(self, item: Item, error: Exception) -> None:
        """Set an item aside, and log why: in full at first, in one line when it fails again."""
        known = self._set_aside().get(str(item))
        failures = known.failures + 1 if known else 1
        text = error_text(error)
        kept = SetAside(
            job=self.job,
            item=str(item),
            failures=min(failures, SetAside.MOST_FAILURES),
            since=known.since if known else self.now,
            retry_at=self.now + pause(failures),
            error=text,
        )
        SetAside.objects.bulk_create(
            [kept],
            update_conflicts=True,
            unique_fields=["job", "item"],
            update_fields=["failures", "retry_at", "error"],
        )
        self._set_aside()[kept.item] = kept
        if known is None:
            is_odd = self.failed < TRACEBACKS and not isinstance(error, self.expected)
            in_full = error if is_odd else None
            log.error("%s failed for %s, which is set aside: %s", self.job, item, text, exc_info=in_full)
        else:
            since = f"{kept.since:%Y-%m-%d %H:%M %Z}"
            log.warning("%s fails for %s for the %d. time since %s: %s", self.job, item, failures, since, text)
        self.failed += 1
        self.first_error = self.first_error or error
        self._down_in_a_row = self._down_in_a_row + 1 if isinstance(error, self.down) else 0
        if self._down_in_a_row == DOWN or isinstance(error, SoftTimeLimitExceeded):
            self.left = True
            self.end()

    def _set_aside(self) -> dict[str, SetAside]:
        """All of this job that is set aside, read once."""
        if self._known is None:
            known = {each.item: each for each in SetAside.objects.filter(job=self.job)}
            old = [each for each in known.values() if each.retry_at < self.now - FORGOTTEN_AFTER]
            if old:
                SetAside.objects.filter(pk__in=[each.pk for each in old]).delete()
            self._known = {item: each for item, each in known.items() if each not in old}
        return self._known

    def _forget(self, items: Sequence[Item]) -> None:
        known = self._set_aside()
        worked = [known.pop(str(item)) for item in items if str(item) in known]
        if worked:
            SetAside.objects.filter(pk__in=[each.pk for each in worked]).delete()


def divide(
    items: Sequence[AnyItem],
    act: Callable[[Sequence[AnyItem]], object],
    fail: Callable[[AnyItem, Exception], object],
    *,
    is_over: Callable[[], bool],
) -> bool:
    """Do it for all at once, in one transaction; where that fails, for each half, until what fails stands alone.

    Whether it got to all of them.
    """
    if not items:
        return True
    if is_over():
        return False
    try:
        with transaction.atomic():
            act(items)
    except Exception as error:  # noqa: BLE001 - whatever one item does, others go on
        if len(items) == 1:
            fail(items[0], error)
            return True
        if isinstance(error, SoftTimeLimitExceeded):
            return False
        middle = len(items) // 2
        first = divide(items[:middle], act, fail, is_over=is_over)
        return divide(items[middle:], act, fail, is_over=is_over) and first
    return True
