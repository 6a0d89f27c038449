"""Beat's scheduler: every so many seconds, by a clock that nobody sets, and with no memory that outlives it.

Celery's own keeps in a file when it last sent each task, by the wall clock. One that was a day ahead then lets nothing
be sent for a day, and restarts do not help.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from celery.beat import Scheduler

from bookwhen.worker_health import BEAT, leave_sign

RETRY: Final = 5.0
"""Seconds until a call is tried again that the broker did not take."""

log = logging.getLogger(__name__)


class SteadyScheduler(Scheduler):
    """Sends each entry of `CELERY_BEAT_SCHEDULE` (its schedule is in seconds) at once, and then at its interval."""

    monotonic: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Celery's own
        self._due: dict[str, float] = {}
        self._refused = 0
        super().__init__(*args, **kwargs)

    def tick(self, *_args: object, **_kwargs: object) -> float:
        """Send what is due; how many seconds until there is something to do again."""
        entries: dict[str, Any] = self.schedule
        for name, entry in entries.items():
            if self._due.get(name, 0.0) <= self.monotonic():
                pause = entry.schedule.run_every.total_seconds() if self._send(entry) else RETRY
                self._due[name] = self.monotonic() + pause
        return max(0.0, min(self._due.values()) - self.monotonic())

    def _send(self, entry: Any) -> bool:  # noqa: ANN401 - Celery's own
        """Send one; the first refusal is logged, and that it works again."""
        try:
            self.apply_async(entry, producer=self.producer, advance=False)
        except Exception as error:  # noqa: BLE001 - beat must outlive whatever the broker does
            if not self._refused:
                log.warning("The broker could not be reached; beat tries every %d seconds: %s", RETRY, error)
            self._refused += 1
            self._drop_connection()
            return False
        self._show_that_it_lives()
        if self._refused:
            log.warning("The broker takes calls again, after %d that it did not.", self._refused)
            self._refused = 0
        return True

    def _show_that_it_lives(self) -> None:
        try:
            leave_sign(BEAT)
        except OSError as error:
            log.warning("Beat cannot leave the sign that its health check looks for: %s", error)

    def _ensure_connected(self) -> Any:  # noqa: ANN401 - Celery's own
        """Connect to the broker, or raise: `tick` tries again, and says so once."""
        return self.connection.ensure_connection(None, max_retries=1, interval_start=0, interval_step=0)

    def _drop_connection(self) -> None:
        """Connect anew next time."""
        self.__dict__.pop("producer", None)
        self.__dict__.pop("connection", None)
