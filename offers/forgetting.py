"""Forgetting uses that were given back to somebody who has never heard of them: as if they had not been charged."""

from collections.abc import Collection

from bookwhen.db import is_named
from offers.models import OfferUse, UsagePeriod


def forget_uses(account: int, uses: Collection[int]) -> None:
    """Delete uses (ids) that ended, and the rows of periods in which nothing else was ever counted.

    A period's row is made again when it is needed. Call it in a transaction that holds the members.
    """
    ended = OfferUse.objects.filter(account=account, pk__in=uses, ended_at__isnull=False)
    periods = set(ended.values_list("period", flat=True))
    ended.delete()
    empty = UsagePeriod.objects.filter(account=account, pk__in=periods, used=0, extra=0, closed_at__isnull=True)
    for period in empty.order_by("pk").select_for_update():
        if not is_named(period):
            period.delete()
