"""Cancelling seats: what comes back, what is kept, what happens twice."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter
from offers.eligibility import Attendee
from offers.models import OfferUse, UsagePeriod
from tests.factories.schedule import (
    NOW,
)
from tests.sentences import NOT_BACK_IN_ALLOWANCE
from tests.worlds.members_studio import MembersStudio
from tickets.booking.cancel import CannotCancelError, cancel_by_customer, cancel_by_studio
from tickets.models import Booking, EntryPlaces, Party, Seat, TicketPlaces

pytestmark = pytest.mark.django_db

STARTS_AT = datetime(2030, 1, 20, 18, tzinfo=UTC)
CUT_OFF = STARTS_AT - timedelta(days=1)


def book_member_and_guests(people: int = 2, **account: bool) -> Booking:
    """A member with two uses a month who booked for themselves and guests."""
    studio = MembersStudio(entries=0, limit=4, additional_attendees=3, **account)
    studio.add_entry(starts_at=STARTS_AT, ticket_capacity=5)
    booking = studio.book(Attendee.SELF, *[Attendee.GUEST] * (people - 1))
    Letter.objects.all().delete()
    return booking


def counts() -> tuple[int, int, int, int]:
    """Uses, the party, the ticket's places and the entry's places."""
    return (
        UsagePeriod.objects.get().used,
        Party.objects.get().seats,
        TicketPlaces.objects.get().taken,
        EntryPlaces.objects.get().taken,
    )


def ids(booking: Booking) -> list[int]:
    return list(booking.seats.order_by("pk").values_list("pk", flat=True))


def test_in_time_the_use_comes_back() -> None:
    booking = book_member_and_guests()

    cancelled = cancel_by_customer(booking, ids(booking)[:1], now=CUT_OFF).seats

    assert [seat.pk for seat in cancelled] == ids(booking)[:1]
    assert counts() == (1, 1, 1, 1)
    assert list(OfferUse.objects.order_by("pk").values_list("ended_at", "why")) == [(CUT_OFF, "customer"), (None, "")]
    assert list(Seat.objects.order_by("pk").values_list("cancelled_at", "cancelled_by")) == [
        (CUT_OFF, "customer"),
        (None, ""),
    ]


def test_after_the_cut_off_the_use_is_kept_and_the_place_is_free() -> None:
    booking = book_member_and_guests()

    cancel_by_customer(booking, ids(booking), now=CUT_OFF + timedelta(seconds=1))

    assert counts() == (2, 0, 0, 0)
    assert list(OfferUse.objects.values_list("ended_at", flat=True)) == [None, None]
    assert Letter.objects.get().text.count(NOT_BACK_IN_ALLOWANCE) == 2


def test_after_the_cut_off_the_use_comes_back_where_the_account_says_so() -> None:
    booking = book_member_and_guests(returns_late_uses=True)

    cancel_by_customer(booking, ids(booking), now=CUT_OFF + timedelta(seconds=1))

    assert counts() == (0, 0, 0, 0)


def test_when_the_studio_cancels_the_use_comes_back_after_the_cut_off_and_after_the_start() -> None:
    booking = book_member_and_guests()

    cancel_by_studio(ids(booking)[:1], now=CUT_OFF + timedelta(hours=1))
    cancel_by_studio(ids(booking)[1:], now=STARTS_AT + timedelta(hours=1))

    assert counts() == (0, 0, 0, 0)
    assert set(OfferUse.objects.values_list("why", flat=True)) == {"studio"}


def test_cancelling_twice_does_nothing() -> None:
    booking = book_member_and_guests()
    cancel_by_studio(ids(booking)[:1], now=NOW)

    assert cancel_by_studio(ids(booking)[:1], now=NOW + timedelta(hours=1)).seats == []
    assert cancel_by_customer(booking, ids(booking)[:1], now=NOW + timedelta(hours=1)).seats == []

    assert counts() == (1, 1, 1, 1)
    assert Letter.objects.count() == 1
    assert Seat.objects.get(pk=ids(booking)[0]).cancelled_at == NOW


def test_one_letter_a_booking_names_everyone() -> None:
    booking = book_member_and_guests(people=3)

    cancel_by_studio(ids(booking), now=NOW)

    letter = Letter.objects.get()
    assert (letter.recipient, letter.kind, letter.text.count("Guest:")) == (booking.customer.email, "cancelled", 2)


def test_nobody_is_told_where_the_caller_says_so() -> None:
    booking = book_member_and_guests()

    cancel_by_studio(ids(booking), now=NOW, tell=False)

    assert (counts(), Letter.objects.count()) == ((0, 0, 0, 0), 0)


def test_a_use_comes_back_into_a_closed_period() -> None:
    booking = book_member_and_guests()
    closed = datetime(2030, 2, 3, 2, tzinfo=UTC)
    UsagePeriod.objects.update(closed_at=closed, left_unused=2)

    cancel_by_studio(ids(booking)[:1], now=closed + timedelta(days=1))

    period = UsagePeriod.objects.get()
    assert (period.used, period.closed_at, period.left_unused) == (1, closed, 2)


def test_customers_cannot_cancel_once_it_has_started() -> None:
    booking = book_member_and_guests()

    with pytest.raises(CannotCancelError):
        cancel_by_customer(booking, ids(booking), now=STARTS_AT)

    assert counts() == (2, 2, 2, 2)


def test_customers_cannot_cancel_where_the_account_says_so() -> None:
    booking = book_member_and_guests(customers_cancel=False)

    with pytest.raises(CannotCancelError):
        cancel_by_customer(booking, ids(booking), now=NOW)

    assert (counts(), Letter.objects.count()) == ((2, 2, 2, 2), 0)


def test_customers_cancel_only_seats_of_that_booking() -> None:
    booking = book_member_and_guests()
    other = Booking.objects.create(
        account=booking.account,
        page=booking.page,
        customer=booking.customer,
        key=uuid4(),
        channel="customer",
        created_at=NOW,
    )

    assert cancel_by_customer(other, ids(booking), now=NOW).seats == []
    assert counts() == (2, 2, 2, 2)
