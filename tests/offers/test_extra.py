"""Extra uses: they raise what a member may book in one period, go with its days, and are never taken back once used."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from groups.models import Member
from offers.eligibility import Attendee, Reason
from offers.extra import CannotGiveError, ExtraUsedError, Gift, give_extra_uses, take_back_extra_uses
from offers.models import ExtraUses, Offer, OfferKind, UsagePeriod
from offers.services import move_anchor, offer_terms
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Booking, FindingKind
from tickets.schedule.coverage import coverage_of, replace_offer

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.fixture
def member() -> Member:
    group = GroupFactory.create()
    return add_member(group, create_customer_with_login(group.account), anchor=date(2030, 1, 3))


@pytest.fixture
def offer(member: Member) -> Offer:
    entry = EntryFactory.create(page__account=member.account)
    return OfferFactory.create(group=member.group, page=entry.page, limit=1)


def gift(count: int = 2, on: date = TODAY, key: UUID | None = None) -> Gift:
    return Gift(count=count, reason="Broken heating", on=on, key=key or uuid4())


def try_to_book(offer: Offer, member: Member, *, days: int = 2) -> Booking:
    page = offer.coverage.get().page
    entry = EntryFactory.create(page=page, starts_at=NOW + timedelta(days=days))
    ticket = TicketFactory.create(entry=entry, group=offer.group)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    who = person_of_customer(member.customer)
    return book(load_entry(entry), member.customer, wanted, who=who, key=uuid4(), now=NOW).booking


def told(offer: Offer) -> list[tuple[date, int, int, int | None]]:
    rows = UsagePeriod.objects.filter(offer=offer).order_by("starts_on")
    return list(rows.values_list("starts_on", "used", "extra", "ceiling"))


def findings() -> list[str]:
    return [each.kind for each in check_books(now=NOW)]


def test_they_are_booked_beyond_the_limit_and_no_further(offer: Offer, member: Member) -> None:
    try_to_book(offer, member)
    with pytest.raises(BookingRefusedError):
        try_to_book(offer, member, days=3)

    give_extra_uses(offer, member, gift(2), now=NOW)
    try_to_book(offer, member, days=3)
    try_to_book(offer, member, days=4)

    with pytest.raises(BookingRefusedError) as refused:
        try_to_book(offer, member, days=5)
    assert (refused.value.verdicts[0].reason, refused.value.verdicts[0].limit) == (Reason.LIMIT_REACHED, 3)
    assert told(offer) == [(date(2030, 1, 3), 3, 2, 3)]
    # The next period is as before.
    try_to_book(offer, member, days=25)
    with pytest.raises(BookingRefusedError):
        try_to_book(offer, member, days=26)
    assert findings() == []


def test_before_the_first_use_they_make_the_period(offer: Offer, member: Member) -> None:
    give_extra_uses(offer, member, gift(1), now=NOW)
    assert told(offer) == [(date(2030, 1, 3), 0, 1, 2)]
    try_to_book(offer, member)
    try_to_book(offer, member, days=3)
    with pytest.raises(BookingRefusedError):
        try_to_book(offer, member, days=4)
    assert findings() == []


def test_the_same_form_gives_once(offer: Offer, member: Member) -> None:
    asked = gift(2)
    assert give_extra_uses(offer, member, asked, now=NOW) == give_extra_uses(offer, member, asked, now=NOW)
    assert told(offer) == [(date(2030, 1, 3), 0, 2, 3)]


def test_taken_back_unless_they_are_used(offer: Offer, member: Member) -> None:
    extra = give_extra_uses(offer, member, gift(1), now=NOW)
    try_to_book(offer, member)
    second = try_to_book(offer, member, days=3)
    with pytest.raises(ExtraUsedError):
        take_back_extra_uses(extra, now=NOW)
    assert told(offer) == [(date(2030, 1, 3), 2, 1, 2)]

    cancel_by_studio([second.seats.get().pk], now=NOW)
    assert take_back_extra_uses(extra, now=NOW)
    assert not take_back_extra_uses(extra, now=NOW)
    extra.refresh_from_db()
    assert (told(offer), extra.ended_at, extra.period) == ([(date(2030, 1, 3), 1, 0, 1)], NOW, None)
    with pytest.raises(BookingRefusedError):
        try_to_book(offer, member, days=4)
    assert findings() == []


def test_they_go_with_their_day_when_periods_are_counted_anew(offer: Offer, member: Member) -> None:
    give_extra_uses(offer, member, gift(2, on=date(2030, 1, 4)), now=NOW)
    gone = give_extra_uses(offer, member, gift(3), now=NOW)
    take_back_extra_uses(gone, now=NOW)
    try_to_book(offer, member)

    move_anchor(member, date(2030, 1, 10), now=NOW)

    assert told(offer) == [(date(2029, 12, 10), 0, 2, 3), (date(2030, 1, 10), 1, 0, 1)]
    assert list(ExtraUses.objects.order_by("pk").values_list("count", "period__starts_on")) == [
        (2, date(2029, 12, 10)),
        (3, None),
    ]
    assert findings() == []


@pytest.mark.parametrize("limit", [1, 4, None])
def test_they_go_over_to_the_offer_that_replaces_theirs(offer: Offer, member: Member, limit: int | None) -> None:
    give_extra_uses(offer, member, gift(2), now=NOW)
    try_to_book(offer, member)
    after = replace_offer(offer, replace(offer_terms(offer), limit=limit), coverage_of(offer), now=NOW)
    [(_starts, used, extra, ceiling)] = told(after)
    assert (used, extra, ceiling) == (1, 2, None if limit is None else limit + 2)
    assert findings() == []


@pytest.mark.parametrize(
    "change",
    [
        {"limit": None},
        {"enabled": False},
        {"kind": OfferKind.DISCOUNT, "percent": 10},
        {"deleted_at": NOW, "enabled": False},
    ],
)
def test_nothing_is_given_where_there_is_nothing_to_raise(
    offer: Offer, member: Member, change: dict[str, object]
) -> None:
    Offer.objects.filter(pk=offer.pk).update(**change)
    with pytest.raises(CannotGiveError):
        give_extra_uses(offer, member, gift(), now=NOW)
    assert not ExtraUses.objects.exists()


def test_who_does_not_stand_is_given_nothing(offer: Offer, member: Member) -> None:
    member.standings.update(until=NOW - timedelta(days=1))
    with pytest.raises(CannotGiveError):
        give_extra_uses(offer, member, gift(), now=NOW)


def test_the_database_holds_what_is_counted(offer: Offer, member: Member) -> None:
    extra = give_extra_uses(offer, member, gift(2), now=NOW)
    with pytest.raises(IntegrityError, match="extra_uses_counted"), transaction.atomic():
        ExtraUses.objects.filter(pk=extra.pk).update(ended_at=NOW)
    with pytest.raises(IntegrityError, match="extra_uses_some"), transaction.atomic():
        ExtraUses.objects.filter(pk=extra.pk).update(count=0)


@pytest.mark.parametrize("wrong", [{"extra": 3}, {"ceiling": 2}])
def test_the_books_notice_what_does_not_fit(offer: Offer, member: Member, wrong: dict[str, int]) -> None:
    give_extra_uses(offer, member, gift(2), now=NOW)
    UsagePeriod.objects.update(**wrong)
    assert findings() == [FindingKind.EXTRA]
