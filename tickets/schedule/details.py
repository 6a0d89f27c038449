"""What an operator says of an entry."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.models import Entry


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of who leads an entry, in order, and of its tags.

    Who or what has none yet by a name is added to the account's, and so is a location.
    """

    leaders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetails:
    """What an operator says of an entry. `starts` is a naive local time in the account's zone.

    It ends `duration` later on the clock: 22:00 and eight hours are 06:00, also in a night when clocks change.
    """

    title: str
    starts: datetime
    duration: timedelta
    capacity: int
    description: str = ""
    location: str = ""
    per_booking: int = 6
    labels: Labels | None = None
    """None: nothing is said of them, and what an entry has stays. They are not read along with an entry."""
    picture_id: int | None = None
    """Of a new entry; `tickets.schedule.picturing` changes it."""


def entry_details(entry: Entry) -> EntryDetails:
    """What an entry (with its account and places) is like now."""
    times = entry.wall_times(entry.account.zone)
    return EntryDetails(
        title=entry.title,
        starts=times.starts,
        duration=times.duration,
        capacity=entry.places.capacity,
        description=entry.description,
        location=entry.location,
        per_booking=entry.per_booking,
        picture_id=entry.picture_id,
    )
