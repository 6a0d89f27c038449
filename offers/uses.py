"""Charging uses and giving them back: conditional statements on `UsagePeriod`, one line each in `OfferUse`.

Whoever calls these holds the member's row (`groups.locks`); the CHECK on the ceiling holds even if they do not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection

from offers.models import Offer, OfferUse, UsagePeriod
from offers.periods import FOR_GOOD, Period, period_for


class LimitReachedError(Exception):
    """The member has used up the offer in this period (help article 8694260)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What to charge: one use per seat, of one offer, for one event's date."""

    account: int
    offer: int
    member: int
    period: Period
    ceiling: int | None
    event_on: date
    seats: Sequence[UUID]


_SPEND: Final = """
    INSERT INTO offers_usageperiod AS period (account_id, offer_id, member_id, starts_on, ends_on, ceiling, used)
    SELECT %(account)s, %(offer)s, %(member)s, %(starts_on)s::date, %(ends_on)s::date, %(ceiling)s::int, %(wanted)s
    WHERE %(ceiling)s::int IS NULL OR %(wanted)s <= %(ceiling)s::int
    ON CONFLICT (offer_id, member_id, starts_on) DO UPDATE SET used = period.used + excluded.used
        WHERE period.ceiling IS NULL OR period.used + excluded.used <= period.ceiling
    RETURNING period.id
"""

_GIVE_BACK: Final = """
    WITH ended AS (
        UPDATE offers_offeruse SET ended_at = %(now)s, why = %(why)s
        WHERE id = ANY(%(uses)s) AND ended_at IS NULL
        RETURNING period_id
    ), returned AS (
        SELECT period_id, count(*) AS uses FROM ended GROUP BY period_id
    )
    UPDATE offers_usageperiod AS period SET used = period.used - returned.uses
    FROM returned WHERE period.id = returned.period_id
    RETURNING returned.uses
"""

_FILE: Final = """
    UPDATE offers_offeruse AS line SET period_id = filed.period
    FROM unnest(%s::bigint[], %s::bigint[]) AS filed (line, period) WHERE line.id = filed.line
"""


def period_of(offer: Offer, *, anchor: date, day: date) -> Period:
    """The usage period of an offer in which a local date lies; one for good where it is not ongoing or not limited."""
    if offer.limit is None or not offer.ongoing:
        return FOR_GOOD
    return period_for(day, anchor=anchor, unit=offer.period_unit, count=offer.period_count)


def spend(charge: Charge, *, now: datetime) -> dict[UUID, OfferUse]:
    """Charge a use for every seat, all or none; the lines by the seat's uuid.

    Raises LimitReachedError when the period has not that many left, whoever took them in the meantime.
    """
    row: dict[str, int | date | None] = {
        "account": charge.account,
        "offer": charge.offer,
        "member": charge.member,
        "starts_on": charge.period.starts_on,
        "ends_on": charge.period.ends_on,
        "ceiling": charge.ceiling,
        "wanted": len(charge.seats),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, row)
        found = cursor.fetchone()
    if found is None:
        raise LimitReachedError
    uses = OfferUse.objects.bulk_create(
        OfferUse(account_id=charge.account, period_id=found[0], seat=seat, event_on=charge.event_on, created_at=now)
        for seat in charge.seats
    )
    return {use.seat: use for use in uses}


def give_back(uses: Iterable[int], *, why: str, now: datetime) -> int:
    """End these uses (ids) and count them back into their periods, closed ones too; how many came back.

    A use that was given back before is passed over, so that whoever comes second does nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"uses": list(uses), "why": why, "now": now})
        return sum(row[0] for row in cursor.fetchall())


def refile(source: Offer, *, target: Offer, anchors: Mapping[int, date]) -> None:
    """File members' uses of an offer again by the date of their events, under `target`'s settings.

    `anchors` gives each member's (id) local date that periods are counted from. For a changed anchor, a moved event
    and *Replace* (DESIGN.md): no use is lost, and a period that then holds more than the limit keeps them, its ceiling
    raised. Call it in a transaction that holds the members' rows.
    """
    old = {period.pk: period for period in UsagePeriod.objects.filter(offer=source, member__in=anchors)}
    lines = defaultdict[tuple[int, Period], list[OfferUse]](list)
    for use in OfferUse.objects.filter(period__in=old).order_by("pk"):
        member = old[use.period_id].member_id
        lines[member, period_of(target, anchor=anchors[member], day=use.event_on)].append(use)
    # The foreign keys from the uses are checked at commit, so the old rows may make room for the new ones first.
    UsagePeriod.objects.filter(pk__in=old)._raw_delete(using=connection.alias)  # noqa: SLF001
    closed = {
        (period.member_id, period.starts_on, period.ends_on): period for period in old.values() if period.closed_at
    }
    periods = UsagePeriod.objects.bulk_create(
        (
            _filed(target, member, period, uses, closed.get((member, period.starts_on, period.ends_on)))
            for (member, period), uses in lines.items()
        ),
        batch_size=1000,
    )
    pairs = [(use.pk, row.pk) for row, uses in zip(periods, lines.values(), strict=True) for use in uses]
    with connection.cursor() as cursor:
        cursor.execute(_FILE, [[use for use, _period in pairs], [period for _use, period in pairs]])


def _filed(
    target: Offer, member: int, period: Period, uses: Sequence[OfferUse], closed: UsagePeriod | None
) -> UsagePeriod:
    used = sum(use.ended_at is None for use in uses)
    return UsagePeriod(
        account_id=target.account_id,
        offer=target,
        member_id=member,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        ceiling=None if target.limit is None else max(target.limit, used),
        used=used,
        closed_at=closed.closed_at if closed else None,
        left_unused=closed.left_unused if closed else None,
    )
