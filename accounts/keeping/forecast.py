"""What would go next, before it does: counted up to a bound."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from accounts.keeping.kinds import Kept
from accounts.keeping.seen import idle_since, years_before
from accounts.models import Customer, Retention

MOST: Final = 1000
"""Up to how many are counted."""
LOOKED_AT: Final = 5000
"""Among how many customers, those who came first, the idle ones are counted."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What of one kind goes next, if it is kept for so long."""

    count: int = 0
    """How many go tonight, at most `MOST`."""
    is_more: bool = False
    """Whether there are, or may be, more than that."""
    first_on: date | None = None
    """Where none goes tonight: the account's day on which the first does, of what there is; none: nothing is there."""


def forecast(kind: Kept, retention: Retention, *, now: datetime) -> Forecast:
    """What of a kind goes next, as `retention` says (saved or not), by the account's own time or the installation's."""
    account, days = retention.account, kind.days(retention)
    if days is None:
        return Forecast()
    kept = timedelta(days=days)
    if count := kind.old(account.pk, now - kept)[: MOST + 1].count():
        return Forecast(min(count, MOST), count > MOST)
    first = kind.rows(account.pk).order_by(kind.by, "pk").values_list("aged_at", flat=True).first()
    return Forecast(first_on=(first + kept).astimezone(account.zone).date() if first else None)


def forecast_customers(retention: Retention, *, now: datetime) -> Forecast:
    """The same of customers who would be erased. Where none would tonight, `first_on` is when one may be."""
    account, years = retention.account, retention.customers_years
    if years is None:
        return Forecast()
    made = Customer.objects.filter(account=account, erased_at__isnull=True).order_by("created_at", "pk")
    before = years_before(now, years)
    some = list(made.filter(created_at__lt=before).values_list("pk", flat=True)[: LOOKED_AT + 1])
    idle = idle_since(before).filter(account=account, pk__in=some[:LOOKED_AT])
    if count := idle[: MOST + 1].count():
        return Forecast(min(count, MOST), count > MOST or len(some) > LOOKED_AT)
    if some:
        return Forecast(is_more=len(some) > LOOKED_AT)
    first = made.values_list("created_at", flat=True).first()
    return Forecast(first_on=_years_after(first, years).astimezone(account.zone).date() if first else None)


def _years_after(made: datetime, years: int) -> datetime:
    return years_before(made, -years)
