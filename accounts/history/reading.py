"""Reading the history: of an account, of one thing in it, and who “the studio” was. Only what a role may see."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict

from django.db.models import F, QuerySet

from accounts.models import DELETIONS, Account, AuditEntry, AuditObject, Deed, Role, SeenBy, Thing

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

VISIBLE: Final = {
    Role.OWNER: frozenset(SeenBy),
    Role.BOOKINGS_ADMIN: frozenset({SeenBy.SCHEDULE, SeenBy.CUSTOMERS}),
    Role.SCHEDULE_MANAGER: frozenset({SeenBy.SCHEDULE}),
    Role.LEADER: frozenset({SeenBy.SCHEDULE}),
}
"""What of the history a role may see: that of what it may see."""
MADE: Final = (Deed.BOOKING_MADE,)
CANCELLED: Final = (Deed.SPACES_CANCELLED, Deed.ENTRY_CANCELLED, Deed.CUSTOMER_REMOVED)
SOON: Final = timedelta(minutes=1)
"""By how much later a space may be cancelled than the request for it came in, and a little before."""


class _Placed(TypedDict):
    line: int


PlacedObject: TypeAlias = "WithAnnotations[AuditObject, _Placed]"
"""What a line concerns, and by what it is listed; to the type checker alone."""


def things_seen(role: Role) -> list[Thing]:
    """What a role may see the history of."""
    return [thing for thing in Thing if thing.seen_by in VISIBLE[role]]


def lines_of(account: Account, role: Role) -> QuerySet[AuditEntry]:
    """What was done in an account, as far as a role may see it: a list by `-at`, `-pk`."""
    found = AuditEntry.objects.filter(account=account)
    seen = VISIBLE[role]
    if len(seen) == 1:
        return found.filter(seen_by=next(iter(seen)))
    return found if seen == frozenset(SeenBy) else found.filter(seen_by__in=sorted(seen))


def lines_about(account: Account, role: Role, thing: Thing, pk: int) -> "QuerySet[PlacedObject]":
    """The same of what concerns one thing, each with its `entry`: a list by `-line`."""
    found = AuditObject.objects.filter(account=account, kind=thing, object_id=pk)
    if VISIBLE[role] != frozenset(SeenBy):
        found = found.filter(entry__seen_by__in=sorted(VISIBLE[role]))
    return found.select_related("entry").annotate(line=F("entry_id"))


def deleted_of(account: Account, lines: Iterable[AuditEntry]) -> set[tuple[str, int]]:
    """What of that which lines are about has no page any more (kind and number), since somebody deleted it."""
    asked = {line.object_id for line in lines}
    gone = AuditEntry.objects.filter(account=account, kind__in=Thing.values, object_id__in=asked, action__in=DELETIONS)
    return set(gone.values_list("kind", "object_id")) if asked else set()


@dataclass(frozen=True, slots=True)
class StudioNames:
    """Which colleague made or cancelled bookings, by the booking (id): for colleagues alone."""

    made: dict[int, str] = field(default_factory=dict)
    cancellations: dict[int, list[tuple[datetime, str]]] = field(default_factory=dict)

    def cancelled(self, booking: int, at: datetime) -> str:
        """Who cancelled a space of a booking at an instant; empty where that is not known."""
        found = [name for when, name in self.cancellations.get(booking, ()) if when - SOON <= at <= when + SOON]
        return found[0] if found else ""


def studio_names(account: Account, bookings: Collection[int]) -> StudioNames:
    """Who of the team made these bookings (ids), and cancelled spaces of them. One statement; none for no bookings."""
    if not bookings:
        return StudioNames()
    told = AuditObject.objects.filter(
        account=account, kind=Thing.BOOKING, object_id__in=bookings, entry__action__in=[*MADE, *CANCELLED]
    )
    made, cancellations = dict[int, str](), defaultdict[int, list[tuple[datetime, str]]](list)
    columns = ("object_id", "entry__action", "entry__at", "entry__actor_name")
    for booking, action, at, name in told.order_by("-entry").values_list(*columns):
        if action in MADE:
            made[booking] = name
        else:
            cancellations[booking].append((at, name))
    return StudioNames(made, dict(cancellations))
