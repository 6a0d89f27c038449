"""Uses that follow a customer into another group when their membership changes: which offer each is filed under.

`assign_uses` is a pure rule: values in, values out. `file_under` writes what it says. One payment opens one allowance:
what was used of the old group's offers in the usage period that runs counts there too (docs/decisions/0038).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection

from groups.models import Member
from offers.models import Audience, Offer, OfferUse, UsagePeriod
from offers.periods import Counting, Period
from offers.uses import period_of

_FILE: Final = """
    UPDATE offers_offeruse AS line SET period_id = filed.period
    FROM unnest(%s::bigint[], %s::bigint[]) AS filed (line, period) WHERE line.id = filed.line
"""
_RECOUNT: Final = """
    UPDATE offers_usageperiod AS period SET
        used = counted.uses,
        ceiling = CASE WHEN offer."limit" IS NOT NULL THEN greatest(offer."limit" + period.extra, counted.uses) END
    FROM offers_offer AS offer, (
        SELECT each.id, count(line.id) AS uses FROM offers_usageperiod AS each
        LEFT JOIN offers_offeruse AS line ON line.period_id = each.id AND line.ended_at IS NULL
        WHERE each.account_id = %s AND each.id = ANY(%s::bigint[]) GROUP BY each.id
    ) AS counted
    WHERE counted.id = period.id AND offer.id = period.offer_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingUse:
    """A live use (id) that may follow: the local date and key of its event, for whom it is, and what covers its ticket.

    `covered_by` are the new group's offers (ids) that cover the ticket.
    """

    id: int
    event_on: date
    event: int
    is_own: bool
    """Whether the member comes themselves; else somebody they bring."""
    covered_by: frozenset[int]
    source_is_limited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Under which offer (id) each use (id) is filed, and the uses that no offer covers, filed or not."""

    filed: Mapping[int, int]
    uncovered: frozenset[int]


def assign_uses(
    uses: Iterable[FollowingUse],
    offers: Sequence[Offer],
    *,
    counting: Counting,
    used: Mapping[tuple[int, date], int],
    today: date,
) -> Assignment:
    """Say which offer of the new group each use is filed under; `today` is the local date of the change.

    Of the offers that cover a ticket the one that costs the customer least is charged, as when they book: unlimited
    first, then what would be lost soonest; one with uses left before one without. What none covers counts as well, so
    that no payment opens two allowances. A use of an earlier usage period stays where it is. `used` says what is used
    already, by offer (id) and the first day of the period.
    """
    spent, people, filed, uncovered = Counter(used), Counter[tuple[int, int]](), {}, set()
    for use in sorted(uses, key=lambda each: (each.event_on, each.event, not each.is_own, each.id)):
        periods = {offer.pk: period_of(offer, counting=counting, day=use.event_on) for offer in offers}
        counted = [offer for offer in offers if _counts(use, offer, counting=counting, today=today)]
        fitting = [offer for offer in counted if _fits(use, offer, people[use.event, offer.pk])]
        if not fitting:
            uncovered.add(use.id)
        chosen = min(fitting or counted, key=lambda offer: _cost(offer, periods[offer.pk], spent), default=None)
        if chosen is not None:
            filed[use.id] = chosen.pk
            spent[chosen.pk, periods[chosen.pk].starts_on] += 1
            people[use.event, chosen.pk] += bool(fitting)
    return Assignment(filed=filed, uncovered=frozenset(uncovered))


def file_under(uses: Mapping[int, Offer], *, member: Member, counting: Counting) -> None:
    """File live uses (ids) for a member under other offers, in the periods of their events' dates.

    None is lost: a period that then holds more than the limit keeps them, its ceiling raised. Call it in a transaction
    that holds both members' rows.
    """
    lines = OfferUse.objects.live().filter(account=member.account_id, pk__in=uses).order_by("pk")
    by_period = defaultdict[tuple[int, Period], list[int]](list)
    touched = set[int]()
    for line in lines:
        touched.add(line.period_id)
        offer = uses[line.pk]
        by_period[offer.pk, period_of(offer, counting=counting, day=line.event_on)].append(line.pk)
    limits = {offer.pk: offer.limit for offer in uses.values()}
    pairs: list[tuple[int, int]] = []
    for (offer_id, period), theirs in by_period.items():
        row, _new = UsagePeriod.objects.get_or_create(
            offer_id=offer_id,
            member=member,
            starts_on=period.starts_on,
            defaults={"account_id": member.account_id, "ends_on": period.ends_on, "ceiling": limits[offer_id]},
        )
        touched.add(row.pk)
        pairs += [(line_id, row.pk) for line_id in theirs]
    with connection.cursor() as cursor:
        cursor.execute(_FILE, [[line for line, _row in pairs], [row for _line, row in pairs]])
        cursor.execute(_RECOUNT, [member.account_id, sorted(touched)])


def _counts(use: FollowingUse, offer: Offer, *, counting: Counting, today: date) -> bool:
    """Whether a use counts in the period of an offer that runs, or a later one.

    What is over counts there only where it was limited, or where the period is the one that was paid for last.
    """
    if use.event_on >= today:
        return True
    if offer.limit is None or not (offer.ongoing or use.source_is_limited):
        return False
    return use.event_on >= period_of(offer, counting=counting, day=today).starts_on


def _fits(use: FollowingUse, offer: Offer, people: int) -> bool:
    """Whether an offer covers a use's ticket, for that person, with so many people there by it already."""
    if offer.pk not in use.covered_by or people > offer.additional_attendees:
        return False
    return use.is_own or offer.audience == Audience.ADDITIONAL


def _cost(offer: Offer, period: Period, spent: Mapping[tuple[int, date], int]) -> tuple[bool, bool, date, int]:
    """What comes first: uses left, no limit, what would be lost soonest."""
    is_used_up = offer.limit is not None and spent.get((offer.pk, period.starts_on), 0) >= offer.limit
    return is_used_up, offer.limit is not None, period.ends_on or date.max, offer.pk
