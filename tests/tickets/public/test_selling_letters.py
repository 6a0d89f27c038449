"""What is written to whoever buys through the sandbox, word for word: bought, gone, moved, cancelled, ended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, Letter
from bookwhen.sandbox.stripe import Sandbox
from tests.browsing import calendar_events
from tests.factories.schedule import OfferFactory
from tests.sentences import ADD_DATE, UNAVAILABLE_WHEN_PAID
from tests.tickets.public.letters import (
    BACK,
    HELLO,
    SALSA,
    STARTS,
    YOGA,
    ada,
    bought,
    letter,
    see,
    see_or_cancel,
    yoga,
)
from tests.worlds.till import Till, open_till, payment_of, person_of
from tickets.booking.hold import release_basket
from tickets.checkout.basket import add_membership
from tickets.checkout.paying import confirm_payment
from tickets.models import BookingState, Payment, Refund, RefundReason
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    till = open_till(stripe_here, name="River & Co", slug="river")
    till.page.title = "River Studio"
    till.page.save()
    return till


# Bought.


def test_the_letter_of_a_paid_booking_is_its_receipt(till: Till) -> None:
    offer = till.discount(percent=10)
    entry, (ticket, free) = yoga(till, 1200, 0)
    basket = till.fill(entry, ticket, ticket, free, customer=till.member(offer.group, name="Ada Lovelace"), own=True)
    salsa = till.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    till.fill(salsa, till.ticket(salsa, 700, name="Floor"), basket=basket)
    till.pay(basket)

    found = letter()
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
        f"Booking reference: {basket.reference}. Open the attached file to add the dates to your calendar.\n\n"
        f"{see_or_cancel(basket)}\n"
        f"Print your receipt: http://testserver/my/bookings/{basket.uuid}/receipt/\n"
    )
    assert [(event["SUMMARY"], event["STATUS"]) for event in calendar_events(found.calendar)] == [
        ("Morning yoga", "CONFIRMED"),
        ("Salsa", "CONFIRMED"),
    ]


def test_the_letter_of_a_free_basket_has_no_receipt(till: Till) -> None:
    entry, (ticket,) = yoga(till, 0)
    basket = till.fill(entry, ticket, customer=ada(till))
    Account.objects.update(customers_cancel=False)
    till.check_out(basket)

    assert (letter().subject, letter().text) == (
        "Booked: Morning yoga, 17 January, 12:00",
        (
            f"{HELLO}Your booking at River Studio is confirmed. We look forward to seeing you.\n\n"
            f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
            f"Booking reference: {basket.reference}. {ADD_DATE}\n\n"
            f"{see(basket)}"
        ),
    )


def test_the_letter_names_the_membership_that_was_bought_with_it(till: Till) -> None:
    group = till.seller.membership.group
    OfferFactory.create(group=group, page=till.page, limit=2)
    entry = till.entry(title="Morning yoga", location="Boat house", starts_at=timezone.now() + timedelta(days=2))
    ticket = till.ticket(entry, 500, group=group, name="Gold place")
    customer = ada(till)
    basket = add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())
    till.fill(entry, ticket, basket=basket, customer=customer)
    till.pay(basket)

    text = Letter.objects.get(kind="bought").text
    assert "- Attendee 0: Gold place, £5.00 (1 ticket from your allowance)\n\nPaid by card: £5.00\n\n" in text
    assert (
        "You’ve also bought the membership “Gold”. We’ll email you about it separately, with its own invoice.\n\n"
        in text
    )


# Gone.


def test_what_was_gone_when_it_was_paid(till: Till) -> None:
    entry, (ticket,) = yoga(till, 1000)
    basket = till.fill(entry, ticket, customer=ada(till))
    other = till.entry(title="Salsa", starts_at=STARTS + timedelta(days=7))
    till.fill(other, till.ticket(other, 700, name="Floor"), basket=basket)
    url = till.check_out(basket)
    cancel_entry(entry, now=timezone.now())
    assert Letter.objects.count() == 0
    till.seller.sandbox.shopper.pay(url)
    till.settle(basket)

    gone = Letter.objects.get(kind="sorry")
    assert (gone.subject, gone.text) == (
        "Sorry, what you paid for at River Studio is no longer available",
        (
            f"{HELLO}{UNAVAILABLE_WHEN_PAID}\n\n"
            f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
            f"£10.00 {BACK}The rest of your booking is confirmed.\n\n"
            f"See what else is on: http://testserver/{till.page.slug}/\n\n"
            f"{see(basket)}"
        ),
    )
    kept = Letter.objects.get(kind="bought").text
    assert (
        "Paid by card: £17.00\nOf that, £10.00 will be refunded to your card. We’ve emailed you about it "
        "separately.\n\n" in kept
    )
    assert "Morning yoga" not in kept


def test_a_basket_that_was_let_go_of_before_it_was_paid(till: Till) -> None:
    entry, (ticket,) = yoga(till, 1200)
    basket = till.fill(entry, ticket, customer=ada(till))
    url = till.check_out(basket)
    release_basket(basket.pk, now=timezone.now(), when=BookingState.PAYING)
    till.seller.sandbox.shopper.pay(url)
    till.settle(basket)

    assert letter().text == (
        f"{HELLO}{UNAVAILABLE_WHEN_PAID}\n\n"
        f"{YOGA}\n- Attendee 0: Ticket 0\n\n"
        f"£12.00 {BACK}You don’t need to do anything. Why not find something else?\n\n"
        f"See what else is on: http://testserver/{till.page.slug}/\n\n"
        f"{see(basket)}"
    )


def test_a_second_payment_goes_back(till: Till) -> None:
    booking = bought(till, 1200)
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

    assert (letter().subject, letter().text) == (
        "You paid twice at River Studio, so we’re refunding one payment",
        (
            f"{HELLO}Your booking was already paid for when a second payment arrived.\n\n"
            f"£12.00 {BACK}Your booking is kept, and you don’t need to do anything.\n\n"
            f"{see(booking)}"
        ),
    )
    assert Refund.objects.get().reason == RefundReason.TWICE
