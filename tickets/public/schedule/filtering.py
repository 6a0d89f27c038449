"""The filters of a schedule: which of its events are shown, and what can be chosen.

One of them has an index in the order of the schedule; the others are looked for in what it finds, a thousand events at
a time. So no combination costs more than that, however many events there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from accounts.dashboard.query import as_id
from accounts.models import SchedulePage
from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.search import text_has
from bookwhen.text import searchable
from tickets.models import Entry, EntryLeader, EntryTag, Leader, Location, Tag
from tickets.offered import MOST, NOBODY, Offered, named_in, offer_used
from tickets.queries import entries_on

ORDER: Final = ("starts_at", "pk")
REACH: Final = 1000
"""Events that are looked through at a time: four months of eight a day."""
TITLES_OF: Final = 500
"""Events of which the titles are offered: the database has no list of them."""
YES: Final = "1"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events an address asks for: of a title, a leader, a location and a tag (ids), and with free spaces.

    What is empty leaves nothing out. `titled`: words in the title; `named` and `called`: a leader and a location whose
    names were typed, and which stay here only where none has the name, or several have.
    """

    title: str = ""
    titled: str = ""
    leader: int = 0
    place: int = 0
    tag: int = 0
    free: bool = False
    named: str = ""
    called: str = ""
    is_open: bool = False
    """Whether the choices are shown, though nothing has been chosen yet."""

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.query)

    @property
    def query(self) -> dict[str, str]:
        """The part of an address that asks for it."""
        chosen = {
            "class": self.title,
            "titled": self.titled,
            "teacher": max(self.leader, 0),
            "named": self.named,
            "place": max(self.place, 0),
            "called": self.called,
            "tag": self.tag,
            "free": YES if self.free else "",
        }
        return {name: str(value) for name, value in chosen.items() if value}


def read_filter(address: Mapping[str, str]) -> EventFilter:
    """The filter of an address (`request.GET`)."""
    leader, place, tag = (as_id(address.get(name, "")) for name in ("teacher", "place", "tag"))
    return EventFilter(
        title=searchable(address.get("class", "")),
        titled=searchable(address.get("titled", "")),
        named=searchable(address.get("named", "")),
        called=searchable(address.get("called", "")),
        leader=leader,
        place=place,
        tag=tag,
        free=address.get("free") == YES,
        is_open=address.get("filter") == YES,
    )


def filtered_page(
    page: SchedulePage,
    wanted: EventFilter,
    address: Mapping[str, str],
    since: datetime | None,
    *,
    size: int,
    now: datetime,
) -> KeysetPage[Entry]:
    """The page of events from now or a later instant on, with their places, that an address asks for.

    Two statements; three where they are found by a leader or a tag.
    """
    begins, after = since or now, now
    if wanted.leader or wanted.tag:
        return _page_of_links(page, wanted, address, begins, after, size=size)
    coming = entries_on(page, now=after).filter(starts_at__gte=begins)
    if not wanted.is_filtered:
        return keyset_page(coming, ORDER, address, size=size)
    if wanted.place:
        coming, wanted = coming.filter(venue=wanted.place), replace(wanted, place=0)
    elif wanted.title:
        coming, wanted = coming.filter(title=wanted.title), replace(wanted, title="")
    return keyset_page(coming.filter(_matches(wanted)), ORDER, address, size=size, among=coming, reach=REACH)


def _page_of_links(
    page: SchedulePage,
    wanted: EventFilter,
    address: Mapping[str, str],
    begins: datetime,
    after: datetime,
    *,
    size: int,
) -> KeysetPage[Entry]:
    """The same by the rows that join entries to their leaders or tags, which know when each starts."""
    links: QuerySet[Any]
    if wanted.leader:
        links, wanted = EntryLeader.objects.filter(leader=wanted.leader, leads=True), replace(wanted, leader=0)
    else:
        links, wanted = EntryTag.objects.filter(tag=wanted.tag), replace(wanted, tag=0)
    among = links.filter(page=page, starts_at__gte=begins, starts_at__gt=after)
    found = among.filter(_matches(wanted, "entry__"), entry__cancelled_at__isnull=True)
    rows: KeysetPage[Any] = keyset_page(found, ("starts_at", "entry_id"), address, size=size, among=among, reach=REACH)
    entries = entries_on(page, now=after).filter(pk__in=[row.entry_id for row in rows])
    return cast("KeysetPage[Entry]", replace(rows, rows=list(entries)))


def _matches(wanted: EventFilter, entry: str = "") -> Q:
    """The condition on what leads to an `entry`."""
    key = f"{entry.removesuffix('__')}_id" if entry else "pk"
    found = Q()
    if wanted.title:
        found &= Q((f"{entry}title", wanted.title))
    if wanted.titled:
        found &= text_has(f"{entry}title", wanted.titled)
    if wanted.place:
        found &= Q((f"{entry}venue", wanted.place))
    if wanted.tag:
        found &= Q(Exists(EntryTag.objects.filter(entry=OuterRef(key), tag=wanted.tag)))
    if wanted.free:
        gone = F(f"{entry}places__taken") + F(f"{entry}places__reserved")
        found &= Q((f"{entry}places__capacity__gt", gone))
    return found


@dataclass(frozen=True, slots=True)
class EventChoices:
    """What the filters of a page offer: what its next events are, and what has been chosen."""

    titles: Sequence[str]
    has_more_titles: bool
    leaders: Offered[Leader]
    places: Offered[Location]
    tags: Offered[Tag]


def event_choices(page: SchedulePage, wanted: EventFilter, since: datetime | None, *, now: datetime) -> EventChoices:
    """What can be chosen of the events of a page from now or a later instant on. Four statements."""
    begins, account = since or now, page.account
    titles = list(entries_on(page, now=begins).values_list("title", flat=True)[:TITLES_OF])
    first = sorted({*titles} - {wanted.title, ""})
    tagged = _ahead(EntryTag.objects.filter(tag=OuterRef("pk")), page, begins)
    return EventChoices(
        titles=sorted({*first[: MOST - 1], wanted.title} - {""}),
        has_more_titles=len(first) >= MOST or len(titles) == TITLES_OF,
        leaders=offer_used(account.leaders.all(), _leads(page, begins), wanted.leader),
        places=offer_used(account.locations.all(), _is_used(page, begins), wanted.place),
        tags=offer_used(account.tags.all(), tagged, wanted.tag),
    )


def find_named(page: SchedulePage, wanted: EventFilter, since: datetime | None, *, now: datetime) -> EventFilter:
    """The same filter with the leader and the location whose names were typed, of those that could be chosen.

    Up to two statements for each; none where no name was typed. What none has, or several have, finds nothing.
    """
    begins, account = since or now, page.account
    if wanted.named:
        leader = named_in(account.leaders.filter(_leads(page, begins)), wanted.named)
        wanted = replace(wanted, leader=leader.pk, named="") if leader else replace(wanted, leader=NOBODY)
    if wanted.called:
        place = named_in(account.locations.filter(_is_used(page, begins)), wanted.called)
        wanted = replace(wanted, place=place.pk, called="") if place else replace(wanted, place=NOBODY)
    return wanted


def _leads(page: SchedulePage, begins: datetime) -> Q:
    return _ahead(EntryLeader.objects.filter(leader=OuterRef("pk"), leads=True), page, begins)


def _is_used(page: SchedulePage, begins: datetime) -> Q:
    return _ahead(Entry.objects.filter(venue=OuterRef("pk")), page, begins)


def _ahead(found: QuerySet[Any], page: SchedulePage, begins: datetime) -> Q:
    # The first alone, by its index: beside OR, an EXISTS would be answered by reading all there are.
    first = found.filter(page=page, starts_at__gt=begins).order_by("starts_at").values("starts_at")[:1]
    return Q(IsNull(Subquery(first), rhs=False))
