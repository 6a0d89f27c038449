"""What was taken at the studio on some days, by method: read from the ledger."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, Sum

from accounts.models import Account
from tickets.models import LedgerLine, MoneyMethod

AT_STUDIO: Final = [str(each) for each in MoneyMethod]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in one way in a period less what was given back, in minor units of one currency."""

    method: MoneyMethod
    currency: str
    amount: int
    count: int


def within(account: Account, since: date, until: date) -> tuple[datetime, datetime]:
    """The instants of days in an account's time zone, both included: from the first (included) to the last (not)."""
    zone = account.zone
    return datetime.combine(since, time.min, zone), datetime.combine(until + timedelta(days=1), time.min, zone)


def taken_by_method(account: Account, since: date, until: date) -> list[Taken]:
    """What was taken at the studio in each way on these days, from the ledger. One statement, by its index."""
    start, end = within(account, since, until)
    lines = LedgerLine.objects.filter(
        account=account, method__in=AT_STUDIO, happened_at__gte=start, happened_at__lt=end
    ).order_by()
    rows = lines.values("method", "currency").annotate(all=Sum("amount"), many=Count("pk"))
    found = [Taken(MoneyMethod(row["method"]), row["currency"], row["all"], row["many"]) for row in rows]
    return sorted(found, key=lambda each: (AT_STUDIO.index(each.method), each.currency))
