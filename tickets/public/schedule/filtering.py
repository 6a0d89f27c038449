"""The filters of a schedule: which of its events are shown, and what can be chosen.

However many events a page has, a filter looks through the next thousand of them and leads on from there. So none costs
more than that, and no combination needs an index of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, QuerySet

from accounts.models import SchedulePage
from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.text import searchable
from tickets.models import Entry
from tickets.queries import entries_on

ORDER: Final = ("starts_at", "pk")
REACH: Final = 1000
"""Events that a filter looks through at a time: four months of eight a day."""
MOST_CHOICES: Final = 100
YES: Final = "1"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events an address asks for: of a title, and only with free spaces; empty: all."""

    title: str = ""
    free: bool = False
    is_open: bool = False
    """Whether the choices are shown, though nothing has been chosen yet."""

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.query)

    @property
    def query(self) -> dict[str, str]:
        """The part of an address that asks for it."""
        chosen = {"class": self.title, "free": YES if self.free else ""}
        return {name: value for name, value in chosen.items() if value}


def read_filter(address: Mapping[str, str]) -> EventFilter:
    """The filter of an address (`request.GET`)."""
    return EventFilter(
        title=searchable(address.get("class", "")),
        free=address.get("free") == YES,
        is_open=address.get("filter") == YES,
    )


@dataclass(frozen=True, slots=True)
class EventChoices:
    """What the filters of a page offer."""

    titles: Sequence[str]


def event_choices(page: SchedulePage, wanted: EventFilter, since: datetime | None, *, now: datetime) -> EventChoices:
    """What can be chosen of the next events of a page from an instant on, and what has been."""
    coming = _coming(page, since, now)
    among = Entry.objects.filter(pk__in=coming.values("pk")[:REACH])
    titles = among.order_by("title").values_list("title", flat=True).distinct()
    return EventChoices(sorted({*titles[:MOST_CHOICES], wanted.title} - {""}))


def filtered_page(
    page: SchedulePage,
    wanted: EventFilter,
    address: Mapping[str, str],
    since: datetime | None,
    *,
    size: int,
    now: datetime,
) -> KeysetPage[Entry]:
    """The page of events from now or a later instant on, with their places, that an address asks for. Two statements."""
    coming = _coming(page, since, now)
    if not wanted.is_filtered:
        return keyset_page(coming, ORDER, address, size=size)
    return keyset_page(_matching(coming, wanted), ORDER, address, size=size, among=coming, reach=REACH)


def _coming(page: SchedulePage, since: datetime | None, now: datetime) -> QuerySet[Entry]:
    return entries_on(page, now=now).filter(starts_at__gte=since or now)


def _matching(entries: QuerySet[Entry], wanted: EventFilter) -> QuerySet[Entry]:
    if wanted.title:
        entries = entries.filter(title=wanted.title)
    if wanted.free:
        entries = entries.filter(places__taken__lt=F("places__capacity"))
    return entries
