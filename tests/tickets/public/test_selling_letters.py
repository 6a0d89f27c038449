"""What is written to whoever buys through the sandbox, word for word: bought, gone, moved, cancelled, ended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, Letter
from tests.browsing import calendar_events
from tests.factories.schedule import OfferFactory
from tests.sentences import ADD_DATE, SHOW_CODE, SORRY_UNAVAILABLE, UNAVAILABLE_WHEN_PAID
from tests.tickets.public.letters import (
    BACK,
    HELLO,
    SALSA,
    STARTS,
    YOGA,
    buy_yoga,
    create_ada,
    create_yoga,
    only_letter,
    see_booking,
    see_or_cancel_booking,
)
from tests.worlds.till import Till, payment_of, person_of
from tickets.booking.hold import release_basket
from tickets.checkout.basket import add_membership
from tickets.checkout.settling import confirm_payment
from tickets.models import BookingState, Payment, Refund, RefundReason
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


# Bought.


def test_the_letter_of_a_paid_booking_is_its_receipt(river_and_co: Till) -> None:
    offer = river_and_co.discount(percent=10)
    entry, (ticket, free) = create_yoga(river_and_co, 1200, 0)
    basket = river_and_co.fill(
        entry, ticket, ticket, free, customer=river_and_co.member(offer.group, name="Ada Lovelace"), own=True
    )
    salsa = river_and_co.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    river_and_co.fill(salsa, river_and_co.ticket(salsa, 700, name="Floor"), basket=basket)
    river_and_co.pay(basket)

    found = only_letter()
    assert (found.kind, found.recipient, found.subject) == (
        "bought",
        basket.customer.email,
        f"Booked: your booking {basket.reference}",
    )
    assert found.text == (
        f"{HELLO}Your booking at River Studio is confirmed. We look forward to seeing you.\n\n"
        f"{YOGA}\n"
        f"- Attendee 0: Ticket 0, £10.80 reduced from £12.00 ({offer.group.name})\n"
        "- Attendee 1: Ticket 0, £12.00\n"
        "- Attendee 2: Ticket 1\n\n"
        f"{SALSA}\n"
        "- Attendee 0: Floor, £7.00\n\n"
        "Your discounts: £1.20 off\n"
        "Paid by card: £29.80\n\n"
        f"If you can’t make it, please cancel in good time so someone else can have your space. Your booking page "
        "shows what would be refunded.\n\n"
        f"Booking reference: {basket.reference}. Open the attached files to add the dates to your calendar.\n\n"
        f"{SHOW_CODE}\n\n"
        f"{see_or_cancel_booking(basket)}\n"
        f"Print your receipt: http://testserver/my/bookings/{basket.uuid}/receipt/\n"
    )
    assert [(event["SUMMARY"], event["STATUS"]) for event in calendar_events(found.calendar)] == [
        ("Morning yoga", "CONFIRMED"),
        ("Salsa", "CONFIRMED"),
    ]


def test_the_letter_of_a_free_basket_has_no_receipt(river_and_co: Till) -> None:
    entry, (ticket,) = create_yoga(river_and_co, 0)
    basket = river_and_co.fill(entry, ticket, customer=create_ada(river_and_co))
    Account.objects.update(customers_cancel=False)
    river_and_co.check_out(basket)

    assert (only_letter().subject, only_letter().text) == (
        "Booked: Morning yoga, 17 January, 12:00",
        (
            f"{HELLO}Your booking at River Studio is confirmed. We look forward to seeing you.\n\n"
            f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
            f"Booking reference: {basket.reference}. {ADD_DATE}\n\n{SHOW_CODE}\n\n"
            f"{see_booking(basket)}"
        ),
    )


def test_the_letter_names_the_membership_that_was_bought_with_it(river_and_co: Till) -> None:
    group = river_and_co.seller.membership.group
    OfferFactory.create(group=group, page=river_and_co.page, limit=2)
    entry = river_and_co.entry(
        title="Morning yoga", location="Boat house", starts_at=timezone.now() + timedelta(days=2)
    )
    ticket = river_and_co.ticket(entry, 500, group=group, name="Gold place")
    customer = create_ada(river_and_co)
    basket = add_membership(
        None, river_and_co.seller.price, customer, river_and_co.page, who=person_of(customer), now=timezone.now()
    )
    river_and_co.fill(entry, ticket, basket=basket, customer=customer)
    river_and_co.pay(basket)

    text = Letter.objects.get(kind="bought").text
    assert "- Attendee 0: Gold place, £5.00 (1 ticket from your allowance)\n\nPaid by card: £5.00\n\n" in text
    assert (
        "You’ve also bought the membership “Gold”. We’ll email you about it separately, with its own invoice.\n\n"
        in text
    )


# Gone.


def test_what_was_gone_when_it_was_paid(river_and_co: Till) -> None:
    entry, (ticket,) = create_yoga(river_and_co, 1000)
    basket = river_and_co.fill(entry, ticket, customer=create_ada(river_and_co))
    other = river_and_co.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    river_and_co.fill(other, river_and_co.ticket(other, 700, name="Floor"), basket=basket)
    url = river_and_co.check_out(basket)
    cancel_entry(entry, now=timezone.now())
    assert Letter.objects.count() == 0
    river_and_co.seller.sandbox.shopper.pay(url)
    river_and_co.settle(basket)

    gone = Letter.objects.get(kind="sorry")
    assert (gone.subject, gone.text) == (
        SORRY_UNAVAILABLE,
        (
            f"{HELLO}{UNAVAILABLE_WHEN_PAID}\n\n"
            f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
            f"£10.00 {BACK}The rest of your booking is confirmed.\n\n"
            f"See what else is on: http://testserver/{river_and_co.page.slug}/\n\n"
            f"{see_booking(basket)}"
        ),
    )
    kept = Letter.objects.get(kind="bought").text
    assert (
        "Paid by card: £17.00\nOf that, £10.00 will be refunded to your card or account. We’ve emailed you about it "
        "separately.\n\n" in kept
    )
    assert "Morning yoga" not in kept


def test_a_basket_that_was_let_go_of_before_it_was_paid(river_and_co: Till) -> None:
    entry, (ticket,) = create_yoga(river_and_co, 1200)
    basket = river_and_co.fill(entry, ticket, customer=create_ada(river_and_co))
    url = river_and_co.check_out(basket)
    release_basket(basket.pk, now=timezone.now(), when=BookingState.PAYING)
    river_and_co.seller.sandbox.shopper.pay(url)
    river_and_co.settle(basket)

    assert only_letter().text == (
        f"{HELLO}{UNAVAILABLE_WHEN_PAID}\n\n"
        f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
        f"£12.00 {BACK}You don’t need to do anything. Why not find something else?\n\n"
        f"See what else is on: http://testserver/{river_and_co.page.slug}/\n\n"
        f"{see_booking(basket)}"
    )


def test_a_second_payment_goes_back(river_and_co: Till) -> None:
    booking = buy_yoga(river_and_co, 1200)
    first = payment_of(booking)
    second = Payment.objects.create(
        account=first.account,
        booking=booking,
        connection=first.connection,
        amount=1200,
        currency="GBP",
        opened_at=first.opened_at,
    )
    assert confirm_payment(second, "pi_2", now=timezone.now()) is True

    assert (only_letter().subject, only_letter().text) == (
        "You paid twice at River Studio, so we’re refunding one payment",
        (
            f"{HELLO}Your booking was already paid for when a second payment arrived.\n\n"
            f"£12.00 {BACK}Your booking is kept, and you don’t need to do anything.\n\n"
            f"{see_booking(booking)}"
        ),
    )
    assert Refund.objects.get().reason == RefundReason.PAID_TWICE
