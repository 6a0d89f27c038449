"""A paid booking's pages: what was paid, what comes back and when, the receipt, and cancelling for money."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils.formats import date_format

from accounts.models import Account
from tests.browsing import calendar_events, page_text
from tests.sentences import CODE, ON_ITS_WAY
from tests.tickets.public.money import (
    BANKS,
    CUTOFF,
    LATE,
    STARTS,
    THEN,
    booking_path,
    buy_yoga,
    buy_yoga_and_salsa,
    create_yoga,
    freeze_time,
    payment_time,
)
from tests.worlds.till import Till, payment_of, person_of
from tickets.booking.hold import release_basket
from tickets.checkout.basket import add_membership
from tickets.models import BookingState, Refund, RefundReason, RefundState, Seat
from tickets.money.refund_states import mark_refund_failed
from tickets.money.refunds import create_refund, submit_due_refunds

pytestmark = pytest.mark.django_db


# The page.


def test_what_was_paid_and_how_it_can_be_cancelled(client: Client, river_till: Till) -> None:
    booking = buy_yoga(river_till, 1200, 0)
    payment = payment_of(booking)

    assert page_text(client.get(booking_path(booking))).partition("Who’s coming ")[2] == (
        "Name Ticket Price Actions "
        "Attendee 0 Ticket 1 £12.00 Change name Attendee 0 Cancel Attendee 0 "
        "Attendee 1 Ticket 2 Free Change name Attendee 1 Cancel Attendee 1 "
        f"{CODE} Payment Paid by card £12.00, {payment_time(payment)} Receipt Add to calendar "
        "Book another event Cancel booking "
        f"If you cancel by {THEN}, everything you paid will be refunded. After that, nothing will be."
    )


@pytest.mark.parametrize(
    ("percents", "moment", "said"),
    [
        ((100, 100), CUTOFF, "If you cancel before it starts, everything you paid will be refunded."),
        ((0, 0), CUTOFF, "If you cancel before it starts, nothing will be refunded."),
        ((50, 50), LATE, "If you cancel before it starts, 50% of what you paid will be refunded."),
        (
            (80, 0),
            CUTOFF,
            f"If you cancel by {THEN}, 80% of what you paid will be refunded. After that, nothing will be.",
        ),
        ((100, 25), LATE, f"The cut-off was {THEN}. If you cancel, 25% of what you paid will be refunded."),
        ((100, 0), LATE, f"The cut-off was {THEN}. If you cancel, nothing will be refunded."),
    ],
)
def test_the_policy_before_anybody_asks(
    client: Client, river_till: Till, percents: tuple[int, int], moment: datetime, said: str
) -> None:
    booking = buy_yoga(river_till, 1200)
    Account.objects.update(refund_percent=percents[0], late_refund_percent=percents[1])

    with freeze_time(moment):
        assert page_text(client.get(booking_path(booking))).partition("Cancel booking ")[2] == said


def test_a_discount_is_shown_with_what_it_saves(client: Client, river_till: Till) -> None:
    offer = river_till.discount(percent=10, limit=3)
    entry, ticket = create_yoga(river_till)
    basket = river_till.fill(entry, ticket, customer=river_till.member(offer.group), own=True)
    river_till.pay(basket)

    assert page_text(client.get(booking_path(basket))).partition("Actions ")[2].partition(" Payment")[0] == (
        f"Attendee 0 Drop-in {offer.group.name}: 1 of your 3 discounted tickets used "
        f"Was £12.00 £10.80 {offer.group.name}: 10% off {CODE}"
    )


def test_how_far_each_refund_is(client: Client, river_till: Till) -> None:
    booking = buy_yoga(river_till, 1200)
    payment = payment_of(booking)
    for amount in (100, 200, 300):
        create_refund(payment.pk, amount, RefundReason.OPERATOR, now=payment.opened_at)
    submit_due_refunds(now=payment.opened_at)
    first, second, third = Refund.objects.order_by("pk")
    Refund.objects.filter(pk=second.pk).update(state=RefundState.PENDING, done_at=None)
    mark_refund_failed(third, "the card is closed", now=payment.opened_at)
    assert first.done_at is not None
    day = date_format(first.done_at.astimezone(river_till.account.zone), "j F Y")

    said = page_text(client.get(booking_path(booking))).partition("Paid by card ")[2]

    assert said.partition(" Receipt")[0] == (
        f"£12.00, {payment_time(payment)} "
        f"Refund £1.00 was refunded on {day}. "
        f"Refund £2.00 {ON_ITS_WAY} {BANKS} "
        "Refund We couldn’t refund £3.00 to your card or account. River Studio will get in touch."
    )


def test_several_events_in_one_booking(client: Client, river_till: Till) -> None:
    booking = buy_yoga_and_salsa(river_till)
    later = "Wednesday 23 January 2030, 12:00 (Europe/London)"

    assert page_text(client.get(booking_path(booking))) == (
        f"River Studio Your booking Your booking Booked Booking reference {booking.reference} "
        "Morning yoga Thursday 17 January 2030, 12:00 – 13:00 (Europe/London) "
        "Who’s coming to Morning yoga, 17 January, 12:00 Name Ticket Price Actions "
        "Attendee 0 Drop-in £12.00 Change name Attendee 0, Morning yoga Cancel Attendee 0, Morning yoga "
        "Attendee 1 Drop-in £12.00 Change name Attendee 1, Morning yoga Cancel Attendee 1, Morning yoga "
        f"{CODE} If you cancel by {THEN}, everything you paid will be refunded. After that, nothing will be. "
        "Cancel these 2 tickets "
        "Salsa Thursday 24 January 2030, 12:00 – 13:00 (Europe/London) "
        "Who’s coming to Salsa, 24 January, 12:00 Name Ticket Price Actions "
        "Attendee 0 Floor £7.00 Change name Attendee 0, Salsa Cancel Attendee 0, Salsa "
        f"{CODE} If you cancel by {later}, everything you paid will be refunded. After that, nothing will be. "
        f"Payment Paid by card £31.00, {payment_time(payment_of(booking))} Receipt Add to calendar "
        "Book another event Cancel booking"
    )
    calendar = client.get(f"{booking_path(booking)}calendar.ics").content.decode()
    assert [(event["SUMMARY"], event["STATUS"]) for event in calendar_events(calendar)] == [
        ("Morning yoga", "CONFIRMED"),
        ("Salsa", "CONFIRMED"),
    ]


def test_what_was_taken_out_of_the_basket_is_not_part_of_the_booking(client: Client, river_till: Till) -> None:
    entry, ticket = create_yoga(river_till)
    basket = river_till.fill(entry, ticket, ticket)
    Seat.objects.filter(attendee_name="Attendee 1").update(cancelled_at=STARTS, cancelled_by="basket_abandoned")
    river_till.pay(basket)

    assert "Attendee 1" not in page_text(client.get(booking_path(basket)))


def test_a_basket_is_shown_as_a_basket(client: Client, river_till: Till) -> None:
    entry, ticket = create_yoga(river_till)
    basket = river_till.fill(entry, ticket)

    assert client.get(booking_path(basket))["Location"] == f"/{river_till.page.slug}/basket/"
    assert [
        client.get(f"{booking_path(basket)}{rest}").status_code for rest in ("calendar.ics", "receipt/", "cancel/")
    ] == [
        404,
        404,
        302,
    ]


def test_a_basket_that_was_let_go_of_leads_back(client: Client, river_till: Till) -> None:
    entry, ticket = create_yoga(river_till)
    basket = river_till.fill(entry, ticket)
    release_basket(basket.pk, now=basket.created_at)

    page = client.get(booking_path(basket))

    assert page_text(page) == (
        "River Studio Basket This wasn’t booked Your spaces weren’t paid for in time, so they’ve been released. You "
        "haven’t been charged. Choose again"
    )
    assert f'href="/{river_till.page.slug}/"' in page.content.decode().partition("<main")[2]
    assert client.get(f"{booking_path(basket)}calendar.ics").status_code == 404


def test_one_that_was_paid_too_late_says_that_the_money_comes_back(client: Client, river_till: Till) -> None:
    entry, ticket = create_yoga(river_till)
    basket = river_till.fill(entry, ticket)
    url = river_till.check_out(basket)
    release_basket(basket.pk, now=basket.created_at, when=BookingState.PAYING)
    river_till.seller.sandbox.shopper.pay(url)
    payment = river_till.settle(basket)

    assert page_text(client.get(booking_path(basket))).partition("wasn’t booked ")[2] == (
        "Your spaces were taken before your payment arrived. Your payment is refunded automatically. Payment Paid by "
        f"card £12.00, {payment_time(payment)} "
        f"Refund £12.00 {ON_ITS_WAY} {BANKS} Receipt Choose again"
    )


def test_the_membership_that_was_bought_with_it_is_linked(client: Client, river_till: Till) -> None:
    customer = river_till.customer_with_login(name="Ada")
    who, now = person_of(customer), datetime.now(tz=UTC)
    basket = add_membership(None, river_till.seller.price, customer, river_till.page, who=who, now=now)
    entry = river_till.entry(title="Flow")
    river_till.fill(entry, river_till.ticket(entry, 0), basket=basket)
    river_till.pay(basket)
    basket.refresh_from_db()
    assert basket.purchase is not None

    page = client.get(booking_path(basket))

    assert "Payment Membership Gold with its own invoices" in page_text(page)
    assert f'href="/my/memberships/{basket.purchase.uuid}/"' in page.content.decode()
    # Nothing was paid for the ticket: there is no receipt of it.
    assert [client.get(f"{booking_path(basket)}{rest}").status_code for rest in ("calendar.ics", "receipt/")] == [
        200,
        404,
    ]


# The receipt.


def test_the_receipt(client: Client, river_till: Till) -> None:
    offer = river_till.discount(amount_off=200)
    entry, ticket = create_yoga(river_till)
    basket = river_till.fill(entry, ticket, ticket, customer=river_till.member(offer.group, name="Ada"), own=True)
    payment = river_till.pay(basket)
    create_refund(payment.pk, 700, RefundReason.OPERATOR, now=payment.opened_at)
    assert payment.paid_at is not None
    day = date_format(payment.paid_at.astimezone(river_till.account.zone), "j F Y")

    page = client.get(f"{booking_path(basket)}receipt/")

    assert page_text(page) == (
        "Your booking Receipt Receipt Print this page, or save it as a PDF from your browser’s print window. "
        f"From River Studio To Ada Booking reference {basket.reference} Date {day} "
        "What you bought What you bought Event Ticket Price "
        "Morning yoga 17 January 2030, 12:00 Drop-in Attendee 0 "
        f"Was £12.00 £10.00 {offer.group.name}: £2.00 off "
        "Morning yoga 17 January 2030, 12:00 Drop-in Attendee 1 £12.00 "
        "Payment Tickets £24.00 Discounts -£2.00 Total paid £22.00 "
        f"Card payment £22.00, {payment_time(payment)} Reference {payment.intent} "
        f"Refund £7.00 {ON_ITS_WAY} {BANKS} Total after refunds £15.00"
    )
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex", "same-origin")


def test_there_is_no_receipt_for_what_cost_nothing(client: Client, river_till: Till) -> None:
    entry, ticket = create_yoga(river_till, 0)
    basket = river_till.fill(entry, ticket)
    river_till.check_out(basket)

    assert client.get(f"{booking_path(basket)}receipt/").status_code == 404
    assert "Payment" not in page_text(client.get(booking_path(basket)))
