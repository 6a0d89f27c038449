"""Choosing for how long an account keeps what it has."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.history.recording import Change, record_changes
from accounts.keeping.kinds import KEPT, after_years, period
from accounts.locks import lock_account
from accounts.models import Account, Deed, Retention, User
from accounts.services import about_account

CUSTOMERS: Final = "customers_years"
Times = Mapping[str, int | None]
"""By column of `Retention`: days, or for customers years; none: as the installation does."""


def retention_of(account: Account) -> Retention:
    """What an account has chosen; nothing yet: a row that is not saved."""
    return Retention.objects.filter(pk=account.pk).first() or Retention(account=account)


def times_of(retention: Retention) -> dict[str, int | None]:
    """What is chosen, by column; what the installation would not keep for so long by now counts as nothing chosen."""
    chosen = {kind.column: kind.chosen(retention) for kind in KEPT}
    return {**chosen, CUSTOMERS: retention.customers_years}


def save_retention(account: Account, times: Times, *, by: User, now: datetime) -> None:
    """Keep things for as long as this from now on; the job is due at once, and looks at every customer again."""
    with transaction.atomic():
        lock_account(account)
        retention = retention_of(account)
        before = told(retention)
        for column, value in times.items():
            if column == CUSTOMERS and value != retention.customers_years:
                retention.customers_by, retention.walked_at, retention.walked_id = by if value else None, None, 0
            setattr(retention, column, value)
        retention.due_at = now
        retention.save()
        changes = [Change(label, before[label], after) for label, after in told(retention).items()]
        record_changes(Deed.RETENTION_CHANGED, about_account(account), changes, account=account)


def told(retention: Retention) -> dict[str, str]:
    """For how long each kind is kept, in words by what it is called."""
    told = {str(kind.label): period(kind.days(retention)) for kind in KEPT}
    return {**told, _("Erase customers who don’t come any more"): after_years(retention.customers_years)}
