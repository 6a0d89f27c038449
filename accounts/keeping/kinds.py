"""What can be kept for a time: each kind with what there is to choose; each app registers its own in its `ready()`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Retention
from accounts.parts import Parts
from bookwhen.jobs.retention import BATCH, delete
from bookwhen.jobs.run import divide

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise

YEAR: Final = 365
BATCHES: Final = 5
"""How many batches of a kind go of one account before it is the next one's turn."""


@dataclass
class Turn:
    """One account's turn in a run of the job."""

    retention: Retention
    now: datetime
    is_over: Callable[[], bool]
    done: int = 0
    more: bool = False
    """Whether something is left that could have gone."""
    error: Exception | None = None
    """The first thing that could not be forgotten: it keeps no other."""

    def fail(self, _item: object, error: Exception) -> None:
        """Remember what could not be forgotten."""
        self.error = self.error or error


Forget = Callable[[Turn, "QuerySet[Any]", "Kept"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One kind of what is kept, for a number of days.

    `rows` are an account's (id) that go one day, with `aged_at`: from when their days count. The index by which the
    first of them are found has `by`, which is never later than `aged_at`.
    """

    column: str
    """Of `Retention`."""
    label: "StrOrPromise"
    help: "StrOrPromise"
    count: Callable[[int], str]
    """So many of them, in words."""
    offered: tuple[int, ...]
    """Days that can be chosen, as far as they are fewer than the longest."""
    longest: Callable[[], int | None]
    """The days for which the installation keeps it; none: for good."""
    rows: Callable[[int], "QuerySet[Any]"]
    by: str
    forget: Forget

    @property
    def choices(self) -> list[int]:
        """The days that can be chosen now, besides the longest."""
        longest = self.longest()
        return [days for days in self.offered if longest is None or days < longest]

    def chosen(self, retention: Retention) -> int | None:
        """For how many days an account keeps it, where that is less than the installation does."""
        chosen: int | None = getattr(retention, self.column)
        longest = self.longest()
        return None if chosen is None or (longest is not None and chosen >= longest) else chosen

    def days(self, retention: Retention) -> int | None:
        """For how many days it is kept, as chosen and as the installation allows; none: for good."""
        chosen = self.chosen(retention)
        return self.longest() if chosen is None else chosen

    def old(self, account: int, before: datetime) -> "QuerySet[Any]":
        """An account's rows whose days were over before an instant, from the oldest."""
        return self.rows(account).filter((f"{self.by}__lt", before), aged_at__lt=before).order_by(self.by, "pk")

    def forget_old(self, turn: Turn) -> None:
        """Forget what an account keeps for less long than the installation; a bounded number of rows."""
        days = self.chosen(turn.retention)
        if days is not None:
            self.forget(turn, self.old(turn.retention.account_id, turn.now - timedelta(days=days)), self)


KEPT: Final = Parts[Kept]()
"""The kinds, in the order of the page."""


def in_batches(act: Callable[[Sequence[int]], int] | None = None) -> Forget:
    """Delete rows a batch at a time; `act` does that by their keys, and returns how many."""
    return partial(_in_batches, act)


def one_by_one(act: Callable[[int, datetime, timedelta], object]) -> Forget:
    """Have each row forgotten by `act`: its key, the instant, and how long such are kept."""
    return partial(_one_by_one, act)


def _in_batches(act: Callable[[Sequence[int]], int] | None, turn: Turn, old: "QuerySet[Any]", _kind: Kept) -> None:
    act, failed = act or partial(delete, old.model), list[int]()

    def count(keys: Sequence[int]) -> None:
        turn.done += act(keys)

    def fail(key: int, error: Exception) -> None:
        failed.append(key)
        turn.fail(key, error)

    for _batch in range(BATCHES):
        keys = list((old.exclude(pk__in=failed) if failed else old).values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        if not divide(keys, count, fail, is_over=turn.is_over):
            break
        if len(keys) < BATCH:
            return
    turn.more = True


def _one_by_one(
    act: Callable[[int, datetime, timedelta], object], turn: Turn, old: "QuerySet[Any]", kind: Kept
) -> None:
    kept = timedelta(days=kind.days(turn.retention) or 0)
    keys = list(old.values_list("pk", flat=True)[: BATCH + 1])
    for key in keys[:BATCH]:
        if turn.is_over():
            turn.more = True
            return
        try:
            act(key, turn.now, kept)
        except Exception as error:  # noqa: BLE001 - whatever one row does, others go
            turn.fail(key, error)
        else:
            turn.done += 1
    turn.more = turn.more or len(keys) > BATCH


def period(days: int | None) -> str:
    """A number of days as people say it; none: for good."""
    if days is None:
        return _("Always")
    if days % YEAR == 0:
        return ngettext("%(count)d year", "%(count)d years", days // YEAR) % {"count": days // YEAR}
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def after_years(number: int | None) -> str:
    """After how many years something is done; none: not at all."""
    if number is None:
        return _("Never")
    return ngettext("After %(count)d year", "After %(count)d years", number) % {"count": number}
