"""Places that only a membership kept are given back once it has ended, once, and one letter tells of all of them."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Customer, Letter
from bookwhen.jobs import fair
from groups.models import BY_HAND, Group, Member, Standing, StandingSource
from groups.services import admit, lapse, suspend
from offers.models import OfferUse, UsagePeriod
from tests.browsing import calendar_events, page_text
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW, GroupFactory, add_member, book_member_place, create_customer_with_login
from tickets.booking.book import book_by_studio
from tickets.booking.release import process_releases
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, EntryPlaces, Party, Release, Seat, Ticket
from tickets.queries import seats_lost

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
GROUND = uuid4()


@pytest.fixture
def group() -> Group:
    return GroupFactory.create(name="Gold", account=AccountFactory.create(name="River Studio"))


@pytest.fixture
def customer(group: Group) -> Customer:
    return create_customer_with_login(group.account, name="Ada")


def subscribe(group: Group, customer: Customer, **changes: Any) -> Member:
    terms: dict[str, Any] = {
        "ground": GROUND,
        "since": NOW - DAY,
        "until": None,
        "anchor_at": NOW - DAY,
        "uses_reset_on": None,
        "now": NOW - DAY,
    }
    return admit(group, customer, **terms | changes)


def lapse_standing(at: datetime = NOW) -> None:
    lapse(ground=GROUND, at=at, now=max(at, NOW))


def live() -> list[int]:
    """How many days from `NOW` the events are that are booked."""
    seats = Seat.objects.live().order_by("entry__starts_at")
    return [(seat.entry.starts_at - NOW).days for seat in seats]


def counts() -> tuple[set[int], set[int], set[int]]:
    """Uses, parties and taken places, wherever they are counted."""
    return (
        set(UsagePeriod.objects.values_list("used", flat=True)),
        set(Party.objects.values_list("seats", flat=True)),
        set(EntryPlaces.objects.values_list("taken", flat=True)),
    )


def test_the_places_ahead_are_given_back_with_their_uses(group: Group, customer: Customer) -> None:
    member = subscribe(group, customer)
    for days in (2, 3):
        book_member_place(group, customer, days=days)
    lapse_standing()
    assert (live(), Release.objects.get().done_at) == ([2, 3], None)

    assert process_releases(now=NOW) == 1

    assert (live(), counts()) == ([], ({0}, {0}, {0}))
    assert set(Seat.objects.values_list("cancelled_at", "cancelled_by")) == {(NOW, "released")}
    assert set(OfferUse.objects.values_list("ended_at", "why")) == {(NOW, "released")}
    release = Release.objects.get()
    assert (release.member, release.ground, release.ended_at, release.done_at) == (member, GROUND, NOW, NOW)


def test_one_letter_tells_of_all_the_places(group: Group, customer: Customer) -> None:
    subscribe(group, customer)
    pages = {book_member_place(group, customer, days=days).page for days in (3, 2)}
    Letter.objects.all().delete()
    lapse_standing()

    process_releases(now=NOW)

    [letter], [page] = Letter.objects.all(), pages
    assert (letter.kind, letter.recipient) == ("released", customer.email)
    assert letter.subject == "Your 2 tickets with Gold have been cancelled"
    assert letter.text == (
        "Hello Ada,\n\n"
        "Your membership at River Studio has ended, so you’re no longer in “Gold”. Only its members can book these "
        "tickets, so we’ve cancelled them:\n\n"
        "Class in 2\nThursday 17 January 2030, 12:00–13:00 (Europe/London)\n\n- Ada: Member place\n\n"
        "Class in 3\nFriday 18 January 2030, 12:00–13:00 (Europe/London)\n\n- Ada: Member place\n\n"
        "Open the attached files to remove the dates from your calendar. You don’t need to do anything else.\n\n"
        "Still want to come? You’re welcome to join again at any time, or book another ticket. If you think this is a "
        "mistake, contact River Studio by replying to this email.\n\n"
        f"See what’s on: http://testserver/{page.slug}/\n"
    )
    assert [(event["SUMMARY"], event["STATUS"]) for event in calendar_events(letter.calendar)] == [
        ("Class in 2", "CANCELLED"),
        ("Class in 3", "CANCELLED"),
    ]


def test_the_same_end_told_again_releases_nothing_more(group: Group, customer: Customer) -> None:
    subscribe(group, customer)
    book_member_place(group, customer)
    lapse_standing()
    process_releases(now=NOW)
    Letter.objects.all().delete()

    lapse(ground=GROUND, at=NOW, now=NOW + DAY)

    assert (Release.objects.count(), process_releases(now=NOW + DAY), Letter.objects.count()) == (1, 0, 0)


def test_nothing_to_give_back_is_no_letter(group: Group, customer: Customer) -> None:
    subscribe(group, customer)
    lapse_standing()

    assert (process_releases(now=NOW), Letter.objects.count()) == (1, 0)
    assert Release.objects.get().done_at == NOW


def test_what_was_booked_otherwise_stays(group: Group, customer: Customer) -> None:
    """By the studio, by another group, and at an event that takes place before the end."""
    other = GroupFactory.create(account=group.account)
    subscribe(group, customer)
    add_member(other, customer)
    book_member_place(group, customer, days=1)
    entry = book_member_place(other, customer, days=3).seats.get().entry
    by_hand = WantedTicket(ticket=Ticket.objects.get(series=entry.series).pk, name="Ada")
    book_by_studio(Entry.objects.select_related("account").get(pk=entry.pk), customer, [by_hand], key=uuid4(), now=NOW)
    book_member_place(group, customer, days=5)
    lapse_standing(at=NOW + 2 * DAY)

    process_releases(now=NOW + 2 * DAY)

    assert live() == [1, 3, 3]


@pytest.mark.parametrize(
    ("until", "kept"), [(None, [2, 9]), (NOW + 5 * DAY, [2]), (NOW + 9 * DAY, [2]), (NOW - DAY, [])]
)
def test_who_stands_on_another_ground_then_keeps_the_place(
    group: Group, customer: Customer, until: datetime | None, kept: list[int]
) -> None:
    subscribe(group, customer)
    for days in (2, 9):
        book_member_place(group, customer, days=days)
    Standing.objects.create(
        account=group.account,
        member=Member.objects.get(),
        source=StandingSource.MANUAL,
        ground=BY_HAND,
        since=NOW - 30 * DAY,
        until=until,
        anchor=date(2030, 1, 3),
    )
    lapse_standing()

    process_releases(now=NOW)

    assert live() == kept


def test_what_was_only_suspended_keeps_its_places_until_the_end(group: Group, customer: Customer) -> None:
    subscribe(group, customer)
    book_member_place(group, customer, days=5)
    suspend(ground=GROUND, now=NOW)
    assert (process_releases(now=NOW), live()) == (0, [5])

    lapse_standing(at=NOW + DAY)

    assert (process_releases(now=NOW + DAY), live()) == (1, [])


def test_who_stands_on_the_ground_again_keeps_the_places(group: Group, customer: Customer) -> None:
    subscribe(group, customer)
    book_member_place(group, customer)
    lapse_standing()
    subscribe(group, customer, now=NOW)

    assert (process_releases(now=NOW), live(), Release.objects.get().done_at) == (1, [2], NOW)


def test_what_will_be_lost_is_what_is_lost(group: Group, customer: Customer) -> None:
    subscribe(group, customer)
    for days in (2, 3, 4):
        book_member_place(group, customer, days=days)
    at = NOW + 2 * DAY

    announced = seats_lost(customer, group, ground=GROUND, after=at, now=NOW)
    assert [seat.entry.starts_at for seat in announced] == [NOW + 3 * DAY, NOW + 4 * DAY]
    lost = [seat.pk for seat in announced]
    lapse_standing(at=at)
    process_releases(now=at)

    assert list(Seat.objects.filter(cancelled_at__isnull=False).order_by("pk").values_list("pk", flat=True)) == lost


def test_rows_are_worked_off_in_batches(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair, "EACH", 2)
    for _ in range(3):
        ground = uuid4()
        subscribe(group, create_customer_with_login(group.account), ground=ground)
        lapse(ground=ground, at=NOW, now=NOW)

    assert [process_releases(now=NOW) for _ in range(2)] == [3, 0]


def test_a_row_that_fails_keeps_nobody_waiting(
    group: Group, customer: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(group, customer)
    book_member_place(group, customer)
    lapse_standing()
    broken, ground = Release.objects.get(), uuid4()
    subscribe(group, create_customer_with_login(group.account), ground=ground)
    lapse(ground=ground, at=NOW, now=NOW)
    # Somebody's hand: a counter that says fewer than there are.
    EntryPlaces.objects.update(taken=0)

    assert (process_releases(now=NOW), live()) == (1, [2])
    assert Release.objects.get(done_at__isnull=True) == broken
    assert f"tickets.tasks.process_releases failed for {broken.pk}, which is set aside: " in caplog.text

    EntryPlaces.objects.update(taken=1)
    assert (process_releases(now=NOW), live()) == (0, [2])
    later = NOW + timedelta(minutes=1)
    assert (process_releases(now=later), live()) == (1, [])


def test_the_bookings_page_says_why(group: Group, customer: Customer, client: Client) -> None:
    subscribe(group, customer)
    booking = book_member_place(group, customer)
    lapse_standing()
    process_releases(now=NOW)

    page = page_text(client.get(f"/my/bookings/{booking.uuid}/"))

    assert "Ada Member place Membership ended Gold: 1 ticket returned to your allowance" in page


def test_nobody_books_by_a_membership_that_ended() -> None:
    assert [value for value, _label in Booking._meta.get_field("channel").choices or ()] == ["customer", "studio"]
