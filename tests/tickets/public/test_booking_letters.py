"""What the letters about bookings with money say, each word for word."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Letter
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.payments import connect_without_webhook
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.sentences import BANKS_TAKE_DAYS
from tickets.booking import notices
from tickets.models import Booking, BookingState, Channel, Payment, PaymentState, Refund, RefundReason, Seat

pytestmark = pytest.mark.django_db

PAID_AT = datetime(2030, 1, 14, 9, tzinfo=UTC)


def paid_booking(*prices: int) -> Payment:
    """Ada's places at Morning yoga, by River & Co, each at a price, paid by card the day before."""
    account = AccountFactory.create(name="River & Co", slug="river")
    page = SchedulePageFactory.create(account=account, slug="river", title="River")
    customer = CustomerFactory.create(account=account, email="ada@example.org", name="Ada Lovelace")
    entry = EntryFactory.create(page=page, title="Morning yoga", location="Boat house")
    ticket = TicketFactory.create(entry=entry, name="Drop-in")
    known: dict[str, Any] = {"account": account, "created_at": PAID_AT}
    booking = Booking.objects.create(page=page, customer=customer, key=uuid4(), channel=Channel.CUSTOMER, **known)
    payment = Payment.objects.create(
        account=account,
        booking=booking,
        connection=connect_without_webhook(account, f"sk_test_{uuid4().hex}"),
        intent="pi_1",
        amount=sum(prices),
        currency="GBP",
        state=PaymentState.PAID,
        opened_at=PAID_AT,
        paid_at=PAID_AT,
    )
    for number, price in enumerate(prices, 1):
        Seat.objects.create(
            booking=booking,
            entry=entry,
            ticket=ticket,
            customer=customer,
            attendee_name=f"Attendee {number}",
            price=price,
            amount=price,
            payment=payment,
            **known,
        )
    return payment


def refund_of(payment: Payment, amount: int) -> Refund:
    return Refund.objects.create(
        account=payment.account,
        payment=payment,
        amount=amount,
        reason=RefundReason.OPERATOR,
        due_at=NOW,
        created_at=NOW,
    )


BACK = f"It will go to the card or account you paid with. {BANKS_TAKE_DAYS}\n\n"


def foot(booking: Booking) -> str:
    return (
        f"Booking reference: {booking.reference}.\n\nSee your booking: http://testserver/my/bookings/{booking.uuid}/\n"
    )


def test_some_money_back_with_a_note_is_told_once() -> None:
    payment = paid_booking(1200, 1200)
    refund = refund_of(payment, 500)

    for _ in range(2):
        notices.notify_refunded(refund, note=" Sorry about the cold room. ", now=NOW)

    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient, letter.subject) == (
        "refunded",
        "ada@example.org",
        "River & Co has refunded you £5.00",
    )
    assert letter.text == (
        "Hello Ada Lovelace,\n\n"
        f"River & Co has refunded £5.00 of the £24.00 you paid on 14 January 2030. {BACK}"
        "Message from River & Co:\n\n> Sorry about the cold room.\n\n"
        "Your booking is kept.\n\n"
        f"{foot(payment.booking)}"
    )


def test_all_the_money_back_for_a_booking_that_is_over() -> None:
    payment = paid_booking(1200)
    Seat.objects.update(cancelled_at=NOW, cancelled_by=Channel.CUSTOMER)

    notices.notify_refunded(refund_of(payment, 1200), now=NOW)

    assert Letter.objects.get().text == (
        "Hello Ada Lovelace,\n\n"
        f"River & Co has refunded the £12.00 you paid on 14 January 2030. {BACK}"
        f"{foot(payment.booking)}"
    )


def test_what_was_never_booked_has_no_places_that_stay() -> None:
    payment = paid_booking(1200)
    Booking.objects.update(state=BookingState.RELEASED)
    payment.booking.refresh_from_db()

    notices.notify_refunded(refund_of(payment, 1200), now=NOW)

    assert "stay yours" not in Letter.objects.get().text
