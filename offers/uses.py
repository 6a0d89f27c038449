"""Charging uses and giving them back: conditional statements on `UsagePeriod`, one line each in `OfferUse`.

The caller of these holds the member's row (`groups.locks`); the CHECK on the ceiling holds even if they do not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db import connection

from bookwhen.fastpath.prepared import prepared_cursor
from offers.models import ExtraUses, Offer, OfferKind, OfferUse, UsagePeriod
from offers.periods import FOR_GOOD, Counting, Period, cut, period_for


class LimitReachedError(Exception):
    """The member has used up the offer in this period (help article 8694260)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What to charge: one use per seat, of one offer (of a kind), for one event's date."""

    account: int
    offer: int
    member: int
    period: Period
    ceiling: int | None
    event_on: date
    seats: Sequence[UUID]
    kind: OfferKind = OfferKind.EXCLUSIVE


_SPEND: Final = """
    WITH charged AS (
        INSERT INTO offers_usageperiod AS period (account_id, offer_id, member_id, starts_on, ends_on, ceiling, used)
        SELECT %(account)s::bigint, %(offer)s::bigint, %(member)s::bigint, %(starts_on)s::date, %(ends_on)s::date,
            %(ceiling)s::int, %(wanted)s::int
        WHERE %(ceiling)s::int IS NULL OR %(wanted)s::int <= %(ceiling)s::int
        ON CONFLICT (offer_id, member_id, starts_on) DO UPDATE SET used = period.used + excluded.used
            WHERE period.ceiling IS NULL OR period.used + excluded.used <= period.ceiling
        RETURNING period.id
    )
    INSERT INTO offers_offeruse (account_id, period_id, seat, kind, event_on, created_at, why)
    SELECT %(account)s::bigint, charged.id, seat, %(kind)s::text, %(event_on)s::date, %(now)s::timestamptz, ''
    FROM charged, unnest(%(seats)s::uuid[]) AS seat
    RETURNING id, period_id, seat
"""

_RAISE_CEILING: Final = """
    UPDATE offers_usageperiod SET ceiling = greatest(ceiling, used + %(wanted)s)
    WHERE account_id = %(account)s AND offer_id = %(offer)s AND member_id = %(member)s AND starts_on = %(starts_on)s
        AND ceiling IS NOT NULL
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

_CHARGE_AGAIN: Final = """
    WITH charged AS (
        UPDATE offers_usageperiod AS period SET used = period.used + 1
        FROM offers_offeruse AS line
        WHERE line.account_id = %(account)s AND line.id = %(use)s AND line.ended_at IS NOT NULL AND line.why = %(why)s
            AND period.account_id = %(account)s AND period.id = line.period_id
            AND (period.ceiling IS NULL OR period.used < period.ceiling)
        RETURNING period.id
    )
    UPDATE offers_offeruse SET ended_at = NULL, why = ''
    WHERE account_id = %(account)s AND id = %(use)s AND EXISTS (SELECT FROM charged)
    RETURNING id
"""

_FILE: Final = """
    UPDATE offers_offeruse AS line SET period_id = filed.period
    FROM unnest(%s::bigint[], %s::bigint[]) AS filed (line, period) WHERE line.id = filed.line
"""

_HAND_OVER: Final = """
    UPDATE offers_usageperiod AS period
    SET offer_id = target.id,
        ceiling = CASE WHEN target."limit" IS NOT NULL THEN GREATEST(target."limit" + period.extra, used) END
    FROM offers_offer AS target
    WHERE target.account_id = %(account)s AND target.id = %(target)s
        AND period.account_id = %(account)s AND period.offer_id = %(source)s
        AND period.member_id = ANY(%(members)s::bigint[])
"""


NO_HEIRS: Final[Mapping[int, int]] = MappingProxyType({})


def period_of(offer: Offer, *, counting: Counting, day: date) -> Period:
    """The usage period of an offer in which a local date lies.

    For good where the offer has no limit; where it is not ongoing, for good until the count starts again.
    """
    if offer.limit is None:
        return FOR_GOOD
    if not offer.ongoing:
        return cut(FOR_GOOD, day, uses_reset_on=counting.uses_reset_on)
    return period_for(day, counting=counting, unit=offer.period_unit, count=offer.period_count)


def spend(charge: Charge, *, now: datetime) -> dict[UUID, OfferUse]:
    """Charge a use for every seat, all or none; the lines by the seat's uuid.

    Raises LimitReachedError when the period has not that many left, as somebody took them in the meantime.
    """
    row: dict[str, Any] = {
        "account": charge.account,
        "offer": charge.offer,
        "member": charge.member,
        "starts_on": charge.period.starts_on,
        "ends_on": charge.period.ends_on,
        "ceiling": charge.ceiling,
        "wanted": len(charge.seats),
        "kind": str(charge.kind),
        "event_on": charge.event_on,
        "seats": list(charge.seats),
        "now": now,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_SPEND, row)
        found = cursor.fetchall()
    if not found:
        raise LimitReachedError
    return {
        seat: OfferUse(
            pk=pk,
            account_id=charge.account,
            period=UsagePeriod(pk=period, account_id=charge.account, ceiling=charge.ceiling),
            seat=seat,
            kind=charge.kind,
            event_on=charge.event_on,
            created_at=now,
        )
        for pk, period, seat in found
    }


def raise_ceiling(charge: Charge) -> None:
    """Let a period take a charge that the offer's limit does not allow, in the transaction that makes it.

    Uses left stay 0 in it, as where an event that was moved left more in a period than its limit.
    """
    row: dict[str, Any] = {
        "account": charge.account,
        "offer": charge.offer,
        "member": charge.member,
        "starts_on": charge.period.starts_on,
        "wanted": len(charge.seats),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RAISE_CEILING, row)


def give_back(uses: Iterable[int], *, why: str, now: datetime) -> int:
    """End these uses (ids) and count them back into their periods, closed ones too; how many came back.

    A use that was given back before is passed over, so that a second call does nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"uses": list(uses), "why": why, "now": now})
        return sum(row[0] for row in cursor.fetchall())


def charge_again(account: int, use: int, *, why: str) -> bool:
    """Charge a use (id) again that was given back for a reason; False where its period has none left, or it is charged.

    For what turns out not to have been so: the line is the same as before, in the period that it is filed in.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHARGE_AGAIN, {"account": account, "use": use, "why": why})
        return cursor.fetchone() is not None


def refile(
    source: Offer, *, target: Offer, countings: Mapping[int, Counting], heirs: Mapping[int, int] = NO_HEIRS
) -> None:
    """File members' uses of an offer again by the date of their events, under `target`'s settings.

    `countings` says by member (id) what uses are counted by; `heirs`, whose the uses of others (ids) are from now on,
    their extra uses too. For a changed anchor, a moved event, *Replace* and two who become one (docs/design.md,
    *Offers*): no use is lost, and a period that then holds more than the limit keeps them, its ceiling raised. What
    lies in days that were closed stays closed, so that nobody is told of it again. Call it in a transaction that holds
    the members' rows.
    """
    filed = UsagePeriod.objects.filter(offer__in={source, target}, member__in=[*countings, *heirs])
    old = {period.pk: period for period in filed}
    for period in old.values():
        period.member_id = heirs.get(period.member_id, period.member_id)
    lines = _lines_by_period(old, target, countings)
    extras = _extras_of(old.values())
    for member, _row, on, _count in extras:
        lines.setdefault((member, period_of(target, counting=countings[member], day=on)), [])
    # The foreign keys from the uses are checked at commit, so the old rows may make room for the new ones first.
    UsagePeriod.objects.filter(pk__in=old)._raw_delete(using=connection.alias)  # noqa: SLF001
    closed = defaultdict[int, list[UsagePeriod]](list)
    for row in old.values():
        if row.closed_at:
            closed[row.member_id].append(row)
    periods = UsagePeriod.objects.bulk_create(
        (
            _filed(
                target,
                member,
                period,
                uses,
                _closing(period, closed[member]),
                extra=sum(count for whose, _row, on, count in extras if whose == member and on in period),
            )
            for (member, period), uses in lines.items()
        ),
        batch_size=1000,
    )
    _file_extras(extras, periods)
    pairs = [(use.pk, row.pk) for row, uses in zip(periods, lines.values(), strict=True) for use in uses]
    with connection.cursor() as cursor:
        cursor.execute(_FILE, [[use for use, _period in pairs], [period for _use, period in pairs]])


def _lines_by_period(
    old: Mapping[int, UsagePeriod], target: Offer, countings: Mapping[int, Counting]
) -> defaultdict[tuple[int, Period], list[OfferUse]]:
    """The lines of periods (by id), by the member (id) and the period of `target` that each belongs to."""
    lines = defaultdict[tuple[int, Period], list[OfferUse]](list)
    for use in OfferUse.objects.filter(period__in=old).order_by("pk"):
        member = old[use.period_id].member_id
        lines[member, period_of(target, counting=countings[member], day=use.event_on)].append(use)
    return lines


def _extras_of(periods: Iterable[UsagePeriod]) -> list[tuple[int, int, date, int]]:
    """The extra uses of some periods: whose (id), the line (id), for which day, and how many."""
    more = [period.pk for period in periods if period.extra]
    if not more:
        return []
    found = ExtraUses.objects.filter(period__in=more).order_by("pk")
    return list(found.values_list("member", "pk", "on", "count"))


def _file_extras(extras: Iterable[tuple[int, int, date, int]], periods: Iterable[UsagePeriod]) -> None:
    """File extra uses in those of these periods that have their days."""
    for member, line, on, _count in extras:
        period = next(
            each for each in periods if each.member_id == member and on in Period(each.starts_on, each.ends_on)
        )
        ExtraUses.objects.filter(pk=line).update(period=period)


def has_same_periods(source: Offer, target: Offer) -> bool:
    """Whether two offers count every use in the same period, whatever its member is counted by (`period_of`)."""
    return _counted_by(source) == _counted_by(target)


def _counted_by(offer: Offer) -> tuple[object, ...]:
    if offer.limit is None or not offer.ongoing:
        return (offer.limit is None,)
    return (offer.period_unit, offer.period_count)


def hand_over(source: Offer, *, target: Offer, members: Sequence[int]) -> None:
    """Give members' (ids) periods of an offer, with their uses, to another that has the same ones.

    It is `refile` in one statement. Call it in a transaction that holds the members' rows.
    """
    row: dict[str, Any] = {
        "account": source.account_id,
        "source": source.pk,
        "target": target.pk,
        "members": list(members),
    }
    with connection.cursor() as cursor:
        cursor.execute(_HAND_OVER, row)


def _closing(period: Period, closed: Sequence[UsagePeriod]) -> UsagePeriod | None:
    """Of a member's closed rows the one that closes a period too: the same one, or else the first to end no sooner."""
    covering = [row for row in closed if row.ends_on and period.ends_on and period.ends_on <= row.ends_on]
    same = [row for row in covering if (row.starts_on, row.ends_on) == (period.starts_on, period.ends_on)]
    for row in same[1:]:
        row.left_unused = same[0].left_unused = None  # of two who became one it is reckoned again
    return min(same or covering, key=lambda row: row.starts_on, default=None)


def _filed(
    target: Offer, member: int, period: Period, uses: Sequence[OfferUse], closed: UsagePeriod | None, *, extra: int
) -> UsagePeriod:
    used = sum(use.ended_at is None for use in uses)
    most = None if target.limit is None else target.limit + extra
    left = None if most is None else max(most - used, 0)
    if closed and (closed.starts_on, closed.ends_on) == (period.starts_on, period.ends_on):
        left = left if closed.left_unused is None else closed.left_unused
    return UsagePeriod(
        account_id=target.account_id,
        offer=target,
        member_id=member,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        ceiling=None if most is None else max(most, used),
        extra=extra,
        used=used,
        closed_at=closed.closed_at if closed else None,
        left_unused=left if closed else None,
    )
