"""Baskets at the sandbox (always) and at Stripe itself (`-m live`).

Nobody can pay on Stripe's hosted page here, so what is refunded was paid by the API, by a test card.
"""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from tests.factories.schedule import EntryFactory, TicketFactory
from tests.worlds.live_studio import LiveStudio
from tickets.availability.facts import ANONYMOUS
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_tickets, refresh_basket
from tickets.checkout.paying import check_out, reopen_basket
from tickets.checkout.settling import confirm_payment, settle_overdue
from tickets.consistency import check_books
from tickets.models import (
    Booking,
    BookingState,
    Payment,
    PaymentState,
    Refund,
    RefundReason,
    RefundState,
    Seat,
    TicketCost,
)
from tickets.money.refunds import create_refund, submit_refund
from tickets.webhooks import handle_subject as follow


def fill_basket(studio: LiveStudio, *prices: int) -> Booking:
    """A guest's basket of tickets at these prices."""
    customer, _clock = studio.customer_on_a_clock()
    page = studio.price.account.pages.get()
    basket = None
    for price in prices:
        entry = EntryFactory.create(page=page, starts_at=timezone.now() + timedelta(days=9))
        ticket = TicketFactory.create(entry=entry, cost=TicketCost.COST, price=price)
        wanted = [WantedTicket(ticket=ticket.pk, name="Bea")]
        basket = add_tickets(basket, entry, customer, wanted, who=ANONYMOUS, key=uuid4(), now=timezone.now())
    assert basket is not None
    return basket


def start_checkout(basket: Booking) -> str:
    now = timezone.now()
    return check_out(basket, ANONYMOUS, refresh_basket(basket, ANONYMOUS, now=now).basket_version, now=now)


def pay_by_card(studio: LiveStudio) -> str:
    """40.00 that were paid by a card, as Stripe calls them; a subscription's first bill is the easiest to pay."""
    customer, _clock = studio.customer_on_a_clock()
    studio.buy(customer)
    there = customer.at_stripe.get().stripe_id
    invoice = studio.v1.invoices.list({"customer": there}).data[0]
    return str(studio.v1.invoice_payments.list({"invoice": invoice.id}).data[0].payment.payment_intent)


def test_the_checkout_of_a_basket_opens_is_found_again_and_is_taken_back(studio: LiveStudio) -> None:
    basket = fill_basket(studio, 1250, 990)

    first = start_checkout(basket)
    again = start_checkout(basket)
    payment = Payment.objects.get()
    session = studio.gateway.session(payment.session)

    assert first == again == session.url
    assert (session.mode, session.status, session.reference) == ("payment", "open", str(payment.uuid))
    assert reopen_basket(basket, now=timezone.now())
    assert studio.gateway.session(payment.session).status == "expired"
    basket.refresh_from_db()
    assert basket.state == BookingState.BASKET


def test_a_checkout_whose_time_is_up_is_ended_and_its_places_are_free(studio: LiveStudio) -> None:
    basket = fill_basket(studio, 1250)
    start_checkout(basket)

    settle_overdue(basket.pk, now=timezone.now() + timedelta(minutes=16))

    basket.refresh_from_db()
    assert basket.state == BookingState.RELEASED
    assert studio.gateway.session(Payment.objects.get().session).status == "expired"
    assert not Seat.objects.filter(cancelled_at=None).exists()


def test_what_was_paid_is_refunded_by_us_and_by_stripe(studio: LiveStudio) -> None:
    basket = fill_basket(studio, 2000)
    start_checkout(basket)
    payment = Payment.objects.get()
    intent = pay_by_card(studio)
    assert confirm_payment(payment, intent, now=timezone.now())

    ours = create_refund(payment.pk, 500, RefundReason.OPERATOR, now=timezone.now()).refund
    submit_refund(ours.pk, now=timezone.now())
    theirs = studio.v1.refunds.create({"payment_intent": intent, "amount": 300})
    follow(studio.connection, theirs.id, timezone.now())
    follow(studio.connection, theirs.id, timezone.now())

    payment.refresh_from_db()
    assert (payment.state, payment.refunded) == (PaymentState.PAID, 800)
    found = Refund.objects.order_by("pk").values_list("amount", "reason", "state")
    assert list(found) == [(500, RefundReason.OPERATOR, RefundState.DONE), (300, RefundReason.STRIPE, RefundState.DONE)]
    assert check_books(now=timezone.now()) == []
