"""VAT rates, and what an account's receipts say of the business."""

from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.db import TextCheck

MOST_POINTS: Final = 5000
"""The highest rate that there can be, in basis points: half as much again as the highest in the world."""
ADDRESS_LENGTH: Final = 500
PREFIX_LENGTH: Final = 12
VAT_NUMBER_LENGTH: Final = 30


class VatRateQuerySet(models.QuerySet["VatRate"]):
    """Readings of VAT rates."""

    def in_use(self) -> Self:
        """Those that tickets can still be given."""
        return self.filter(retired_at__isnull=True)


class VatRate(models.Model):
    """A rate of VAT that an account charges. Receipts keep its name and percentage as they were."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=60)
    basis_points = models.PositiveSmallIntegerField(_("rate"))
    """Hundredths of a percent: 2000 is 20 %."""
    retired_at = models.DateTimeField(null=True, blank=True)
    """Since when no ticket can be given it; those that have it keep it."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VatRateQuerySet.as_manager()

    class Meta:
        verbose_name = "VAT rate"
        constraints: ClassVar = [
            TextCheck(name="vat_rate_text", one_line=["name"]),
            models.UniqueConstraint(fields=["account", "name"], name="vat_rate_name_once"),
            models.CheckConstraint(condition=Q(basis_points__lte=MOST_POINTS), name="vat_rate_bearable"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.percentage})"

    @property
    def percentage(self) -> str:
        """The rate for people: 20%, 5.5%."""
        return percentage(self.basis_points)


def percentage(basis_points: int) -> str:
    """A rate in basis points for people: 20%, 5.5%."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0") + "%" if rest else f"{whole}%"


class ReceiptSettings(models.Model):
    """What an account's receipts say of the business, and whether they are numbered: not until it says so.

    Without a VAT number it charges no VAT, whatever its tickets say.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="receipt_settings")
    is_on = models.BooleanField(default=False, db_default=False)
    """Whether what is taken and given back from now on gets a number."""
    business_name = models.CharField(_("business name"), max_length=200)
    business_address = models.TextField(_("business address"), max_length=ADDRESS_LENGTH)
    vat_number = models.CharField(_("VAT number"), max_length=VAT_NUMBER_LENGTH, blank=True, default="", db_default="")
    prefix = models.CharField(_("prefix"), max_length=PREFIX_LENGTH, blank=True, default="", db_default="")
    """What stands before every number."""
    default_rate = models.ForeignKey(VatRate, models.PROTECT, null=True, related_name="+", db_index=False)
    """The rate of tickets that name none."""

    class Meta:
        verbose_name_plural = "receipt settings"
        constraints: ClassVar = [
            TextCheck(
                name="receipt_settings_text",
                one_line=["business_name", "vat_number", "prefix"],
                longest={"business_address": ADDRESS_LENGTH},
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["default_rate"], condition=Q(default_rate__isnull=False), name="receipt_settings_rate"
            ),
        ]

    def __str__(self) -> str:
        return self.business_name

    @property
    def charges_vat(self) -> bool:
        """Whether the business is registered for VAT."""
        return bool(self.vat_number)
