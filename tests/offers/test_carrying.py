"""While uses are carried over to the offer in another's place, each member meets the new one, and all of their uses."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer, Operation, OperationState
from bookwhen.db import violated_constraint
from offers import carrying
from offers.carrying import StillCarryingError
from offers.eligibility import Attendee, Reason
from offers.models import Offer, OfferUse, UsagePeriod
from offers.period_closing import close_periods
from offers.periods import Period
from offers.services import OfferTerms, OfferUsedError, change_terms, move_anchor, offer_terms
from offers.uses import Charge, spend
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import NOW, load_entry
from tests.offers.dashboard import offer_form
from tests.poison import cure, poison
from tests.worlds.dashboard import open_dashboard
from tests.worlds.replacing import ReplacingStudio, carry_all, go_on
from tests.worlds.till import Till
from tickets.availability.facts import load_facts, person_of_customer
from tickets.consistency import check_books
from tickets.public.allowances import group_allowances
from tickets.schedule.coverage import CoverageChange, replace_offer
from tickets.schedule.replacing import begin_replacing

pytestmark = pytest.mark.django_db

WEEK = (date(2030, 1, 17), date(2030, 1, 24))
"""The week, counted from the 3rd, in which all entries take place."""


@pytest.fixture
def studio() -> ReplacingStudio:
    return ReplacingStudio()


def filed() -> Counter[tuple[int, date]]:
    """How many live uses are filed under each offer and in each period."""
    rows = UsagePeriod.objects.values_list("offer", "starts_on", "used")
    return Counter({(offer, starts): used for offer, starts, used in rows})


def used_at(studio: ReplacingStudio, customer: int = 0) -> list[tuple[int, int, Period]]:
    """The offers that a member has at an entry, with what is used of each in which period."""
    who = person_of_customer(studio.customers[customer])
    standing = load_facts(load_entry(studio.entries[3]), who, now=NOW).situation.visitor.group_standings
    return [(each.offer, each.used, each.period) for each in standing[studio.group.pk].allowances]


def test_the_new_one_holds_at_once_and_all_uses_count(studio: ReplacingStudio) -> None:
    studio.begin()

    assert used_at(studio) == [(studio.successor.pk, 2, Period(*WEEK))]
    assert set(UsagePeriod.objects.values_list("offer", flat=True)) == {studio.offer.pk}


def test_who_books_meanwhile_is_carried_over_first_and_has_one_allowance(studio: ReplacingStudio) -> None:
    operation = studio.begin()

    outcomes = [studio.try_to_book(customer=0, entry=entry) for entry in (2, 3)]

    assert outcomes == ["booked 1", Reason.LIMIT_REACHED]
    assert list(UsagePeriod.objects.filter(member=studio.member).values_list("offer", "starts_on", "used")) == [
        (studio.successor.pk, WEEK[0], 3)
    ]
    assert check_books(now=NOW) == []
    carry_all(operation)
    assert UsagePeriod.objects.filter(offer=studio.offer).exists() is False
    assert check_books(now=NOW) == []


def test_people_they_bring_are_counted_with_those_brought_before(studio: ReplacingStudio) -> None:
    studio.begin(limit=None, audience="additional", additional_attendees=1)
    who = person_of_customer(studio.customer)

    standing = load_facts(load_entry(studio.entry), who, now=NOW).situation.visitor.group_standings

    assert [each.here for each in standing[studio.group.pk].allowances] == [1]
    assert [studio.try_to_book(Attendee.GUEST) for _ in range(2)] == ["booked 1", Reason.TOO_MANY_FOR_EVENT]


def test_the_database_lets_nobody_charge_the_new_one_before(studio: ReplacingStudio) -> None:
    studio.begin()
    charge = Charge(
        account=studio.account.pk,
        offer=studio.successor.pk,
        member=studio.member.pk,
        period=Period(*WEEK),
        ceiling=3,
        event_on=WEEK[0],
        seats=[uuid4()],
    )

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        spend(charge, now=NOW)

    assert violated_constraint(refused.value) == "period_no_overlap"


def test_who_never_used_the_old_one_books_as_ever(studio: ReplacingStudio) -> None:
    studio.begin()
    studio.add_member()

    with CaptureQueriesContext(connection) as seen:
        assert studio.try_to_book(customer=2) == "booked 1"

    assert "offers_offeruse" in str(seen.captured_queries)
    assert UsagePeriod.objects.filter(offer=studio.offer).count() == 2


def test_in_the_end_it_is_as_if_it_had_been_at_once() -> None:
    at_once, in_parts = ReplacingStudio(members=3), ReplacingStudio(members=3)
    at_once.offer.account = at_once.account
    terms = OfferTerms(enabled=True, limit=3, period_unit="week")
    cover = CoverageChange(pages=frozenset({at_once.page.pk}))
    replace_offer(at_once.offer, terms, cover, now=NOW)

    carry_all(in_parts.begin())

    columns = ("starts_on", "ends_on", "used", "ceiling", "closed_at", "left_unused")
    one, other = (
        list(UsagePeriod.objects.filter(offer=each.successor).order_by("pk").values_list(*columns))
        for each in (at_once, in_parts)
    )
    assert one == other == [(*WEEK, 2, 3, None, None)] * 3
    assert (at_once.successor.carrying, in_parts.successor.carrying) == (False, False)
    assert offer_terms(at_once.successor) == offer_terms(in_parts.successor)


def test_a_crash_in_the_middle_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "BATCH", 1)
    studio = ReplacingStudio(members=4)
    operation = studio.begin()
    seen = []

    for _ in range(3):
        go_on(operation, seconds=0)
        seen.append((operation.done, UsagePeriod.objects.filter(offer=studio.offer).count()))
        assert check_books(now=NOW) == []
    # The worker died after a batch and before it noted that: the batch is done again.
    cursor = dict(operation.cursor) | {"after": studio.members[0].pk}
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.RUNNING, cursor=cursor, done=1, ended_at=None)
    carry_all(operation)

    assert seen == [(0, 4), (1, 3), (2, 2)]
    assert (operation.state, operation.done, operation.total) == (OperationState.DONE, 4, 4)
    assert filed() == Counter({(studio.successor.pk, WEEK[0]): 2})
    assert [each.used for each in UsagePeriod.objects.all()] == [2] * 4
    assert check_books(now=NOW) == []


def test_one_who_cannot_be_carried_over_keeps_no_other_waiting_and_has_no_second_allowance() -> None:
    studio = ReplacingStudio(members=3)
    operation = studio.begin()
    bad = UsagePeriod.objects.get(member=studio.members[1])
    poison(bad)

    assert go_on(operation) == OperationState.QUEUED

    assert (operation.attempts, bool(operation.error)) == (1, True)
    assert list(UsagePeriod.objects.filter(offer=studio.offer)) == [bad]
    assert used_at(studio, 1) == [(studio.successor.pk, 2, Period(*WEEK))]
    cure(bad)
    carry_all(operation)
    assert filed() == Counter({(studio.successor.pk, WEEK[0]): 2})
    assert studio.successor.carrying is False


def test_what_moves_uses_carries_them_over(studio: ReplacingStudio) -> None:
    studio.begin()

    move_anchor(studio.member, date(2030, 1, 4), now=NOW)

    assert list(UsagePeriod.objects.filter(member=studio.member).values_list("offer", "starts_on", "used")) == [
        (studio.successor.pk, date(2030, 1, 11), 2)
    ]


def test_periods_are_not_closed_by_the_old_ones(studio: ReplacingStudio) -> None:
    operation = studio.begin()
    later = NOW + timedelta(days=60)

    assert close_periods(now=later) == 0
    carry_all(operation)
    assert close_periods(now=later) == 2


def test_the_new_one_counts_as_used(studio: ReplacingStudio) -> None:
    studio.begin()

    with pytest.raises(OfferUsedError):
        change_terms(studio.successor, OfferTerms(enabled=True, limit=50))
    with pytest.raises(StillCarryingError):
        replace_offer(studio.successor, OfferTerms(), CoverageChange(), now=NOW)
    assert Offer.objects.count() == 2


def test_asked_for_twice_it_is_done_once(studio: ReplacingStudio) -> None:
    first = studio.begin()

    assert studio.begin(limit=1) == first
    carry_all(first)
    assert studio.begin(limit=1) == first
    assert offer_terms(studio.successor).limit == 3


def test_one_that_the_release_before_cancelled_before_it_began_is_done_anew(studio: ReplacingStudio) -> None:
    first = studio.begin()
    Offer.objects.filter(replaces=studio.offer).delete()
    Offer.objects.filter(pk=studio.offer.pk).update(deleted_at=None, enabled=True)
    Operation.objects.filter(pk=first.pk).update(state=OperationState.CANCELLED, ended_at=NOW)

    second = studio.begin(limit=2)

    carry_all(second)
    assert (second.pk > first.pk, offer_terms(studio.successor).limit) == (True, 2)


def test_what_the_release_before_left_to_a_worker_is_done(studio: ReplacingStudio) -> None:
    operation = studio.begin()
    Offer.objects.filter(replaces=studio.offer).delete()
    Offer.objects.filter(pk=studio.offer.pk).update(deleted_at=None, enabled=True)
    given: dict[str, Any] = {"offer": studio.offer.pk, "pages": [studio.page.pk], "add": [], "drop": []}
    given |= {"keeps_tickets": False, "terms": {"enabled": True, "limit": 9, "period_unit": "week"}}
    Operation.objects.filter(pk=operation.pk).update(cursor=given)

    carry_all(operation)

    assert (offer_terms(studio.successor).limit, studio.successor.carrying) == (9, False)
    assert filed() == Counter({(studio.successor.pk, WEEK[0]): 2})


def test_as_many_statements_for_many_members_of_a_batch_as_for_few() -> None:
    counts = []
    for members in (1, 6):
        studio = ReplacingStudio(members=members)
        studio.begin()
        ids = carrying.members_to_carry(studio.offer)
        with CaptureQueriesContext(connection) as seen:
            carrying.carry_some(studio.offer, studio.successor, ids, now=NOW)
        counts.append((len(ids), len(seen)))

    assert [members for members, _statements in counts] == [1, 6]
    assert counts[0][1] == counts[1][1]


# What people see meanwhile


@pytest.mark.usefixtures("_at_noon")
def test_the_dashboard_counts_all_uses_and_shows_how_far_it_is(studio: ReplacingStudio) -> None:
    operation = studio.begin(period_unit="year")
    dashboard, group = open_dashboard(studio.account), studio.group.pk

    assert page_text(dashboard.get("group", pk=group)).count("2 of 3 used") == 2
    page = page_text(dashboard.get("offer_delete", pk=group, offer=studio.successor.pk))
    assert "4 tickets have been booked with it." in page
    page = page_text(dashboard.get("operation", pk=operation.pk))
    assert "The new offer is already in place for everyone, so this can’t be cancelled." in page
    assert (
        dashboard.url("operation_cancel", pk=operation.pk)
        not in dashboard.get("operation", pk=operation.pk).content.decode()
    )


@pytest.mark.usefixtures("_at_noon")
def test_it_cannot_be_cancelled_and_not_be_replaced_again_meanwhile(studio: ReplacingStudio) -> None:
    operation = studio.begin()
    dashboard, group = open_dashboard(studio.account), studio.group.pk

    cancelled = dashboard.post("operation_cancel", {}, pk=operation.pk)
    asked = [dashboard.get("offer_replace", pk=group, offer=studio.successor.pk)]
    asked.append(dashboard.post("offer_replace", offer_form(studio.group), pk=group, offer=studio.successor.pk))

    operation.refresh_from_db()
    assert operation.is_open
    assert shown_messages(dashboard.client.get(cancelled["Location"]))[0] == (
        "The new offer is already in place for everyone, so this can’t be cancelled."
    )
    assert {each["Location"] for each in asked} == {dashboard.url("operation", pk=operation.pk)}
    assert Offer.objects.count() == 2


def test_members_see_all_of_their_uses(studio: ReplacingStudio) -> None:
    studio.begin()
    assert studio.customer.user

    [group] = group_allowances(studio.customer.user, now=NOW)

    assert [(each.period, each.used, each.current) for each in group.offers[0].periods] == [
        (Period(date(2030, 1, 10), WEEK[0]), 0, True),
        (Period(*WEEK), 2, False),
    ]


def test_a_discount_is_given_as_often_as_the_new_one_allows(till: Till) -> None:
    offer = till.discount(limit=3, additional_attendees=9)
    customer = till.member(offer.group)
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    till.fill(entry, ticket, ticket, customer=customer, own=True)
    terms: dict[str, Any] = {"percent": 50, "audience": "additional", "additional_attendees": 9, "limit": 3}
    changed = OfferTerms(kind="discount", enabled=True, period_unit="year", **terms)
    offer.account = till.account
    cover = CoverageChange(pages=frozenset({till.page.pk}))
    begin_replacing(offer, changed, cover, who="", key=uuid4(), now=timezone.now())

    other = till.fill(entry, ticket, ticket, customer=Customer.objects.get(pk=customer.pk))

    successor = Offer.objects.get(replaces=offer)
    assert list(other.seats.order_by("pk").values_list("discount", "amount", "discount_index")) == [
        (successor.pk, 500, 2),
        (None, 1000, None),
    ]
    assert list(UsagePeriod.objects.values_list("offer", "used")) == [(successor.pk, 3)]
    assert OfferUse.objects.live().count() == 3
    assert check_books(now=timezone.now()) == []
