"""Whose membership changes keeps what they booked, and one payment still opens one allowance."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Letter
from groups.models import Group, Member
from groups.services import add_customers, admit, lapse
from offers.eligibility import Attendee
from offers.models import Offer, OfferUse, UsagePeriod
from offers.periods import local_day
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.release import process_releases
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Booking, Channel, Entry, Seat, Ticket

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BEGAN = NOW - 10 * DAY


class ChangingStudio:
    """A studio with two groups, *Ten* and *Unlimited*, whose entries are for both unless said otherwise."""

    def __init__(self, *, limits: tuple[int | None, int | None] = (10, None)) -> None:
        self.page = SchedulePageFactory.create()
        self.account = self.page.account
        self.groups = [GroupFactory.create(account=self.account, name=name) for name in ("Ten", "Unlimited")]
        self.offers = [
            OfferFactory.create(group=group, page=self.page, limit=limit)
            for group, limit in zip(self.groups, limits, strict=True)
        ]
        self.customer = create_customer_with_login(self.account, name="Ada")
        self.ground = uuid4()

    def admit(self, number: int, *, now: datetime = BEGAN, **changes: Any) -> Member:
        terms: dict[str, Any] = {
            "ground": self.ground,
            "since": BEGAN,
            "until": None,
            "anchor_at": BEGAN,
            "uses_reset_on": local_day(BEGAN, self.account.zone),
            "now": now,
        }
        return admit(self.groups[number], self.customer, **terms | changes)

    def add_entry(self, days: float, *groups: Group) -> Entry:
        made: Entry = EntryFactory.create(page=self.page, title=f"In {days}", starts_at=NOW + days * DAY)
        ticket = TicketFactory.create(entry=made, group=(groups or self.groups)[0])
        ticket.groups.set(groups or self.groups)
        return made

    def book(
        self, days: float, *groups: Group, now: datetime = NOW, attendees: tuple[Attendee, ...] = (Attendee.SELF,)
    ) -> Booking:
        return self.book_entry(self.add_entry(days, *groups), now=now, attendees=attendees)

    def book_entry(
        self, entry: Entry, *, now: datetime = NOW, attendees: tuple[Attendee, ...] = (Attendee.SELF,)
    ) -> Booking:
        ticket = Ticket.objects.get(series=entry.series).pk
        wanted = [WantedTicket(ticket=ticket, name="Ada", attendee=each) for each in attendees]
        who = person_of_customer(self.customer)
        return book(load_entry(entry), self.customer, wanted, who=who, key=uuid4(), now=now).booking

    def used(self, number: int) -> list[tuple[int, int | None]]:
        """Used and ceiling of each period of a group's offer that holds anything, in order."""
        rows = UsagePeriod.objects.filter(offer=self.offers[number], used__gt=0).order_by("starts_on")
        return [(row.used, row.ceiling) for row in rows]

    def live_days(self) -> list[int]:
        return [(seat.entry.starts_at - NOW).days for seat in Seat.objects.live().order_by("entry__starts_at")]


@pytest.fixture
def studio() -> ChangingStudio:
    return ChangingStudio()


def test_uses_follow_to_the_offer_of_the_new_group_and_no_booking_is_released(studio: ChangingStudio) -> None:
    studio.admit(0)
    for days in (1, 2, 40):
        studio.book(days)

    studio.admit(1, now=NOW)

    assert (studio.used(0), studio.used(1)) == ([], [(3, None)])
    assert process_releases(now=NOW) == 0
    assert studio.live_days() == [1, 2, 40]
    assert check_books(now=NOW) == []


def test_what_was_used_in_this_period_counts_towards_the_new_limit() -> None:
    studio = ChangingStudio(limits=(10, 4))
    studio.admit(0)
    for days in (-8, -3, 5):
        studio.book(days, now=NOW - 9 * DAY)

    studio.admit(1, now=NOW)

    assert studio.used(1) == [(3, 4)]
    studio.book(6)
    with pytest.raises(BookingRefusedError):
        studio.book(7)
    assert check_books(now=NOW) == []


def test_what_was_used_in_an_earlier_period_stays_where_it_was(studio: ChangingStudio) -> None:
    studio.admit(0)
    studio.book(1)
    later = NOW + 40 * DAY

    studio.admit(1, now=later)

    assert (studio.used(0), studio.used(1)) == ([(1, 10)], [])


def test_twelve_booked_with_ten_to_use_are_kept_and_nothing_is_left() -> None:
    studio = ChangingStudio(limits=(None, 10))
    studio.admit(0)
    for _each in range(12):
        studio.book(3)

    studio.admit(1, now=NOW)

    assert studio.used(1) == [(12, 12)]
    with pytest.raises(BookingRefusedError):
        studio.book(4)
    assert check_books(now=NOW) == []


def test_a_use_given_back_after_the_change_comes_back_to_the_new_allowance() -> None:
    studio = ChangingStudio(limits=(10, 10))
    studio.admit(0)
    booking = studio.book(5)
    studio.admit(1, now=NOW)

    cancel_by_customer(booking, list(booking.seats.values_list("pk", flat=True)), now=NOW)

    assert (studio.used(0), studio.used(1)) == ([], [])
    assert check_books(now=NOW) == []


def test_a_booking_that_the_new_group_does_not_cover_is_kept_and_counts() -> None:
    studio = ChangingStudio(limits=(10, 3))
    studio.admit(0)
    studio.book(5, studio.groups[0])

    studio.admit(1, now=NOW)

    assert process_releases(now=NOW) == 0
    assert (studio.live_days(), studio.used(1)) == ([5], [(1, 3)])
    assert check_books(now=NOW) == []


def test_what_is_not_covered_is_cancelled_where_that_was_chosen(studio: ChangingStudio) -> None:
    studio.admit(0)
    studio.book(5, studio.groups[0])
    studio.book(6)

    studio.admit(1, now=NOW, keeps_bookings=False)

    assert process_releases(now=NOW) == 1
    assert (studio.live_days(), studio.used(0), studio.used(1)) == ([6], [], [(1, None)])
    assert set(Seat.objects.filter(cancelled_at__isnull=False).values_list("cancelled_by")) == {(Channel.RELEASED,)}
    text = Letter.objects.get(kind="released").text
    assert "Your membership at Studio" in text
    assert "has changed, so you’re no longer in “Ten”." in text
    assert check_books(now=NOW) == []


def test_a_guest_of_theirs_is_not_covered_by_a_personal_offer() -> None:
    studio = ChangingStudio(limits=(10, 10))
    Offer.objects.filter(pk=studio.offers[0].pk).update(audience="additional", additional_attendees=1)
    studio.admit(0)
    studio.book(5, attendees=(Attendee.SELF, Attendee.GUEST))

    studio.admit(1, now=NOW, keeps_bookings=False)
    process_releases(now=NOW)

    assert [seat.self_attendee_id for seat in Seat.objects.live()] == [studio.customer.pk]
    assert check_books(now=NOW) == []


def test_who_stands_in_the_old_group_by_hand_keeps_its_uses_there(studio: ChangingStudio) -> None:
    studio.admit(0)
    add_customers(studio.groups[0], {studio.customer.email: ""}, now=BEGAN)
    studio.book(5)

    studio.admit(1, now=NOW)

    assert (studio.used(0), studio.used(1)) == ([(1, 10)], [])
    assert studio.live_days() == [5]


def test_the_change_told_twice_files_once(studio: ChangingStudio) -> None:
    studio.admit(0)
    studio.book(5)

    for _twice in range(2):
        studio.admit(1, now=NOW)

    assert (studio.used(0), studio.used(1)) == ([], [(1, None)])


def test_back_to_the_old_membership_everything_comes_along() -> None:
    studio = ChangingStudio(limits=(10, 20))
    studio.admit(0)
    studio.book(5)
    studio.admit(1, now=NOW)
    studio.book(6)

    studio.admit(0, now=NOW + DAY)

    assert (studio.used(0), studio.used(1)) == ([(2, 10)], [])
    assert check_books(now=NOW + DAY) == []


def test_with_the_end_of_the_membership_the_kept_bookings_go_too(studio: ChangingStudio) -> None:
    studio.admit(0)
    studio.book(5, studio.groups[0])
    studio.admit(1, now=NOW)

    lapse(ground=studio.ground, at=NOW + DAY, now=NOW + DAY)
    process_releases(now=NOW + DAY)

    assert studio.live_days() == []
    assert check_books(now=NOW + DAY) == []


def test_one_with_uses_left_is_charged_before_one_without() -> None:
    studio = ChangingStudio(limits=(10, 1))
    second = OfferFactory.create(group=studio.groups[1], page=studio.page, limit=5)
    studio.admit(0)
    for days in (3, 4, 5):
        studio.book(days)

    studio.admit(1, now=NOW)

    assert (studio.used(1), UsagePeriod.objects.get(offer=second).used) == ([(1, 1)], 2)


DAYS = st.integers(0, 70)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), DAYS, st.sampled_from(["both", "first", "second"])),
        st.tuples(st.just("cancel"), DAYS, st.just("")),
        st.tuples(st.just("change"), st.just(0), st.sampled_from(["keep", "cancel"])),
        st.tuples(st.just("wait"), st.integers(1, 12), st.just("")),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@example(
    limits=(None, None),
    steps=[("change", 0, "cancel"), ("change", 0, "keep"), ("book", 0, "first"), ("change", 0, "cancel")],
)
@given(limits=st.tuples(*[st.one_of(st.none(), st.integers(1, 4))] * 2), steps=STEPS)
def test_bookings_and_changes_in_any_order_lose_nothing(
    limits: tuple[int | None, int | None], steps: list[tuple[str, int, str]]
) -> None:
    """No allowance is exceeded but by what was carried along, no booking to be kept is lost, and the books agree."""
    story = Story(limits)
    for what, days, how in steps:
        getattr(story, what)(days, how)
        assert check_books(account=story.studio.account, now=story.now) == []


class Story:
    """Bookings, cancellations and changes of one member, as time goes by."""

    def __init__(self, limits: tuple[int | None, int | None]) -> None:
        self.studio, self.now, self.number = ChangingStudio(limits=limits), NOW, 0
        self.studio.admit(0)

    def wait(self, days: int, _how: str) -> None:
        self.now += days * DAY

    def book(self, days: int, how: str) -> None:
        groups = {"both": self.studio.groups, "first": self.studio.groups[:1], "second": self.studio.groups[1:]}[how]
        entry = self.studio.add_entry((self.now - NOW) / DAY + days + 0.5, *groups)
        allowed = self._has_use_left(entry, groups)
        try:
            self.studio.book_entry(entry, now=self.now)
        except BookingRefusedError:
            assert not allowed
        else:
            assert allowed

    def cancel(self, days: int, _how: str) -> None:
        for booking in Booking.objects.filter(account=self.studio.account).order_by("pk")[days % 5 : days % 5 + 1]:
            ahead = booking.seats.live().upcoming(self.now)
            cancel_by_customer(booking, list(ahead.values_list("pk", flat=True)), now=self.now)

    def change(self, _days: int, how: str) -> None:
        self.now += timedelta(seconds=1)  # no two changes are of one instant: the same end is told once
        before, self.number = self._live(), 1 - self.number
        self.studio.admit(self.number, now=self.now, keeps_bookings=how == "keep")
        process_releases(now=self.now)
        if how == "keep":
            assert self._live() == before
        # All that is ahead counts in the one group where they stand.
        uses = OfferUse.objects.live().filter(account=self.studio.account)
        ahead = uses.filter(event_on__gt=local_day(self.now, self.studio.account.zone))
        groups = set(ahead.values_list("period__offer__group", flat=True))
        assert groups <= {self.studio.groups[self.number].pk}

    def _live(self) -> set[int]:
        return set(Seat.objects.live().filter(account=self.studio.account).values_list("pk", flat=True))

    def _has_use_left(self, entry: Entry, groups: list[Group]) -> bool:
        """Whether the group that they are in is one of the ticket's, and has a use left in the entry's period."""
        offer = self.studio.offers[self.number]
        if self.studio.groups[self.number] not in groups:
            return False
        if offer.limit is None:
            return True
        day = local_day(entry.starts_at, self.studio.account.zone)
        rows = UsagePeriod.objects.filter(offer=offer, starts_on__lte=day, ends_on__gt=day)
        return sum(row.used for row in rows) < offer.limit
