"""What is sold: memberships and their prices."""

import uuid
from typing import ClassVar, Final, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, SchedulePage
from bookwhen.db import DESCRIPTION_LENGTH, TextCheck
from groups.models import Group


class Membership(models.Model):
    """What is sold: paid again and again through Stripe, it lets its subscribers into a customer group."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships", db_index=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships")
    title = models.CharField(_("membership title"), max_length=200)
    description = models.TextField(_("description"), max_length=DESCRIPTION_LENGTH, blank=True)
    pages = models.ManyToManyField(SchedulePage, related_name="memberships", blank=True)
    """The schedule pages that it is shown on; none: all of the account's."""
    published = models.BooleanField(_("published"), default=False)
    """Whether it is sold; who has it keeps it either way (help article 8694693)."""
    product = models.CharField(max_length=255, blank=True)
    """Stripe's id of the product; nothing until it is there."""
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """The idempotency key of the form that made it: the same form sent twice finds this membership."""
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["title", "id"]
        indexes: ClassVar = [models.Index(fields=["account", "title", "id"], name="membership_by_title")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="membership_key_once"),
            TextCheck(name="membership_text", one_line=["title"], longest={"description": DESCRIPTION_LENGTH}),
        ]

    def __str__(self) -> str:
        return self.title


class BillingInterval(models.TextChoices):
    """How a billing period is counted, in Stripe's words."""

    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")
    YEAR = "year", _("years")


LONGEST: Final = {
    BillingInterval.DAY: 1095,
    BillingInterval.WEEK: 156,
    BillingInterval.MONTH: 36,
    BillingInterval.YEAR: 3,
}
"""The longest billing periods that Stripe allows: three years."""


_PriceT_co = TypeVar("_PriceT_co", bound="Price", covariant=True)


class PriceQuerySet(models.QuerySet[_PriceT_co]):
    """Readings of prices."""

    def on_sale(self) -> Self:
        """The prices by which anything can be bought, cheapest first."""
        return self.filter(published=True, archived_at__isnull=True, amount_known=True).order_by("amount", "pk")


class Price(models.Model):
    """What a membership costs every so often. Cost and billing period are fixed once it is made, as at Stripe."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="prices")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=100)
    amount = models.PositiveIntegerField(_("cost"))
    """In minor units of `currency`."""
    currency = models.CharField(max_length=3)
    interval = models.CharField(
        _("billing period"), max_length=10, choices=BillingInterval, default=BillingInterval.MONTH
    )
    interval_count = models.PositiveSmallIntegerField(default=1)
    trial_days = models.PositiveSmallIntegerField(_("trial days"), default=0)
    published = models.BooleanField(_("published"), default=True)
    archived_at = models.DateTimeField(null=True)
    stripe_id = models.CharField(max_length=255, blank=True)
    """Stripe's id of the price; nothing until it is there."""
    amount_known = models.BooleanField(default=True, db_default=True)
    """Whether `amount` is what one costs; not of a price made at Stripe with tiers or fractions of a penny."""
    created_at = models.DateTimeField()

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["amount", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], condition=~Q(stripe_id=""), name="price_once"),
            TextCheck(name="price_text", one_line=["title"]),
            models.CheckConstraint(
                condition=Q(interval__in=BillingInterval.values, interval_count__gte=1), name="price_interval_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title
