"""When two customers become one: uses of the same offer are filed into one member's periods; none is lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.merging.parts import Line, MergePart, Pair
from groups.merging import twins_of, united_standings
from groups.models import Standing
from groups.queries import ruling_standing
from offers.carrying import counted_offers
from offers.models import ExtraUses, Offer, OfferKind, OfferUse
from offers.periods import Period, local_day
from offers.queries import counting_by
from offers.services import refile_members
from offers.uses import period_of


@dataclass(frozen=True, slots=True)
class UnitedUses:
    """What two members have used of an offer in the period that runs once they are one, and how many it has."""

    offer: Offer
    group: str
    first: int
    second: int
    most: int

    @property
    def over(self) -> int:
        """By how many they have used more than it has."""
        return max(self.first + self.second - self.most, 0)


def united_uses(pair: Pair, *, now: datetime) -> Iterator[UnitedUses]:
    """Of the offers that both have and at least one has used: how their uses add up. Four statements an offer."""
    twins = twins_of(pair)
    groups = {staying.group_id: (going, staying) for going, staying in twins.items()}
    offers = Offer.objects.enabled().filter(account=pair.account, group__in=groups, kind=OfferKind.EXCLUSIVE)
    for offer in offers.exclude(limit=None).order_by("group__name", "pk"):
        going, staying = groups[offer.group_id]
        standings = united_standings(staying.standings.all(), Standing.objects.filter(member=going))
        ruling = ruling_standing(standings, now=now)
        if ruling is None or offer.limit is None:
            continue
        counting = counting_by(ruling, pair.account.zone)
        period = period_of(offer, counting=counting, day=local_day(now, pair.account.zone))
        first, second = (_used(offer, member, period) for member in (staying.pk, going))
        if first or second:
            most = offer.limit + _extra([staying.pk, going], offer, period)
            yield UnitedUses(offer, staying.group.name, first, second, most)


def _in(column: str, period: Period) -> Q:
    days = Q((f"{column}__gte", period.starts_on))
    return days if period.ends_on is None else days & Q((f"{column}__lt", period.ends_on))


def _used(offer: Offer, member: int, period: Period) -> int:
    lines = OfferUse.objects.live().filter(_in("event_on", period), period__member=member)
    return lines.filter(period__offer__in=counted_offers(offer)).aggregate(uses=Count("pk"))["uses"] or 0


def _extra(members: list[int], offer: Offer, period: Period) -> int:
    given = ExtraUses.objects.live().filter(_in("on", period), member__in=members)
    return given.filter(period__offer__in=counted_offers(offer)).aggregate(uses=Sum("count"))["uses"] or 0


def _lines(pair: Pair, now: datetime) -> Iterator[Line]:
    sentences = []
    for each in united_uses(pair, now=now):
        asked = {"group": each.group, "first": each.first, "second": each.second, "most": each.most}
        asked |= {"sum": min(each.first + each.second, each.most), "over": each.over}
        if each.over:
            sentences.append(
                _("“%(group)s”: %(first)d + %(second)d of %(most)d used → %(sum)d of %(most)d, %(over)d over.") % asked
            )
        else:
            sentences.append(_("“%(group)s”: %(first)d + %(second)d of %(most)d used → %(sum)d of %(most)d.") % asked)
    if any(each.over for each in united_uses(pair, now=now)):
        sentences.append(_("Bookings are kept. No uses are left until the next usage period."))
    if sentences:
        yield Line(gettext_lazy("Uses"), tuple(sentences))


def _move(pair: Pair, now: datetime) -> None:
    heirs = {going: staying.pk for going, staying in twins_of(pair).items()}
    for going, staying in heirs.items():
        ExtraUses.objects.filter(account=pair.account, member=going).update(member=staying)
    if heirs:
        refile_members(heirs.values(), now=now, heirs=heirs)


USES: Final = MergePart(lines=_lines, move=_move)
