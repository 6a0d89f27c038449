"""Closing usage periods that have ended: what was left is recorded, and members are told that their uses are back.

Nothing depends on it: a period's row is made when first needed, whether or not the one before was closed.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.email_queue import Envelope, absolute, queue_letters
from accounts.models import Account
from accounts.zones import known_zones
from groups.models import Standing
from offers.models import UsagePeriod
from offers.periods import local_day

BATCH: Final = 500

_CLOSE: Final = """
    UPDATE offers_usageperiod AS period
    SET closed_at = %(now)s, left_unused = greatest(period.ceiling - period.used, 0)
    WHERE period.id IN (
        SELECT ended.id FROM offers_usageperiod AS ended
        JOIN accounts_account AS account ON account.id = ended.account_id
        JOIN unnest(%(zones)s::text[], %(days)s::date[]) AS today (zone, day) ON today.zone = account.time_zone
        WHERE ended.closed_at IS NULL AND ended.ends_on <= today.day
        ORDER BY ended.id LIMIT %(batch)s
        FOR NO KEY UPDATE OF ended SKIP LOCKED
    )
    RETURNING period.id
"""


def close_periods(*, now: datetime, batch: int = BATCH) -> int:
    """Close up to `batch` periods that ended before the local today of their account; how many were closed.

    Safe to run twice, late, or by several workers at once: each period is closed, and its member told, once. What day
    it is comes from Python, so that a time zone that the database does not know stops nothing.
    """
    zones = known_zones(Account.objects.order_by().values_list("time_zone", flat=True).distinct())
    today = {name: local_day(now, zone) for name, zone in zones.items()}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, {"now": now, "batch": batch, "zones": [*today], "days": [*today.values()]})
            closed = [row[0] for row in cursor.fetchall()]
        _announce(closed, now=now)
    return len(closed)


def _announce(closed: Sequence[int], *, now: datetime) -> None:
    """Tell who used something in these periods and still has the offer, in accounts that want it."""
    standing = Standing.objects.at(now).filter(member=OuterRef("member"))
    periods = (
        UsagePeriod.objects.filter(
            Exists(standing),
            pk__in=closed,
            account__announces_resets=True,
            used__gt=0,
            offer__enabled=True,
            offer__deleted_at__isnull=True,
            offer__group__archived_at__isnull=True,
        )
        .select_related("account", "offer__group", "member__customer")
        .order_by("account_id", "pk")
    )
    for account, theirs in groupby(periods, key=lambda period: period.account):
        queue_letters(
            [_letter(period) for period in theirs],
            kind="uses_back",
            template="offers/letters/uses_back",
            account=account,
            now=now,
        )


def _letter(period: UsagePeriod) -> Envelope:
    return Envelope(
        recipient=period.member.customer.email,
        context={
            "customer": period.member.customer,
            "group": period.offer.group,
            "offer": period.offer,
            "link": absolute(reverse("my_bookings")),
        },
        dedupe=f"uses-back-{period.offer_id}-{period.member_id}-{period.ends_on}",
        # Only who used something is told.
        has_booked=True,
    )
