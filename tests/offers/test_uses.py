"""Charging, giving back and refiling uses; terms that lock; replacing."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from groups.models import Member
from groups.services import admit, lapse
from offers.models import Offer, OfferUse, UsagePeriod
from offers.periods import FOR_GOOD, Counting, Period
from offers.services import OfferTerms, OfferUsedError, change_terms, delete_offer, move_anchor, offer_terms
from offers.uses import Charge, LimitReachedError, give_back, period_of, spend
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    noon,
)
from tickets.schedule.coverage import CoverageChoice, coverage_of, create_offer, edit_offer, replace_offer

pytestmark = pytest.mark.django_db

ANCHOR = date(2030, 1, 3)


@pytest.fixture
def offer() -> Offer:
    return OfferFactory.create(group=GroupFactory.create(), limit=3)


@pytest.fixture
def member(offer: Offer) -> Member:
    return add_member(offer.group, create_customer_with_login(offer.account), anchor=ANCHOR)


def charge_uses(offer: Offer, member: Member, *days: date) -> list[OfferUse]:
    uses: list[OfferUse] = []
    for day in days:
        period = period_of(offer, counting=Counting(ANCHOR), day=day)
        wanted = Charge(
            account=offer.account_id,
            offer=offer.pk,
            member=member.pk,
            period=period,
            ceiling=offer.limit,
            event_on=day,
            seats=[uuid4()],
        )
        uses += spend(wanted, now=NOW).values()
    return uses


def list_periods() -> list[tuple[date, date | None, int, int | None]]:
    return list(UsagePeriod.objects.order_by("starts_on").values_list("starts_on", "ends_on", "used", "ceiling"))


def test_uses_are_counted_in_the_period_of_the_event(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, date(2030, 1, 20), date(2030, 2, 2), date(2030, 2, 3))

    assert list_periods() == [(date(2030, 1, 3), date(2030, 2, 3), 2, 3), (date(2030, 2, 3), date(2030, 3, 3), 1, 3)]


def test_the_fourth_of_three_is_refused_and_leaves_no_line(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, *[date(2030, 1, 20)] * 3)

    with pytest.raises(LimitReachedError):
        charge_uses(offer, member, date(2030, 1, 21))

    assert (list_periods(), OfferUse.objects.count()) == ([(date(2030, 1, 3), date(2030, 2, 3), 3, 3)], 3)


def test_more_than_the_limit_at_once_is_refused_in_an_empty_period(offer: Offer, member: Member) -> None:
    wanted = Charge(
        account=offer.account_id,
        offer=offer.pk,
        member=member.pk,
        period=period_of(offer, counting=Counting(ANCHOR), day=ANCHOR),
        ceiling=3,
        event_on=ANCHOR,
        seats=[uuid4() for _ in range(4)],
    )

    with pytest.raises(LimitReachedError):
        spend(wanted, now=NOW)

    assert (UsagePeriod.objects.count(), OfferUse.objects.count()) == (0, 0)


def test_uses_come_back_once_whatever_their_period(offer: Offer, member: Member) -> None:
    uses = charge_uses(offer, member, date(2030, 1, 20), date(2030, 1, 21), date(2030, 2, 20))

    assert give_back([use.pk for use in uses[1:]], why="customer", now=NOW) == 2
    assert give_back([use.pk for use in uses[1:]], why="customer", now=NOW) == 0
    assert [used for _start, _end, used, _ceiling in list_periods()] == [1, 0]


def test_an_offer_without_limit_or_without_return_has_one_period_for_good() -> None:
    assert period_of(Offer(limit=None), counting=Counting(ANCHOR), day=ANCHOR) == FOR_GOOD
    assert period_of(Offer(limit=5, ongoing=False), counting=Counting(ANCHOR), day=ANCHOR) == FOR_GOOD
    assert period_of(Offer(limit=5), counting=Counting(ANCHOR), day=ANCHOR) == Period(ANCHOR, date(2030, 2, 3))


def test_a_moved_anchor_files_uses_again_and_loses_none(offer: Offer, member: Member) -> None:
    charge_uses(
        offer, member, date(2030, 1, 30), date(2030, 2, 1), date(2030, 2, 2), date(2030, 2, 5), date(2030, 2, 6)
    )

    move_anchor(member, date(2030, 1, 31), now=NOW)

    assert list_periods() == [
        (date(2029, 12, 31), date(2030, 1, 31), 1, 3),
        (date(2030, 1, 31), date(2030, 2, 28), 4, 4),
    ]
    assert OfferUse.objects.filter(period__starts_on=date(2030, 1, 31)).count() == 4

    move_anchor(member, ANCHOR, now=NOW)

    assert [used for _start, _end, used, _ceiling in list_periods()] == [3, 2]


def test_a_given_back_use_is_filed_too_but_not_counted(offer: Offer, member: Member) -> None:
    [gone, _kept] = charge_uses(offer, member, date(2030, 1, 20), date(2030, 1, 21))
    give_back([gone.pk], why="customer", now=NOW)

    move_anchor(member, date(2030, 1, 10), now=NOW)

    assert (list_periods(), OfferUse.objects.count()) == ([(date(2030, 1, 10), date(2030, 2, 10), 1, 3)], 2)


def test_a_closed_period_stays_closed_when_it_is_filed_again(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, date(2030, 1, 20))
    UsagePeriod.objects.update(closed_at=NOW, left_unused=2)

    move_anchor(member, ANCHOR, now=NOW)

    assert list(UsagePeriod.objects.values_list("closed_at", "left_unused")) == [(NOW, 2)]


def test_a_used_offer_changes_only_in_being_enabled(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, ANCHOR)

    assert change_terms(offer, OfferTerms(limit=3, enabled=False)).enabled is False
    with pytest.raises(OfferUsedError):
        change_terms(offer, OfferTerms(limit=4, enabled=True))

    offer.refresh_from_db()
    assert (offer.enabled, offer.limit) == (False, 3)


def test_an_unused_offer_changes_as_you_like(offer: Offer) -> None:
    changed = OfferTerms(enabled=True, audience="additional", additional_attendees=2, limit=None)

    change_terms(offer, changed)

    offer.refresh_from_db()
    assert offer_terms(offer) == changed


def test_create_makes_a_disabled_personal_unlimited_offer_on_the_first_page() -> None:
    entry = EntryFactory.create()
    group = GroupFactory.create(account=entry.account)

    offer = create_offer(group, now=NOW)

    assert (offer_terms(offer), coverage_of(offer)) == (OfferTerms(), CoverageChoice(pages=frozenset({entry.page_id})))


def test_what_a_used_offer_covers_is_locked_too(offer: Offer, member: Member) -> None:
    entry = EntryFactory.create(page__account=offer.account)
    ticket = TicketFactory.create(entry=entry, group=offer.group)
    edit_offer(offer, offer_terms(offer), CoverageChoice(tickets=frozenset({ticket.pk})))
    charge_uses(offer, member, ANCHOR)

    with pytest.raises(OfferUsedError):
        edit_offer(offer, offer_terms(offer), CoverageChoice(pages=frozenset({entry.page_id})))

    assert coverage_of(offer) == CoverageChoice(tickets=frozenset({ticket.pk}))


def test_an_offer_never_covers_what_is_another_accounts(offer: Offer) -> None:
    foreign = EntryFactory.create()
    ticket = TicketFactory.create(entry=foreign)

    edit_offer(offer, offer_terms(offer), CoverageChoice(frozenset({foreign.page_id}), frozenset({ticket.pk})))

    assert coverage_of(offer) == CoverageChoice()


def test_replace_carries_uses_over_and_raises_a_ceiling_below_them(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, date(2030, 1, 20), date(2030, 1, 21), date(2030, 2, 4))

    successor = replace_offer(offer, OfferTerms(enabled=True, limit=1), CoverageChoice(), now=NOW + timedelta(hours=1))

    offer.refresh_from_db()
    assert (offer.deleted_at, offer.enabled, successor.replaces) == (NOW + timedelta(hours=1), False, offer)
    assert list_periods() == [(date(2030, 1, 3), date(2030, 2, 3), 2, 2), (date(2030, 2, 3), date(2030, 3, 3), 1, 1)]
    assert set(UsagePeriod.objects.values_list("offer", flat=True)) == {successor.pk}


def test_replace_keeps_the_uses_of_a_member_who_left(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, ANCHOR)
    member.standings.update(until=NOW)

    replace_offer(offer, OfferTerms(limit=5, period_unit="week"), CoverageChoice(), now=NOW)

    assert list_periods() == [(date(2030, 1, 3), date(2030, 1, 10), 1, 5)]


def test_a_deleted_offer_keeps_its_history(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, ANCHOR)

    delete_offer(offer, now=NOW)
    delete_offer(offer, now=NOW + timedelta(days=1))

    offer.refresh_from_db()
    assert (offer.deleted_at, UsagePeriod.objects.get().used) == (NOW, 1)


# Counted by a membership


SUBSCRIPTION = uuid4()


def admit_by_subscription(member: Member, *, since: datetime = NOW, **terms: Any) -> None:
    terms = {"until": None, "anchor_at": NOW, "uses_reset_on": date(2030, 1, 15), "now": NOW, **terms}
    admit(member.group, member.customer, ground=SUBSCRIPTION, since=since, **terms)


def test_a_membership_beside_an_adding_by_hand_gives_one_allowance_that_begins_afresh(
    offer: Offer, member: Member
) -> None:
    charge_uses(offer, member, date(2030, 1, 10), date(2030, 1, 14), date(2030, 1, 20))

    admit_by_subscription(member)

    assert list_periods() == [
        (date(2029, 12, 15), date(2030, 1, 15), 2, 3),
        (date(2030, 1, 15), date(2030, 2, 15), 1, 3),
    ]


def test_a_trial_has_a_full_allowance_until_the_first_billing_date(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, date(2030, 1, 10), date(2030, 1, 20), date(2030, 1, 30))

    admit_by_subscription(member, anchor_at=noon(date(2030, 1, 29)))

    assert list_periods() == [
        (date(2029, 12, 29), date(2030, 1, 15), 1, 3),
        (date(2030, 1, 15), date(2030, 1, 29), 1, 3),
        (date(2030, 1, 29), date(2030, 2, 28), 1, 3),
    ]


def test_a_new_subscription_has_another_allowance_for_good(offer: Offer, member: Member) -> None:
    Offer.objects.update(ongoing=False)
    offer.refresh_from_db()
    charge_uses(offer, member, date(2030, 1, 10), date(2030, 1, 20))
    assert list_periods() == [(date.min, None, 2, 3)]

    admit_by_subscription(member)

    assert list_periods() == [(date.min, date(2030, 1, 15), 1, 3), (date(2030, 1, 15), None, 1, 3)]


def test_when_the_membership_ends_the_date_of_the_adding_by_hand_rules_again(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, date(2030, 1, 10), date(2030, 1, 20))
    admit_by_subscription(member)

    lapse(ground=SUBSCRIPTION, at=NOW, now=NOW)

    assert list_periods() == [(date(2030, 1, 3), date(2030, 2, 3), 2, 3)]


def test_an_end_that_nobody_noticed_is_made_up_for_when_it_is_heard_of(offer: Offer, member: Member) -> None:
    charge_uses(offer, member, date(2030, 1, 10), date(2030, 1, 20))
    admit_by_subscription(member, until=NOW + timedelta(days=1))

    lapse(ground=SUBSCRIPTION, at=NOW + timedelta(days=1), now=NOW + timedelta(days=2))

    assert list_periods() == [(date(2030, 1, 3), date(2030, 2, 3), 2, 3)]
