"""The groups that a customer is or was in: on which grounds, until when, and how much of each offer is left."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.text import capfirst

from accounts.models import Customer
from bookwhen.dates import last_day
from groups.links.queries import joined_by_link
from groups.models import BY_HAND, Member, StandingSource
from groups.queries import ruling_standing, standings_now
from offers.carrying import uncarried_days
from offers.extra import may_have_extra
from offers.messages import how_often, left_text
from offers.models import ExtraUses, Offer, OfferKind, UsagePeriod
from offers.periods import Period, local_day
from offers.queries import counting_by
from offers.uses import period_of

MOST: Final = 20
"""How many groups a customer's page shows."""


@dataclass(frozen=True, slots=True)
class OfferLeft:
    """An offer as somebody has it in the period that runs, and the extra uses that the studio gave of it."""

    offer: Offer
    period: Period
    used: int
    extra: int
    given: Sequence[ExtraUses]

    @property
    def words(self) -> str:
        """How often it may be used, in words; empty where there is no limit."""
        return "" if self.offer.limit is None else how_often(self.offer)

    @property
    def limit(self) -> int | None:
        """How many uses the period has, with the extra ones; none: no limit."""
        return None if self.offer.limit is None else self.offer.limit + self.extra

    @property
    def left(self) -> int | None:
        """How many are left; none: no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)

    @property
    def title(self) -> str:
        """What it is told apart by from another offer of the group."""
        return self.offer.name or capfirst(how_often(self.offer))

    @property
    def left_words(self) -> str:
        """What is left, until when, and when it resets; empty where there is no limit."""
        return "" if self.limit is None else left_text(self.left or 0, self.limit, self.period)

    @property
    def takes_extra(self) -> bool:
        """Whether extra uses can be given."""
        return may_have_extra(self.offer)


@dataclass(frozen=True, slots=True)
class Belonging:
    """A customer in a group: since and until when, by what, and its offers; who is not in it any more has none."""

    member: Member
    stands: bool
    since_on: date | None
    last_on: date | None
    """The last local day; none: without an end."""
    by_hand: bool
    by_membership: bool
    by_link: bool
    """Whether they joined by an invitation link."""
    offers: Sequence[OfferLeft]


def belongings(customer: Customer, *, now: datetime) -> tuple[list[Belonging], bool]:
    """Those of a customer (with account), first where they are now, and whether there are more. Seven statements."""
    found = Member.objects.filter(account=customer.account_id, customer=customer, stands_until__isnull=False)
    found = found.select_related("group").prefetch_related("standings").order_by("-stands_until", "group__name", "pk")
    members = list(found[: MOST + 1])
    for member in members:
        member.group.account = customer.account
    inside = [each for each in members if standings_now(each.standings.all(), now=now) and not each.group.archived_at]
    offers = _offers_of(customer, inside)
    left = _left(customer, inside, offers, now=now)
    came = joined_by_link(customer)
    rows = [_belonging(each, left.get(each.pk, []), came, now=now) for each in members[:MOST]]
    return rows, len(members) > MOST


def _offers_of(customer: Customer, members: Iterable[Member]) -> dict[int, list[Offer]]:
    found = defaultdict[int, list[Offer]](list)
    groups = {each.group_id for each in members}
    enabled = Offer.objects.enabled().filter(account=customer.account_id, group__in=groups, kind=OfferKind.EXCLUSIVE)
    for offer in enabled.order_by("pk"):
        found[offer.group_id].append(offer)
    return found


def _left(
    customer: Customer, members: Sequence[Member], offers: dict[int, list[Offer]], *, now: datetime
) -> dict[int, list[OfferLeft]]:
    account, all_offers = customer.account, [offer for some in offers.values() for offer in some]
    filed = UsagePeriod.objects.filter(account=account, member__in=members, offer__in=all_offers)
    rows = {(row.offer_id, row.member_id, row.starts_on): row for row in filed}
    given = defaultdict[int | None, list[ExtraUses]](list)
    for extra in ExtraUses.objects.live().filter(account=account, member__in=members):
        given[extra.period_id].append(extra)
    uncarried, today = uncarried_days(all_offers, members), local_day(now, account.zone)
    left = defaultdict[int, list[OfferLeft]](list)
    for member in members:
        ruling = ruling_standing(member.standings.all(), now=now)
        for offer in offers[member.group_id] if ruling else ():
            assert ruling is not None  # noqa: S101 - there are none otherwise
            period = period_of(offer, counting=counting_by(ruling, account.zone), day=today)
            row = rows.get((offer.pk, member.pk, period.starts_on))
            more = sum(day in period for day in uncarried.get((offer.pk, member.pk), ()))
            used, extra_uses = (row.used, row.extra) if row else (0, 0)
            left[member.pk].append(
                OfferLeft(offer, period, used + more, extra_uses, given[row.pk] if row and row.extra else [])
            )
    return left


def _belonging(member: Member, offers: Sequence[OfferLeft], came: set[int], *, now: datetime) -> Belonging:
    standings = list(member.standings.all())
    holding = standings_now(standings, now=now)
    ends, zone = [each.until for each in holding or standings], member.group.account.zone
    return Belonging(
        member=member,
        stands=bool(holding),
        since_on=min((local_day(each.since, zone) for each in holding or standings), default=None),
        last_on=None if None in ends else max((last_day(end, zone) for end in ends if end), default=None),
        by_hand=any(each.ground == BY_HAND for each in holding),
        by_membership=any(each.source == StandingSource.MEMBERSHIP for each in holding),
        by_link=member.group_id in came,
        offers=offers,
    )
