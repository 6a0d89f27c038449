"""What an account's receipts say of the business, and from when they are numbered."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.history.recording import NOTHING, Change, record_changes, yes_or_no
from accounts.locks import lock_account
from accounts.models import Account, Deed
from accounts.services import about_account
from tickets.models import ReceiptCounter, ReceiptSettings, VatRate
from tickets.money.receipts.rates import rate_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class NumbersFixedError(Exception):
    """A receipt has been issued: what stands before the numbers, and the first of them, can't be changed any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """What an operator says of the business; `first_number` is that of the first receipt, from 1 on."""

    name: str
    address: str
    vat_number: str = ""
    prefix: str = ""
    first_number: int = 1
    default_rate: int | None = None


def receipt_settings_of(account: Account) -> ReceiptSettings:
    """What an account has said; nothing yet: a row that is not saved."""
    found = ReceiptSettings.objects.select_related("default_rate").filter(pk=account.pk).first()
    return found or ReceiptSettings(account=account, business_name=account.name)


def counter_of(account: Account) -> ReceiptCounter:
    """Up to where an account's receipts are numbered; a row that is not saved where none ever was to be."""
    return ReceiptCounter.objects.filter(pk=account.pk).first() or ReceiptCounter(account=account)


def turn_on(account: Account, business: Business, *, rate_name: str, basis_points: int | None) -> None:
    """Number what is taken and given back from now on; with a rate that becomes the default, where one is said.

    Sent twice, it does no more than once. Raises NumbersFixedError.
    """
    with transaction.atomic():
        lock_account(account)
        if basis_points is not None:
            business = replace(business, default_rate=rate_of(account, rate_name, basis_points).pk)
        _save(account, business, is_on=True)


def save_business(account: Account, business: Business) -> None:
    """Say something else from the next receipt on. Raises NumbersFixedError."""
    with transaction.atomic():
        lock_account(account)
        _save(account, business, is_on=receipt_settings_of(account).is_on)


def turn_off(account: Account) -> None:
    """Number nothing that is taken from now on; what was taken before still gets its number, and all are kept."""
    with transaction.atomic():
        lock_account(account)
        settings = receipt_settings_of(account)
        before = told(settings, counter_of(account))
        settings.is_on = False
        ReceiptSettings.objects.filter(pk=account.pk).update(is_on=False)
        _tell(account, before, told(settings, counter_of(account)))


def _save(account: Account, business: Business, *, is_on: bool) -> None:
    """Save it; the account is held, and with the counter no receipt is being numbered."""
    settings = receipt_settings_of(account)
    ReceiptCounter.objects.get_or_create(account=account)
    counter = ReceiptCounter.objects.select_for_update().get(account=account)
    before = told(settings, counter) if settings.business_address else {}
    if (business.prefix, business.first_number) != (settings.prefix, counter.first):
        if counter.has_begun:
            raise NumbersFixedError
        counter.first, counter.last = business.first_number, business.first_number - 1
        counter.save()
    settings.is_on, settings.prefix = is_on, business.prefix
    settings.business_name, settings.business_address = business.name, business.address
    settings.vat_number = business.vat_number
    rates = VatRate.objects.filter(account=account)
    settings.default_rate = rates.filter(pk=business.default_rate).first() if business.default_rate else None
    settings.save()
    _tell(account, before, told(settings, counter))


def _tell(account: Account, before: "Mapping[str, str]", after: "Mapping[str, str]") -> None:
    changes = [Change(what, before.get(what, ""), value) for what, value in after.items()]
    record_changes(Deed.RECEIPTS_CHANGED, about_account(account), changes, account=account)


def told(settings: ReceiptSettings, counter: ReceiptCounter) -> dict[str, str]:
    """What it says, by what people call each part."""
    return {
        _("Numbered receipts"): yes_or_no(settings.is_on),
        _("Business name"): settings.business_name,
        _("Business address"): settings.business_address,
        _("VAT number"): settings.vat_number or NOTHING,
        _("Default VAT rate"): str(settings.default_rate or NOTHING),
        _("First number"): f"{settings.prefix}{counter.first}",
    }
