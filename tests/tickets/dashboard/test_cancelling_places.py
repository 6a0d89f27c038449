"""Cancelling places from a booking or an entry: told exactly beforehand, with a choice of what goes back."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Letter
from bookwhen.payments.models import Connection
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.money import create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_member_seat
from tests.worlds.dashboard import Dashboard
from tickets.models import (
    Booking,
    BookingState,
    Entry,
    Payment,
    Refund,
    RefundedSeat,
    RefundReason,
    RefundState,
    Seat,
    Ticket,
)

HELD: dict[str, Any] = {"state": BookingState.BASKET, "held_until": NOW + timedelta(minutes=15)}
PAYING: dict[str, Any] = {"state": BookingState.PAYING, "held_until": NOW + timedelta(minutes=15)}


@pytest.fixture
def booking(entry: Entry, ticket: Ticket) -> Booking:
    """Two places, 24.00 together."""
    return create_paid_booking(entry, ticket, "Ada", "Byron")


def ids(booking: Booking) -> list[int]:
    return list(booking.seats.order_by("pk").values_list("pk", flat=True))


def live(booking: Booking) -> int:
    return booking.seats.filter(cancelled_at=None).count()


def test_it_is_told_beforehand(dashboard: Dashboard, booking: Booking) -> None:
    page = page_text(dashboard.get("booking_cancel", {"seat": ids(booking)}, pk=booking.pk))

    assert "Cancel 2 spaces?" in page
    assert f"Booking {booking.reference} by {booking.customer}" in page
    assert "Ada loses their space at Vinyasa (Drop-in). Byron loses their space at Vinyasa (Drop-in)." in page
    assert f"We email {booking.customer.email}." in page
    assert "Refund £24.00 to the card or account Don’t refund Refund another amount" in page
    assert live(booking) == 2


def test_all_of_it_goes_back_unless_said_otherwise(dashboard: Dashboard, entry: Entry, booking: Booking) -> None:
    data = {"seat": ids(booking)[:1], "back": "all"}
    response = dashboard.post("booking_cancel", data, pk=booking.pk)

    assert response["Location"] == dashboard.url("booking", pk=booking.pk)
    assert shown_messages(response) == ["1 space cancelled and £12.00 refunded."]
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.by) == (1200, RefundReason.STUDIO, dashboard.account.staff.get().user)
    assert list(RefundedSeat.objects.values_list("seat", "amount")) == [(ids(booking)[0], 1200)]
    assert (live(booking), load_entry(entry).places.taken) == (1, 1)
    assert "£12.00" in Letter.objects.get(kind="cancelled").text

    again = dashboard.post("booking_cancel", data, pk=booking.pk)

    assert shown_messages(again)[-1:] == ["Already cancelled"]
    assert (Refund.objects.count(), Letter.objects.filter(kind="cancelled").count()) == (1, 1)


def test_nothing_may_go_back(dashboard: Dashboard, booking: Booking) -> None:
    response = dashboard.post("booking_cancel", {"seat": ids(booking), "back": "nothing"}, pk=booking.pk)

    assert shown_messages(response) == [says.TWO_SPACES_CANCELLED]
    assert (live(booking), Refund.objects.count()) == (0, 0)


def test_another_amount_is_shared_without_a_remainder(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(entry, ticket, "Ada", "Byron", "Cy", amount=1000)

    response = dashboard.post("booking_cancel", {"seat": ids(booking), "back": "some", "amount": "10"}, pk=booking.pk)

    assert shown_messages(response) == ["3 spaces cancelled and £10.00 refunded."]
    assert list(RefundedSeat.objects.order_by("seat").values_list("amount", flat=True)) == [333, 333, 334]
    assert Payment.objects.get().refunded == 1000


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("", "Enter the amount"),
        ("24.01", says.REFUND_AT_MOST_24),
        ("0", "Enter more than 0"),
        ("-1", "Enter more than 0"),
        ("lots", says.AMOUNT_LIKE),
    ],
)
def test_an_amount_that_cannot_be_is_asked_for_again(
    amount: str, error: str, dashboard: Dashboard, booking: Booking
) -> None:
    page = dashboard.post("booking_cancel", {"seat": ids(booking), "back": "some", "amount": amount}, pk=booking.pk)

    assert page.status_code == 422
    assert page.context["form"].errors == {"amount": [error]}
    assert (live(booking), Refund.objects.count()) == (2, 0)


def test_what_is_typed_beside_another_choice_does_not_matter(dashboard: Dashboard, booking: Booking) -> None:
    dashboard.post("booking_cancel", {"seat": ids(booking), "back": "nothing", "amount": "lots"}, pk=booking.pk)
    assert (live(booking), Refund.objects.count()) == (0, 0)


def test_without_a_choice_nothing_happens(dashboard: Dashboard, booking: Booking) -> None:
    page = dashboard.post("booking_cancel", {"seat": ids(booking)}, pk=booking.pk)
    assert (page.status_code, live(booking)) == (422, 2)


def test_no_more_goes_back_than_is_left(dashboard: Dashboard, booking: Booking) -> None:
    Payment.objects.update(refunded=2000)
    assert "Refund £4.00 to the card or account" in page_text(
        dashboard.get("booking_cancel", {"seat": ids(booking)}, pk=booking.pk)
    )

    dashboard.post("booking_cancel", {"seat": ids(booking), "back": "all"}, pk=booking.pk)

    assert (Refund.objects.get().amount, Payment.objects.get().refunded) == (400, 2400)


def test_where_all_went_back_there_is_nothing_to_choose(dashboard: Dashboard, booking: Booking) -> None:
    Payment.objects.update(refunded=2400)
    page = dashboard.get("booking_cancel", {"seat": ids(booking)}, pk=booking.pk)
    assert (page.context["form"], page_text(page).count("goes back")) == (None, 0)

    dashboard.post("booking_cancel", {"seat": ids(booking)}, pk=booking.pk)

    assert (live(booking), Refund.objects.count()) == (0, 0)


def test_from_the_list_several_customers_have_their_money_back(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    first, second = create_paid_booking(entry, ticket, "Ada"), create_paid_booking(entry, ticket, "Bea", amount=800)
    both = ids(first) + ids(second)

    page = page_text(dashboard.get("seats_cancel", {"seat": both}, pk=entry.pk))
    assert "Refund £20.00 to the cards or accounts Don’t refund" in page
    assert page.count("Refund another amount") == 0

    response = dashboard.post("seats_cancel", {"seat": both, "back": "all"}, pk=entry.pk)

    assert shown_messages(response) == ["2 spaces cancelled and £20.00 refunded."]
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [800, 1200]


def test_what_is_only_held_is_let_go_of_and_nobody_is_told(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    basket, paying = (
        create_paid_booking(entry, ticket, "Ada", "Bo", **HELD),
        create_paid_booking(entry, ticket, "Cy", **PAYING),
    )
    held = ids(basket) + ids(paying)

    page = page_text(dashboard.get("seats_cancel", {"seat": held}, pk=entry.pk))

    assert "2 spaces are held in baskets. They haven’t been paid for, and we don’t email the customers." in page
    assert (
        "1 space is being paid for right now. If the payment goes through, it’s refunded automatically and we email the"
        " customer an apology."
    ) in page
    assert (page.count("We email"), page.count(says.REFUND_THE_PAYMENT)) == (0, 0)
    assert shown_messages(dashboard.post("seats_cancel", {"seat": held}, pk=entry.pk)) == ["3 spaces cancelled"]
    assert (Letter.objects.count(), load_entry(entry).places.taken) == (0, 0)


def test_uses_come_back_as_told(dashboard: Dashboard, entry: Entry) -> None:
    seat = book_member_seat(entry)
    page = page_text(dashboard.get("booking_cancel", {"seat": seat.pk}, pk=seat.booking_id))
    assert says.USE_RETURNED in page
    assert page.count(says.REFUND_THE_PAYMENT) == 0


def test_without_stripe_it_says_when_the_money_goes_back(dashboard: Dashboard, booking: Booking) -> None:
    Connection.objects.update(disconnected_at=NOW)
    assert ("Stripe is disconnected. Refunds are sent once you reconnect the same Stripe account.") in page_text(
        dashboard.get("booking_cancel", {"seat": ids(booking)}, pk=booking.pk)
    )


def test_seats_of_another_booking_are_not_found(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, booking: Booking
) -> None:
    other = create_paid_booking(entry, ticket, "Cy")
    for seats in ([*ids(booking), *ids(other)], [], ["x"], ["9" * 30]):
        assert dashboard.get("booking_cancel", {"seat": seats}, pk=booking.pk).status_code == 404
        assert dashboard.post("booking_cancel", {"seat": seats, "back": "all"}, pk=booking.pk).status_code == 404
    assert Seat.objects.filter(cancelled_at__isnull=False).count() == 0


@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_queries_to_confirm_is_fixed(
    many: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booking = create_paid_booking(entry, ticket, *[f"Ada {number}" for number in range(many)])
    dashboard.get("booking_cancel", {"seat": ids(booking)}, pk=booking.pk)
    with django_assert_num_queries(6):
        dashboard.get("booking_cancel", {"seat": ids(booking)}, pk=booking.pk)


# The entry


def test_held_places_are_told_as_held(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    create_paid_booking(entry, ticket, "Ada", **HELD)
    create_paid_booking(entry, ticket, "Bo", **PAYING)
    booked = create_paid_booking(entry, ticket, "Zoe")

    response = dashboard.get("entry", pk=entry.pk)

    page = page_text(response)
    assert "3 of 10 spaces taken" in page
    assert "2 held in baskets" in page
    assert page.index("Zoe Drop-in") < page.index("Ada Drop-in") < page.index("Bo Drop-in")
    assert page_text(response).count(says.IN_A_BASKET) == page_text(response).count(says.PAYMENT_IN_PROGRESS) == 1
    assert response.content.decode().count(f'"{dashboard.url("booking", pk=booked.pk)}"') == 1
    lines = dashboard.get("attendees_csv", pk=entry.pk).getvalue().decode().splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == ['"Zoe"']


def test_cancelling_an_entry_tells_what_goes_back(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    create_paid_booking(entry, ticket, "Ada", "Byron")
    second = create_paid_booking(entry, ticket, "Bea")
    create_paid_booking(entry, ticket, "Held", **HELD)
    Payment.objects.filter(booking=second).update(refunded=1000)

    page = page_text(dashboard.get("entry_cancel", pk=entry.pk))

    assert f"3 spaces are cancelled. {says.EMAIL_BOTH}" in page
    assert "We refund £26.00 to 2 people who paid online." in page
    assert "1 space held in a basket is released. Late payments are refunded automatically" in page
    dashboard.post("entry_cancel", pk=entry.pk)
    assert sorted(Refund.objects.values_list("amount", "state")) == [
        (200, RefundState.QUEUED),
        (2400, RefundState.QUEUED),
    ]


def test_moving_an_entry_says_that_nothing_is_refunded(dashboard: Dashboard, booking: Booking, entry: Entry) -> None:
    assert (
        "Moving it doesn’t refund anything. Anyone who can’t come can cancel under your cancellation policy."
        in page_text(dashboard.get("entry_edit", pk=entry.pk))
    )


def test_by_hand_nothing_is_charged_and_the_price_is_told(dashboard: Dashboard, entry: Entry) -> None:
    TicketFactory.create(entry=entry, name="Paid", cost="cost", price=1250)
    page = page_text(dashboard.get("entry_book", pk=entry.pk))
    assert "Otherwise what the ticket costs them is noted as still to pay." in page
    assert "Paid · £12.50" in page
    free = EntryFactory.create(page=entry.page)
    TicketFactory.create(entry=free)
    assert page_text(dashboard.get("entry_book", pk=free.pk)).count("No card is charged") == 0
