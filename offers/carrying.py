"""Carrying members' uses over to the offer that replaces theirs, some members at a time (docs/decisions/0053).

The new offer holds for everybody from the instant at which it takes the old one's place. A member's uses that are still
filed under the old one count under the new one all the same; they are carried over before anything is charged to it,
which the database insists on (`offers_refuse_uncarried`, migration 0004).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction

from groups.models import Member
from offers import locks
from offers.models import Offer, OfferUse, UsagePeriod
from offers.services import countings_of
from offers.uses import hand_over, has_same_periods, refile

BATCH: Final = 200
"""Of how many members uses are carried over in one transaction: bookings of those wait for a tenth of a second."""
MANY: Final = 1000
"""Of how many members uses are carried over in a request: in a second or two."""


class StillCarryingError(Exception):
    """Uses are still being carried over to this offer: it can be replaced when that is done."""


def is_widely_used(offer: Offer) -> bool:
    """Whether so many members have used an offer that to replace it takes longer than anyone waits for a page."""
    return len(members_to_carry(offer, most=MANY + 1)) > MANY


def lock_members_who_used(offer: Offer) -> bool:
    """Hold every member who has used an offer, and the offer; False if one more began to while we waited: try again."""
    used_by = UsagePeriod.objects.filter(account=offer.account_id, offer=offer).values_list("member", flat=True)
    held = set(used_by.distinct())
    locks.lock_many_members(held)
    locks.lock_offer(offer.pk)
    return set(used_by.distinct()) <= held


def next_batch(source: Offer, after: int = 0) -> list[int]:
    """The next members (ids, ascending) who have uses filed under an offer, as many as are carried over at a time."""
    return members_to_carry(source, after=after, most=BATCH)


def members_to_carry(source: Offer, *, after: int = 0, most: int | None = None) -> list[int]:
    """The members (ids, ascending) who have uses filed under an offer."""
    rows = UsagePeriod.objects.filter(account=source.account_id, offer=source, member__gt=after)
    return list(rows.order_by("member").values_list("member", flat=True).distinct()[:most])


def count_to_carry(source: Offer) -> int:
    """How many members have uses filed under an offer."""
    rows = UsagePeriod.objects.filter(account=source.account_id, offer=source)
    return rows.order_by().values("member").distinct().count()


def carry_over(source: Offer, target: Offer, members: Sequence[int], *, now: datetime) -> None:
    """Carry the uses of members (ids) over from one offer to another, filed under the other's periods.

    Where both have the same periods, in one statement. Call it in a transaction that holds the members' rows.
    """
    if has_same_periods(source, target):
        hand_over(source, target=target, members=members)
        return
    found = Member.objects.filter(account=source.account_id, pk__in=members)
    with_standings = found.select_related("group__account").prefetch_related("standings")
    refile(source, target=target, countings=countings_of(with_standings, now=now))


def carry_some(source: Offer, target: Offer, members: Sequence[int], *, now: datetime) -> None:
    """The same in a transaction of its own; of whom there is nothing left to carry over, nothing is."""
    with transaction.atomic():
        locks.lock_many_members(members)
        carry_over(source, target, members, now=now)


def finish_carrying(target: Offer) -> None:
    """Note that nothing is left to be carried over to an offer."""
    Offer.objects.filter(account=target.account_id, pk=target.pk).update(carrying=False)


def counted_offers(offer: Offer) -> list[int]:
    """Under which offers (ids) the uses of an offer are filed: while uses are carried over, also the one before."""
    return [offer.pk, offer.replaces_id] if offer.carrying and offer.replaces_id else [offer.pk]


def uncarried_days(offers: Iterable[Offer], members: Collection[Member]) -> dict[tuple[int, int], list[date]]:
    """By offer and member (ids) the dates of live uses that count under an offer and are still to be carried over.

    No statement where nothing is being carried over.
    """
    followed = {offer.replaces_id: offer.pk for offer in offers if offer.carrying}
    found = defaultdict[tuple[int, int], list[date]](list)
    if followed:
        lines = OfferUse.objects.live().filter(period__offer__in=followed, period__member__in=members)
        for source, member, day in lines.values_list("period__offer", "period__member", "event_on"):
            found[followed[source], member].append(day)
    return dict(found)
