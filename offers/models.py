"""What a group may have, and how much of it each member has used in each period."""

import uuid
from typing import ClassVar, Final, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.db import HALF_OPEN, DateRange, TextCheck
from groups.models import Group, Member

NAME_LENGTH: Final = 60
"""The longest name of an offer: it stands beside others in one line."""


class OfferKind(models.TextChoices):
    """What an offer gives (help article: exclusive tickets first, discounts announced)."""

    EXCLUSIVE = "exclusive", _("Exclusive tickets")
    DISCOUNT = "discount", _("Discount")


class Audience(models.TextChoices):
    """Whom a member may book for (help article, *Restrict who can use the offer*)."""

    PERSONAL = "personal", _("Personal use only")
    ADDITIONAL = "additional", _("Allow additional attendees")


class PeriodUnit(models.TextChoices):
    """What a usage period is measured in."""

    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")
    YEAR = "year", _("years")


class OfferQuerySet(models.QuerySet["Offer"]):
    """Readings of offers."""

    def not_deleted(self) -> Self:
        """The offers that weren't deleted, whether they're enabled or not."""
        return self.filter(deleted_at__isnull=True)

    def enabled(self) -> Self:
        """The offers that are enabled, and so not deleted."""
        return self.not_deleted().filter(enabled=True)


class Offer(models.Model):
    """What the members of a group may have: who may use it, and how often.

    An exclusive-ticket offer opens tickets; a discount offer makes them cheaper, by `percent` or by `amount_off`.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="offers")
    name = models.CharField(_("offer name"), max_length=NAME_LENGTH, blank=True, default="", db_default="")
    """What the studio calls it, for its customers too; empty: it is told by its number, and by its sentence."""
    kind = models.CharField(max_length=20, choices=OfferKind, default=OfferKind.EXCLUSIVE)
    percent = models.PositiveSmallIntegerField(_("percent off"), null=True, blank=True)
    amount_off = models.PositiveIntegerField(_("amount off"), null=True, blank=True)
    """In minor units of the account's currency, for each ticket."""
    enabled = models.BooleanField(_("offer enabled"), default=False)
    audience = models.CharField(max_length=20, choices=Audience, default=Audience.PERSONAL)
    additional_attendees = models.PositiveSmallIntegerField(default=0)
    """How many more people a member may book for one event, besides one."""
    limit = models.PositiveIntegerField(null=True, blank=True)
    """How many tickets may be booked by it in a usage period; none: no limit."""
    ongoing = models.BooleanField(_("ongoing offer"), default=True)
    """Whether the allowance comes back every usage period; otherwise there is one for good."""
    period_count = models.PositiveSmallIntegerField(default=1)
    period_unit = models.CharField(max_length=10, choices=PeriodUnit, default=PeriodUnit.MONTH)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    carrying = models.BooleanField(default=False, db_default=False)
    """Whether uses of the offer that it replaces are still being carried over to it (`offers.carrying`)."""
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """The idempotency key of the form that made it: the same form sent twice finds this offer."""
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="offer_key_once"),
            models.CheckConstraint(
                condition=Q(audience=Audience.PERSONAL, additional_attendees=0)
                | Q(audience=Audience.ADDITIONAL, additional_attendees__gte=1),
                name="offer_audience_fits_attendees",
            ),
            models.CheckConstraint(
                condition=Q(kind=OfferKind.EXCLUSIVE, percent__isnull=True, amount_off__isnull=True)
                | Q(kind=OfferKind.DISCOUNT, percent__range=(1, 100), amount_off__isnull=True)
                | Q(kind=OfferKind.DISCOUNT, percent__isnull=True, amount_off__gte=1),
                name="offer_kind_fits_discount",
            ),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(limit__gte=1),
                name="offer_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(period_count__gte=1, period_unit__in=PeriodUnit.values),
                name="offer_period_positive",
            ),
            TextCheck(name="offer_text", one_line=["name"]),
        ]

    def __str__(self) -> str:
        return f"Offer {self.pk} of {self.group}"


class UsagePeriod(models.Model):
    """How much of an offer a member has used in `[starts_on, ends_on)`, local dates; no end: for good.

    Written only by `offers.uses`, with conditional statements.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="periods", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    ceiling = models.PositiveIntegerField(null=True)
    """The most that `used` may be: the offer's limit and `extra`, or what a refiling left there; none: no limit."""
    extra = models.PositiveIntegerField(default=0, db_default=0)
    """How many more than the offer's limit the studio gave in this period: the sum of its live `ExtraUses`."""
    used = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    """When the nightly job saw that it had ended."""
    left_unused = models.PositiveIntegerField(null=True)
    """What was left when it was closed."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "member", "starts_on"], name="period_once"),
            ExclusionConstraint(
                name="period_no_overlap",
                expressions=[
                    ("offer", RangeOperators.EQUAL),
                    ("member", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", HALF_OPEN), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(ceiling__isnull=True) | Q(used__lte=F("ceiling"))),
                name="period_within_ceiling",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_on"],
                condition=Q(closed_at__isnull=True),
                name="period_open_end",
            ),
            models.Index(
                fields=["account", "ends_on", "id"],
                condition=Q(closed_at__isnull=True, ends_on__isnull=False),
                name="period_open_by_account",
            ),
            models.Index(fields=["id"], condition=Q(closed_at__isnull=True), name="period_open"),
        ]

    def __str__(self) -> str:
        return f"{self.used} of {self.ceiling} from {self.starts_on}"


class ExtraUsesQuerySet(models.QuerySet["ExtraUses"]):
    """Readings of extra uses."""

    def live(self) -> Self:
        """Those that weren't taken back."""
        return self.filter(ended_at__isnull=True)


class ExtraUses(models.Model):
    """Some more uses that the studio gave one member in one period, and why; live until they are taken back."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="extras")
    period = models.ForeignKey(UsagePeriod, models.PROTECT, null=True, related_name="extras")
    """Which counts them; none, once they were taken back."""
    count = models.PositiveSmallIntegerField()
    on = models.DateField()
    """A local date in the period that they are for: where periods are counted anew, they go with it."""
    reason = models.CharField(_("reason"), max_length=200)
    by_name = models.CharField(max_length=254)
    """Who of the team gave them, as they were called."""
    key = models.UUIDField()
    """The idempotency key of the form that gave them: sent twice, it finds them."""
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """When they were taken back."""

    objects = ExtraUsesQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            TextCheck(name="extra_uses_text", one_line=["reason", "by_name"]),
            models.UniqueConstraint(fields=["account", "key"], name="extra_uses_key_once"),
            models.CheckConstraint(condition=Q(count__gte=1), name="extra_uses_some"),
            models.CheckConstraint(
                condition=Q(period__isnull=True, ended_at__isnull=False)
                | Q(period__isnull=False, ended_at__isnull=True),
                name="extra_uses_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} more: {self.reason}"


class OfferUseQuerySet(models.QuerySet["OfferUse"]):
    """Readings of uses."""

    def live(self) -> Self:
        """The uses that weren't given back."""
        return self.filter(ended_at__isnull=True)


class OfferUse(models.Model):
    """One line for every ticket charged to an offer: live until it is given back."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    period = models.ForeignKey(UsagePeriod, models.PROTECT, related_name="uses")
    seat = models.UUIDField()
    """The uuid of the seat it paid for; no key, because offers know nothing of tickets."""
    kind = models.CharField(max_length=20, choices=OfferKind, default=OfferKind.EXCLUSIVE)
    """Its offer's: a seat may be opened by one offer and made cheaper by another."""
    event_on = models.DateField()
    """The local date on which the event takes place: it decides the period."""
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """When it was given back."""
    why = models.CharField(max_length=20, blank=True)

    objects = OfferUseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["seat", "kind"],
                condition=Q(ended_at__isnull=True),
                name="use_once_a_seat",
            ),
        ]

    def __str__(self) -> str:
        return f"Use on {self.event_on}"
