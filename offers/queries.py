"""What is read of offers, always through the group."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from groups.models import Group, Member
from groups.queries import ruling_standing
from offers.models import Offer, UsagePeriod
from offers.periods import Period, local_day
from offers.uses import period_of


def offers_of(group: Group) -> QuerySet[Offer]:
    """A group's offers that were not deleted, with `was_used`: whether a member ever used it."""
    return Offer.objects.filter(group=group, deleted_at__isnull=True).annotate(
        was_used=Exists(UsagePeriod.objects.filter(offer=OuterRef("pk")))
    )


def anchor_of(member: Member, *, now: datetime) -> date | None:
    """The local date from which a member's usage periods are counted now; none where they do not stand."""
    ruling = ruling_standing(list(member.standings.all()), now=now)
    return ruling.anchor if ruling else None


def current_period(offer: Offer, *, anchor: date, now: datetime) -> Period:
    """The usage period of an offer that runs at an aware instant, in the account's time zone."""
    return period_of(offer, anchor=anchor, day=local_day(now, offer.group.account.zone))
