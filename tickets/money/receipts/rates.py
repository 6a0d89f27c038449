"""An account's VAT rates: added, changed, put away and brought back. Receipts keep what they said."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.history.recording import NOTHING, Change, record, record_changes
from accounts.models import Account, Deed
from accounts.services import about_account
from bookwhen.db import violated_constraint
from tickets.models import ReceiptSettings, Ticket, VatRate
from tickets.models.vat import percentage

MOST_RATES: Final = 20
"""So many rates one account may have in use: more than any country has."""


class RateNameTakenError(Exception):
    """The account has another rate of this name, which may be one that it doesn't use any more."""


class DefaultRateError(Exception):
    """It is the rate of tickets that name none: another has to become that first."""


class TooManyRatesError(Exception):
    """The account has as many rates in use as it may."""


def rates_in_use(account: Account) -> list[VatRate]:
    """The rates that tickets can be given, the highest first."""
    return list(VatRate.objects.in_use().filter(account=account).order_by("-basis_points", "name")[:MOST_RATES])


def add_rate(account: Account, name: str, basis_points: int) -> VatRate:
    """Add a rate of so many hundredths of a percent. Raises RateNameTakenError, TooManyRatesError.

    A form sent twice adds one.
    """
    twin = VatRate.objects.in_use().filter(account=account, name=name, basis_points=basis_points).first()
    if twin:
        return twin
    if len(rates_in_use(account)) >= MOST_RATES:
        raise TooManyRatesError
    made = VatRate(account=account, name=name, basis_points=basis_points)
    with _names_once():
        made.save(force_insert=True)
        changes = [Change(_("Rate"), "", made.percentage)]
        record(Deed.VAT_RATE_ADDED, about_account(account), account=account, beside=name, changes=changes)
    return made


def rate_of(account: Account, name: str, basis_points: int) -> VatRate:
    """A rate in use of so many hundredths of a percent: one of this name that there was, else one that is added.

    Where another rate has the name, it is told apart by its percentage. Raises RateNameTakenError, TooManyRatesError.
    """
    known = VatRate.objects.filter(account=account)
    if same := known.filter(name=name, basis_points=basis_points).first():
        restore_rate(same)
        return same
    if known.filter(name=name).exists():
        return rate_of(account, f"{name} {percentage(basis_points)}", basis_points)
    return add_rate(account, name, basis_points)


def change_rate(rate: VatRate, name: str, basis_points: int) -> None:
    """Call it otherwise, or charge another percentage from the next receipt on. Raises RateNameTakenError."""
    with _names_once():
        before = VatRate.objects.select_for_update(no_key=True).get(account=rate.account_id, pk=rate.pk)
        rate.name, rate.basis_points = name, basis_points
        VatRate.objects.filter(pk=rate.pk).update(name=name, basis_points=basis_points)
        changes = [
            Change(_("Name"), before.name, rate.name),
            Change(_("Rate"), before.percentage, rate.percentage),
        ]
        about = about_account(rate.account)
        record_changes(Deed.VAT_RATE_CHANGED, about, changes, account=rate.account_id, beside=before.name)


def retire_rate(rate: VatRate, *, instead: VatRate | None, now: datetime) -> int:
    """Give it to no ticket any more; tickets that have it keep it, or get another one `instead`: how many get that.

    Raises DefaultRateError.
    """
    with transaction.atomic():
        if ReceiptSettings.objects.filter(pk=rate.account_id, default_rate=rate).exists():
            raise DefaultRateError
        if not VatRate.objects.in_use().filter(account=rate.account_id, pk=rate.pk).update(retired_at=now):
            return 0
        tickets = Ticket.objects.filter(account=rate.account_id, vat_rate=rate)
        changed = tickets.update(vat_rate=instead) if instead else 0
        changes = [Change(_("Tickets"), rate.name, instead.name if instead else NOTHING)] if changed else []
        about = about_account(rate.account)
        record(Deed.VAT_RATE_RETIRED, about, account=rate.account_id, beside=rate.name, changes=changes)
    return changed


def restore_rate(rate: VatRate) -> None:
    """Let tickets be given it again. Raises TooManyRatesError."""
    with transaction.atomic():
        if len(rates_in_use(rate.account)) >= MOST_RATES:
            raise TooManyRatesError
        retired = VatRate.objects.filter(account=rate.account_id, pk=rate.pk, retired_at__isnull=False)
        if retired.update(retired_at=None):
            record(Deed.VAT_RATE_RESTORED, about_account(rate.account), account=rate.account_id, beside=rate.name)


@contextmanager
def _names_once() -> Iterator[None]:
    """A transaction in which another rate of the same name is RateNameTakenError."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if violated_constraint(error) != "vat_rate_name_once":
            raise
        raise RateNameTakenError from error
