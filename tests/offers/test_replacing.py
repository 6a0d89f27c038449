"""*Replace* where both offers count by the same periods: in one statement, with the same outcome as use by use."""

from dataclasses import asdict
from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from groups.models import Group
from offers.carrying import members_to_carry
from offers.models import Offer, OfferUse, UsagePeriod
from offers.periods import Counting
from offers.services import OfferTerms
from offers.uses import Charge, LimitReachedError, give_back, hand_over, has_same_periods, period_of, refile, spend
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, add_member, create_customer_with_login
from tickets.schedule.coverage import CoverageChange, replace_offer

pytestmark = pytest.mark.django_db

ANCHOR = date(2030, 1, 3)
COUNTING = Counting(ANCHOR)
DAYS = [ANCHOR + timedelta(days=number) for number in (0, 1, 1, 40)]
KINDS = [
    {"limit": None, "ongoing": True},
    {"limit": None, "ongoing": False, "period_unit": "week"},
    {"limit": 2, "ongoing": True},
    {"limit": 9, "ongoing": True},
    {"limit": 9, "ongoing": True, "period_count": 2},
    {"limit": 9, "ongoing": True, "period_unit": "week"},
    {"limit": 9, "ongoing": False},
    {"limit": 2, "ongoing": False, "period_unit": "week"},
]


def make_used(group: Group, *, members: int, **terms: object) -> Offer:
    """An offer that so many members used, with a use given back and a period that was closed."""
    offer = OfferFactory.create(group=group, **{"limit": 3, **terms})
    for _ in range(members):
        member = add_member(group, create_customer_with_login(offer.account), anchor=ANCHOR)
        for day in DAYS:
            charge_use(offer, member.pk, day)
    give_back([OfferUse.objects.filter(period__offer=offer, event_on=DAYS[1]).earliest("pk").pk], why="", now=NOW)
    first = UsagePeriod.objects.filter(offer=offer).order_by("pk")[:1]
    UsagePeriod.objects.filter(pk__in=first, ends_on__isnull=False).update(closed_at=NOW, left_unused=1)
    return offer


def charge_use(offer: Offer, member: int, day: date) -> None:
    charge = Charge(
        account=offer.account_id,
        offer=offer.pk,
        member=member,
        period=period_of(offer, counting=COUNTING, day=day),
        ceiling=offer.limit,
        event_on=day,
        seats=[uuid4()],
    )
    spend(charge, now=NOW)


def books() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Every period and every use, but for the numbers of the periods."""
    periods = ("offer", "member", "starts_on", "ends_on", "ceiling", "used", "closed_at", "left_unused")
    uses = ("pk", "period__offer", "period__member", "period__starts_on", "event_on", "ended_at")
    return (
        list(UsagePeriod.objects.order_by("offer", "member", "starts_on").values_list(*periods)),
        list(OfferUse.objects.order_by("pk").values_list(*uses)),
    )


@pytest.mark.parametrize(("before", "after"), list(product(KINDS, KINDS)))
def test_offers_have_the_same_periods_only_if_every_day_is_in_the_same_one(
    before: dict[str, object], after: dict[str, object]
) -> None:
    source, target = Offer(**before), Offer(**after)
    countings = [COUNTING, Counting(date(2030, 1, 31), uses_reset_on=date(2030, 2, 10))]
    days = [ANCHOR + timedelta(days=number) for number in range(0, 90, 5)]

    is_same = all(
        period_of(source, counting=counting, day=day) == period_of(target, counting=counting, day=day)
        for counting, day in product(countings, days)
    )

    assert has_same_periods(source, target) == is_same


@pytest.mark.parametrize(("before", "after"), [(3, 1), (3, 9), (3, 2)])
def test_handing_periods_over_comes_to_the_same_as_filing_each_use_again(before: int, after: int) -> None:
    group = GroupFactory.create()
    source = make_used(group, members=3, limit=before)
    target = OfferFactory.create(group=group, limit=after)
    elsewhere = make_used(GroupFactory.create(), members=1)
    members = set(UsagePeriod.objects.filter(offer=source).values_list("member", flat=True))
    with transaction.atomic():
        refile(source, target=target, countings=dict.fromkeys(members, COUNTING))
        plain = books()
        transaction.set_rollback(True)

    hand_over(source, target=target, members=list(members))

    assert books() == plain
    assert UsagePeriod.objects.filter(offer=elsewhere).count() == 2


def test_unlimited_offers_hand_over_too() -> None:
    group = GroupFactory.create()
    source = make_used(group, members=2, limit=None)
    target = OfferFactory.create(group=group, limit=None, audience="additional", additional_attendees=1)

    hand_over(source, target=target, members=members_to_carry(source))

    assert set(UsagePeriod.objects.values_list("offer", "ceiling", "used")) == {
        (target.pk, None, 3),
        (target.pk, None, 4),
    }


def test_as_many_statements_for_many_members_as_for_few() -> None:
    counts = [statements_to_replace(make_used(GroupFactory.create(), members=members)) for members in (2, 12)]

    assert counts[0] == counts[1]


def test_afterwards_the_new_limit_holds() -> None:
    offer = make_used(GroupFactory.create(), members=1)
    member = UsagePeriod.objects.filter(offer=offer).values_list("member", flat=True)[0]

    successor = replace_offer(offer, OfferTerms(enabled=True, limit=4), CoverageChange(), now=NOW)

    charge_use(successor, member, DAYS[0])
    charge_use(successor, member, DAYS[0])
    with pytest.raises(LimitReachedError):
        charge_use(successor, member, DAYS[0])


def statements_to_replace(offer: Offer) -> int:
    terms = OfferTerms(**{name: getattr(offer, name) for name in asdict(OfferTerms())} | {"limit": 5})
    with CaptureQueriesContext(connection) as seen:
        replace_offer(offer, terms, CoverageChange(keeps_tickets=True), now=NOW)
    return len(seen)
