"""The rows of a group's *Customers*: who they are, and what they have used, in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias, TypedDict
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from accounts.dashboard.query import customers_found, name_or_email
from bookwhen.keyset import PER_PAGE, KeysetPage, keyset_page
from groups.links.queries import came_by_link
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from groups.queries import NEWEST_MEMBERS, members_of, ruling_standing, standings_now
from memberships.queries import subscriptions_of
from memberships.subscription_rows import SubscriptionRow as Held
from memberships.subscription_rows import subscription_rows
from offers.carrying import uncarried_days
from offers.models import Offer, UsagePeriod
from offers.periods import Period, local_day
from offers.queries import counting_by
from offers.uses import period_of

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _Seen(TypedDict):
    has_login: bool


MemberWithLogin: TypeAlias = "WithAnnotations[Member, _Seen]"
"""A member, and whether they have dealt with the account logged in; to the type checker alone."""


@dataclass(frozen=True, slots=True)
class OfferUsage:
    """How much of an offer a member has used in the period that runs now; `number` is the offer's on the page."""

    number: int
    offer: Offer
    period: Period
    used: int
    extra: int

    @property
    def limit(self) -> int | None:
        """How many uses there are in the period, with those that the studio gave besides; none: no limit."""
        return None if self.offer.limit is None else self.offer.limit + self.extra

    @property
    def left(self) -> int | None:
        """How many uses are left; none: no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the page lists them: since and until when they stand, on which ground, and what they used."""

    member: MemberWithLogin
    ruling: Standing
    since: datetime
    until: datetime | None
    by_hand: bool
    by_link: bool
    """Whether they joined by an invitation link."""
    held: Sequence[Held]
    """The memberships that let them in."""
    uses: Sequence[OfferUsage]


@dataclass(frozen=True, slots=True)
class _Used:
    """Uses by offer and member (ids): what is filed for today, and the dates of those still to be carried over."""

    filed: Mapping[tuple[int, int], tuple[int, int]]
    """And how many more than the limit were given."""
    uncarried: Mapping[tuple[int, int], Sequence[date]]

    def in_period(self, offer: Offer, member: Member, period: Period) -> int:
        """How much of an offer a member has used in the period that runs."""
        both = (offer.pk, member.pk)
        return self.filed.get(both, (0, 0))[0] + sum(day in period for day in self.uncarried.get(both, ()))

    def given(self, offer: Offer, member: Member) -> int:
        """How many more than its limit they were given there."""
        return self.filed.get((offer.pk, member.pk), (0, 0))[1]


def page_of_members(
    group: Group, words: str, address: Mapping[str, str], *, now: datetime, unseen: bool = False, size: int = PER_PAGE
) -> KeysetPage[MemberWithLogin]:
    """A page of those who stand in a group and whose name or address holds `words`, each with `has_login`.

    `unseen`: of those who haven't logged in yet.
    """
    everybody = with_logins(_members(group, unseen=unseen, now=now))
    condition, is_common = _holding(group, words)
    found = everybody.filter(condition).prefetch_related("standings")
    return keyset_page(found, NEWEST_MEMBERS, address, size=size, among=everybody if is_common else None)


def with_logins(members: QuerySet[Member]) -> "QuerySet[MemberWithLogin]":
    """Members with `has_login`, whether they have dealt with the account logged in."""
    return members.annotate(has_login=ExpressionWrapper(Q(seen_at__isnull=False), output_field=BooleanField()))


def members_found(group: Group, words: str, *, unseen: bool = False, now: datetime) -> QuerySet[Member]:
    """All who stand in a group and whose name or address holds `words`; or of those who haven't logged in yet."""
    return _members(group, unseen=unseen, now=now).filter(_holding(group, words)[0])


def _members(group: Group, *, unseen: bool, now: datetime) -> QuerySet[Member]:
    members = members_of(group, now=now)
    return members.filter(seen_at__isnull=True) if unseen else members


def _holding(group: Group, words: str) -> tuple[Q, bool]:
    """The condition on a member that their name or address holds words, and whether many have them.

    What few have is looked up first; what many have is looked for in the list.
    """
    if not words:
        return Q(), False
    customers = customers_found(group.account, words)
    if customers is None:
        return name_or_email(words, "customer__"), True
    return Q(customer__in=customers), False


def member_rows(
    group: Group, members: Iterable[MemberWithLogin], offers: Sequence[Offer], *, now: datetime
) -> list[MemberRow]:
    """What the page says of members (with standings) who stand now; `offers` in the order of their numbers."""
    members = list(members)
    numbered = [(number, offer) for number, offer in enumerate(offers, start=1) if offer.enabled]
    enabled = [offer for _number, offer in numbered]
    used = _Used(_used_today(group, members, enabled, now=now), uncarried_days(enabled, members))
    held, came = _held(group, members), came_by_link(group, members)
    rows = (_row(group, member, numbered, used, held, now=now) for member in members)
    return [replace(row, by_link=row.member.customer_id in came) for row in rows]


def _held(group: Group, members: Iterable[Member]) -> dict[UUID, Held]:
    """The subscriptions that members (with standings) stand, or stood, on, by their ground."""
    standings = [standing for member in members for standing in member.standings.all()]
    grounds = {standing.ground for standing in standings if standing.source == StandingSource.MEMBERSHIP}
    found = subscriptions_of(group.account).filter(uuid__in=grounds) if grounds else []
    return {held.subscription.uuid: held for held in subscription_rows(found, group.account.locale)}


def _used_today(
    group: Group, members: Sequence[Member], offers: Sequence[Offer], *, now: datetime
) -> dict[tuple[int, int], tuple[int, int]]:
    today = local_day(now, group.account.zone)
    running = UsagePeriod.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=today),
        account=group.account_id,
        starts_on__lte=today,
        member__in=members,
        offer__in=offers,
    )
    return {
        (offer, member): (used, extra)
        for offer, member, used, extra in running.values_list("offer", "member", "used", "extra")
    }


def _row(
    group: Group,
    member: MemberWithLogin,
    offers: Sequence[tuple[int, Offer]],
    used: "_Used",
    held: dict[UUID, Held],
    *,
    now: datetime,
) -> MemberRow:
    # Another machine's clock may be ahead: who came in just now by it is listed like everybody else.
    now = max(now, min(each.since for each in member.standings.all() if each.until is None or now < each.until))
    standings = standings_now(member.standings.all(), now=now)
    ruling = ruling_standing(standings, now=now)
    assert ruling is not None  # noqa: S101 - the list is of those who stand
    today = local_day(now, group.account.zone)
    counting = counting_by(ruling, group.account.zone)
    ends = [standing.until for standing in standings if standing.until]
    return MemberRow(
        member=member,
        ruling=ruling,
        since=min(standing.since for standing in standings),
        until=max(ends) if len(ends) == len(standings) else None,
        by_hand=any(standing.ground == BY_HAND for standing in standings),
        by_link=False,
        held=[held[standing.ground] for standing in standings if standing.ground in held],
        uses=[
            OfferUsage(number, offer, period, used.in_period(offer, member, period), used.given(offer, member))
            for number, offer in offers
            for period in [period_of(offer, counting=counting, day=today)]
        ],
    )
