"""What a customer has in their groups: every offer, what is used of it, and when it resets."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from groups.models import Group, Member, Standing
from groups.queries import ruling_standing
from offers.carrying import uncarried_days
from offers.messages import describe_discount, left_text, name_covered
from offers.models import Offer, OfferKind, UsagePeriod
from offers.periods import Period, local_day
from offers.queries import counting_by, logged_in_here
from offers.uses import period_of
from tickets.models import Coverage
from tickets.public.phrases import offer_terms_text, period_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodUsage:
    """How much of an offer is used in one usage period; `current`: the one that runs today."""

    period: Period
    used: int
    current: bool
    limit: int | None = None
    """How many it has, with what the studio gave besides the offer's limit; none: no limit."""

    @property
    def days(self) -> str:
        """The period in words; empty where it lasts for good."""
        return period_text(self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAllowance:
    """An offer as a member has it: the period that runs, later ones already drawn on, and the pages it is good for."""

    offer: Offer
    periods: Sequence[PeriodUsage]
    pages: Sequence[tuple[str, str]]
    """Title and address name of each page."""
    covered: str
    """What it covers, in words."""
    whole_pages: Sequence[str] = ()
    """The titles of the pages where it is for every members' ticket; empty where it is for some alone."""

    @property
    def left(self) -> str:
        """What the period that runs has left, in a line; empty of a discount, which is told below."""
        current = next(each for each in self.periods if each.current)
        if self.offer.kind == OfferKind.DISCOUNT or current.limit is None:
            return "" if self.offer.kind == OfferKind.DISCOUNT else _("Unlimited")
        return left_text(max(current.limit - current.used, 0), current.limit, current.period)

    @property
    def terms(self) -> str:
        """The offer in one sentence."""
        if self.offer.kind == OfferKind.DISCOUNT:
            return describe_discount(self.offer, covered=self.covered)
        return offer_terms_text(self.offer, pages=self.whole_pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAllowance:
    """A group that a customer stands in, until a known end or without one, and what it gives them."""

    group: Group
    whose: str
    """Whom they book for who stands in it; empty: they themselves."""
    until: datetime | None
    offers: Sequence[OfferAllowance]


@dataclass(slots=True)
class _CoverageText:
    """The pages (titles) and tickets (names) that an offer covers; `addresses` are where it is good for anything."""

    pages: list[str] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    addresses: set[tuple[str, str]] = field(default_factory=set)

    @property
    def whole_pages(self) -> list[str]:
        return self.pages if len(self.pages) == len(self.addresses) else []

    def words(self, offer: Offer) -> str:
        return name_covered(offer, self.pages, self.tickets)


def group_allowances(user: User, *, now: datetime, others: Mapping[int, str] | None = None) -> list[GroupAllowance]:
    """Every group that a user stands in, in every account that they have dealt with, by name. Five statements.

    `others`: those whom they book for (names by id), whose groups are told too.

    Any studio can put any address into a group and call it what it likes: they see it once they have been there.
    """
    here = logged_in_here("member__customer__")
    whose = Q(here, member__customer__user=user)
    if others:
        whose |= Q(member__customer__in=others)
    found = Standing.objects.at(now).filter(whose, member__group__archived_at__isnull=True)
    standings = found.select_related("member__group__account")
    by_member = defaultdict[Member, list[Standing]](list)
    for standing in standings.order_by("member__group__name", "member", "pk"):
        by_member[standing.member].append(standing)
    offers = _offers(by_member)
    used, uncarried = _used(by_member, offers), uncarried_days(offers, by_member)
    covers = _coverage_texts(offers)
    return [
        GroupAllowance(
            group=member.group,
            whose=others.get(member.customer_id, "") if others else "",
            until=_until(found),
            offers=[
                OfferAllowance(
                    offer=offer,
                    periods=_period_usages(
                        offer, found, used[member.pk, offer.pk], uncarried.get((offer.pk, member.pk), ()), now=now
                    ),
                    pages=sorted(covers[offer.pk].addresses),
                    covered=covers[offer.pk].words(offer),
                    whole_pages=covers[offer.pk].whole_pages,
                )
                for offer in offers
                if offer.group_id == member.group_id and (offer.kind != OfferKind.DISCOUNT or offer.pk in covers)
            ],
        )
        for member, found in by_member.items()
    ]


def _offers(members: Iterable[Member]) -> list[Offer]:
    groups = {member.group_id for member in members}
    return list(Offer.objects.enabled().filter(group__in=groups).select_related("group", "account").order_by("pk"))


def _used(members: Iterable[Member], offers: Iterable[Offer]) -> dict[tuple[int, int], list[UsagePeriod]]:
    found = defaultdict[tuple[int, int], list[UsagePeriod]](list)
    for row in UsagePeriod.objects.filter(member__in=list(members), offer__in=offers).order_by("starts_on"):
        found[row.member_id, row.offer_id].append(row)
    return found


def _coverage_texts(offers: Sequence[Offer]) -> defaultdict[int, _CoverageText]:
    """What offers (by id) cover; nothing of a hidden ticket, which may be another group's. Two statements.

    Of thousands of tickets on a page that is one row, and each name of a ticket is read once.
    """
    found = defaultdict[int, _CoverageText](_CoverageText)
    is_discount = Q(offer__kind=OfferKind.DISCOUNT)
    is_told = Q(ticket__isnull=True) | ~is_discount | Q(ticket__shown=True, ticket__retired_at__isnull=True)
    accounts = {offer.account_id for offer in offers}
    told = Coverage.objects.filter(is_told, account__in=accounts, offer__in=offers).order_by()
    pages = {name: Coalesce(f"page__{name}", f"ticket__series__page__{name}") for name in ("title", "slug")}
    columns = ("offer", "whole", "title", "slug")
    rows = told.annotate(whole=Q(page__isnull=False), **pages).values(*columns).annotate(first=Min("pk"))
    for offer, whole, title, slug in rows.order_by("first").values_list(*columns):
        found[offer].addresses.add((title, slug))
        if whole:
            found[offer].pages.append(title)
    if any(offer.kind == OfferKind.DISCOUNT for offer in offers):
        names = told.filter(is_discount, ticket__isnull=False).values("offer", "ticket__name").annotate(first=Min("pk"))
        for offer, name in names.order_by("first").values_list("offer", "ticket__name"):
            found[offer].tickets.append(name)
    return found


def _until(standings: Sequence[Standing]) -> datetime | None:
    ends = [standing.until for standing in standings]
    return None if None in ends else max(end for end in ends if end)


def _period_usages(
    offer: Offer, standings: list[Standing], rows: Sequence[UsagePeriod], uncarried: Iterable[date], *, now: datetime
) -> list[PeriodUsage]:
    """The period that runs and later ones; `uncarried`: dates of uses that are not filed under the offer yet."""
    ruling = ruling_standing(standings, now=now)
    assert ruling is not None  # noqa: S101 - only standings that hold now were fetched
    zone = ruling.member.group.account.zone
    today = local_day(now, zone)
    counting = counting_by(ruling, zone)
    current = period_of(offer, counting=counting, day=today)
    used = Counter({Period(row.starts_on, row.ends_on): row.used for row in rows})
    used.update(period_of(offer, counting=counting, day=day) for day in uncarried)
    extra = Counter({row.starts_on: row.extra for row in rows})

    def limit(period: Period) -> int | None:
        return None if offer.limit is None else offer.limit + extra[period.starts_on]

    later = [
        PeriodUsage(period=period, used=count, current=False, limit=limit(period))
        for period, count in sorted(used.items(), key=lambda each: each[0].starts_on)
        if period.starts_on > today and count
    ]
    in_current = sum(count for period, count in used.items() if period.starts_on == current.starts_on)
    return [PeriodUsage(period=current, used=in_current, current=True, limit=limit(current)), *later]
