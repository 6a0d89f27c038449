"""What is read of offers, always through the group."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from groups.models import Group, Member, Standing
from groups.queries import ruling_standing
from offers.models import Offer, UsagePeriod
from offers.periods import BillingAnchor, Counting, Period, local_day
from offers.uses import period_of


def offers_of(group: Group) -> QuerySet[Offer]:
    """A group's offers that were not deleted, with `was_used`: whether a member ever used it."""
    charged = Exists(UsagePeriod.objects.filter(offer=OuterRef("pk")))
    used = ExpressionWrapper(Q(carrying=True) | charged, output_field=BooleanField())
    return group.offers.not_deleted().annotate(was_used=used)


def counting_by(standing: Standing, zone: ZoneInfo) -> Counting:
    """What uses are counted by, in the account's time zone, while this standing rules."""
    anchor = BillingAnchor(standing.anchor_at, zone) if standing.anchor_at else standing.anchor
    last_on = local_day(standing.until, zone) if standing.until else None
    return Counting(anchor, standing.uses_reset_on, last_on)


def counting_of(member: Member, *, now: datetime) -> Counting | None:
    """What the uses of a member (with the group's account) are counted by now; none where they do not stand."""
    ruling = ruling_standing(member.standings.all(), now=now)
    return counting_by(ruling, member.group.account.zone) if ruling else None


def current_period(offer: Offer, *, counting: Counting, now: datetime) -> Period:
    """The usage period of an offer that runs at an aware instant, in the account's time zone."""
    return period_of(offer, counting=counting, day=local_day(now, offer.group.account.zone))


def logged_in_here(prefix: str = "") -> Q:
    """The condition on a customer that they have dealt with this account logged in, as far as it may know.

    Told only of those who opened one of its pages, or used an offer: to add an address must not show whether it has a
    login, here or at another studio, before or after (docs/design.md, *Who sees what*). `prefix` leads to the customer,
    such as `customer__`.
    """
    # Not EXISTS: beside OR, PostgreSQL would read all periods there are, once, for a page of fifty.
    period = UsagePeriod.objects.filter(member__customer=OuterRef(f"{prefix}pk")).values("pk")[:1]
    return Q(IsNull(Subquery(period), rhs=False)) | Q((f"{prefix}seen_at__isnull", False))
