"""Cancelling what was paid for: what the page promises is what comes back."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Letter
from offers.models import UsagePeriod
from tests.browsing import calendar_events, form_fields, page_text, submit_form
from tests.sentences import TICKET_RETURNED
from tests.tickets.public.money import (
    CARD,
    CUTOFF,
    END,
    LATE,
    STARTS,
    THEN,
    booking_path,
    buy_yoga,
    buy_yoga_and_salsa,
    cancellation_terms,
    create_yoga,
    freeze_time,
    list_refunds,
)
from tests.worlds.till import Till, payment_of
from tickets.models import Entry, Refund, RefundReason, RefundState, Seat
from tickets.money.refunds import create_refund, submit_due_refunds

pytestmark = pytest.mark.django_db


# Cancelling.


def test_cancelling_in_time_gives_all_the_money_back(client: Client, river_till: Till) -> None:
    booking = buy_yoga(river_till, 1200, 800)
    path = f"{booking_path(booking)}cancel/"

    assert cancellation_terms(client, path) == (
        "Attendee 0: “ Ticket 1 ” will be cancelled. £12.00 will be refunded. "
        "Attendee 1: “ Ticket 2 ” will be cancelled. £8.00 will be refunded. "
        f"The £20.00 {CARD} The cut-off for this is {THEN}. {END} Cancel booking"
    )
    form = form_fields(client.get(path))
    for _ in range(2):
        assert client.post(path, form)["Location"] == booking_path(booking)

    assert list_refunds(booking) == [(2000, RefundReason.CUSTOMER, [1200, 800])]
    submit_due_refunds(now=datetime.now(tz=UTC))
    assert Refund.objects.get().state == RefundState.DONE
    assert Letter.objects.filter(kind="cancelled").count() == 1


def test_cancelling_one_of_two(client: Client, river_till: Till) -> None:
    booking = buy_yoga(river_till, 1200, 800)
    seat = booking.seats.get(amount=800)
    path = f"{booking_path(booking)}cancel/?seat={seat.uuid}"

    assert cancellation_terms(client, path) == (
        "Attendee 1: “ Ticket 2 ” will be cancelled. "
        f"The £8.00 {CARD} The cut-off for this is {THEN}. "
        f"The other ticket in this booking is kept. {END} Cancel ticket"
    )
    submit_form(client, path)

    assert list_refunds(booking) == [(800, RefundReason.CUSTOMER, [800])]


@pytest.mark.parametrize(
    ("percents", "moment", "said", "given"),
    [
        (
            (100, 0),
            LATE,
            f"The £12.01 you paid won’t be refunded. The cut-off was {THEN}. After that, River Studio refunds nothing.",
            0,
        ),
        (
            (100, 50),
            LATE,
            f"£6.01 of the £12.01 {CARD} The cut-off was {THEN}. After that, River Studio refunds 50% of the price.",
            601,
        ),
        (
            (80, 0),
            CUTOFF,
            f"£9.61 of the £12.01 {CARD} Until {THEN}, River Studio refunds 80% of the price.",
            961,
        ),
        ((0, 0), CUTOFF, "The £12.01 you paid won’t be refunded. River Studio refunds nothing.", 0),
        ((100, 100), LATE, f"The £12.01 {CARD}", 1201),
    ],
)
def test_what_is_said_before_is_what_is_done(
    client: Client, river_till: Till, percents: tuple[int, int], moment: datetime, said: str, given: int
) -> None:
    booking = buy_yoga(river_till, 1201)
    Account.objects.update(refund_percent=percents[0], late_refund_percent=percents[1])
    path = f"{booking_path(booking)}cancel/"

    with freeze_time(moment):
        assert (
            cancellation_terms(client, path)
            == f"Attendee 0: “ Ticket 1 ” will be cancelled. {said} {END} Cancel booking"
        )
        submit_form(client, path)

    assert sum(amount for amount, *_ in list_refunds(booking)) == given
    assert booking.seats.filter(cancelled_at=None).count() == 0


def test_the_cut_off_passes_between_reading_and_confirming(client: Client, river_till: Till) -> None:
    booking = buy_yoga(river_till, 1200)
    path = f"{booking_path(booking)}cancel/"
    with freeze_time(CUTOFF):
        form = form_fields(client.get(path))

    with freeze_time(LATE):
        again = client.post(path, form)
        assert (again.status_code, Seat.objects.get().cancelled_at) == (409, None)
        assert "Nothing has been cancelled yet. Check what will happen, then confirm again." in page_text(again)
        assert "The £12.00 you paid won’t be refunded." in page_text(again)
        assert client.post(path, form_fields(again)).status_code == 302
    assert (Seat.objects.get().cancelled_at is None, list_refunds(booking)) == (False, [])


def test_the_policy_changes_between_reading_and_confirming(client: Client, river_till: Till) -> None:
    booking = buy_yoga(river_till, 1200)
    path = f"{booking_path(booking)}cancel/"
    form = form_fields(client.get(path))
    Account.objects.update(refund_percent=50)

    again = client.post(path, form)

    assert (again.status_code, Seat.objects.get().cancelled_at, list_refunds(booking)) == (409, None, [])
    assert "£6.00 of the £12.00 you paid will be refunded to your card or account" in page_text(again)


def test_what_was_refunded_before_is_not_promised_again(client: Client, river_till: Till) -> None:
    booking = buy_yoga(river_till, 1200)
    payment = payment_of(booking)
    create_refund(payment.pk, 1000, RefundReason.OPERATOR, now=payment.opened_at)
    path = f"{booking_path(booking)}cancel/"

    assert cancellation_terms(client, path) == (
        "Attendee 0: “ Ticket 1 ” will be cancelled. "
        f"£2.00 of the £12.00 {CARD} The cut-off for this is {THEN}. "
        f"What’s already been refunded won’t be refunded again. {END} Cancel booking"
    )
    submit_form(client, path)

    assert list_refunds(booking) == [(1000, RefundReason.OPERATOR, []), (200, RefundReason.CUSTOMER, [200])]


def test_a_discount_with_a_limit_gives_its_use_back(client: Client, river_till: Till) -> None:
    offer = river_till.discount(percent=10, limit=3)
    entry, ticket = create_yoga(river_till)
    basket = river_till.fill(entry, ticket, customer=river_till.member(offer.group), own=True)
    river_till.pay(basket)
    path = f"{booking_path(basket)}cancel/"
    assert UsagePeriod.objects.get().used == 1
    assert page_text(client.get(booking_path(basket))).partition("Cancel booking ")[2] == (
        f"Cancel by {THEN} and you get your ticket back. After that you can still cancel, but you lose the ticket. "
        "If you cancel by then, everything you paid will be refunded. After that, nothing will be."
    )
    with freeze_time(LATE):
        assert page_text(client.get(booking_path(basket))).partition("Cancel booking ")[2] == (
            f"The cut-off was {THEN}. You can still cancel, but you lose the ticket. "
            "If you cancel, nothing will be refunded."
        )

    assert cancellation_terms(client, path) == (
        "Attendee 0: “ Drop-in ” will be cancelled. "
        f"The £10.80 {CARD} The cut-off for this is {THEN}. "
        f"{TICKET_RETURNED} {END} Cancel booking"
    )
    submit_form(client, path)

    assert (list_refunds(basket), UsagePeriod.objects.get().used) == ([(1080, RefundReason.CUSTOMER, [1080])], 0)
    assert f"{offer.group.name}: 1 discounted ticket returned to your allowance" in page_text(
        client.get(booking_path(basket))
    )


def test_all_events_of_a_booking_at_once(client: Client, river_till: Till) -> None:
    booking = buy_yoga_and_salsa(river_till)
    path = f"{booking_path(booking)}cancel/"

    with freeze_time(LATE):
        assert cancellation_terms(client, path) == (
            "Morning yoga, Thursday 17 January 2030, 12:00 "
            "Attendee 0: “ Drop-in ” will be cancelled. £12.00 won’t be refunded. "
            "Attendee 1: “ Drop-in ” will be cancelled. £12.00 won’t be refunded. "
            f"The £24.00 you paid won’t be refunded. The cut-off was {THEN}. After that, River Studio refunds nothing. "
            "Salsa, Thursday 24 January 2030, 12:00 Attendee 0: “ Floor ” will be cancelled. "
            f"The £7.00 {CARD} "
            "The cut-off for this is Wednesday 23 January 2030, 12:00 (Europe/London). "
            "In total, £7.00 will be refunded to your card or account. We’ll email you to confirm each event. "
            "Keep booking Cancel booking"
        )
        submit_form(client, path)

    assert list_refunds(booking) == [(700, RefundReason.CUSTOMER, [700])]
    calendar = client.get(f"{booking_path(booking)}calendar.ics").content.decode()
    assert [(event["SUMMARY"], event["STATUS"]) for event in calendar_events(calendar)] == [
        ("Morning yoga", "CANCELLED"),
        ("Salsa", "CANCELLED"),
    ]


def test_the_places_at_one_event_of_a_booking(client: Client, river_till: Till) -> None:
    booking = buy_yoga_and_salsa(river_till)
    entry = Entry.objects.get(title="Morning yoga")
    path = f"{booking_path(booking)}cancel/?entry={entry.uuid}"

    assert cancellation_terms(client, path).endswith(
        f"The other ticket in this booking is kept. {END} Cancel 2 tickets"
    )
    submit_form(client, path)

    assert list_refunds(booking) == [(2400, RefundReason.CUSTOMER, [1200, 1200])]
    assert page_text(client.get(booking_path(booking))).startswith(
        f"River Studio Your booking Your booking Booked Booking reference {booking.reference} Morning yoga Cancelled "
    )
    calendar = client.get(f"{booking_path(booking)}calendar.ics").content.decode()
    assert [(event["SUMMARY"], event["STATUS"]) for event in calendar_events(calendar)] == [
        ("Salsa", "CONFIRMED"),
        ("Morning yoga", "CANCELLED"),
    ]


def test_an_event_that_has_begun_stays(client: Client, river_till: Till) -> None:
    booking = buy_yoga_and_salsa(river_till)
    path = f"{booking_path(booking)}cancel/"

    with freeze_time(STARTS):
        assert "Morning yoga Past" in page_text(client.get(booking_path(booking)))
        assert cancellation_terms(client, path) == (
            "Attendee 0: “ Floor ” will be cancelled. "
            f"The £7.00 {CARD} "
            "The cut-off for this is Wednesday 23 January 2030, 12:00 (Europe/London). "
            f"“ Morning yoga ” has already started, so it can’t be cancelled. {END} Cancel booking"
        )
        submit_form(client, path)

    assert list_refunds(booking) == [(700, RefundReason.CUSTOMER, [700])]
    assert booking.seats.filter(cancelled_at=None).count() == 2


@pytest.mark.parametrize("places", [1, 3])
def test_its_pages_cost_the_same_however_many_places_it_has(
    client: Client, river_till: Till, places: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offer = river_till.discount(percent=10, audience="additional", additional_attendees=5)
    customer = river_till.member(offer.group)
    basket = None
    for _ in range(places):
        entry, ticket = create_yoga(river_till)
        basket = river_till.fill(entry, *[ticket] * places, customer=customer, basket=basket)
    assert basket is not None
    payment = river_till.pay(basket)
    for _ in range(places):
        create_refund(payment.pk, 100, RefundReason.OPERATOR, now=payment.opened_at)

    for path, statements in (("", 3), ("receipt/", 6), ("cancel/", 4), ("calendar.ics", 2)):
        with django_assert_num_queries(statements):
            assert client.get(f"{booking_path(basket)}{path}").status_code == 200
