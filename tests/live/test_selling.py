"""Baskets at the sandbox (always) and at Stripe itself (`-m live`).

Nobody can pay on Stripe's hosted page here, so what is refunded was paid by the API, by a test card.
"""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from tests.factories.schedule import EntryFactory, TicketFactory
from tests.live.conftest import World
from tickets.availability.facts import STRANGER
from tickets.booking.book import Wanted
from tickets.checkout.basket import add, look
from tickets.checkout.paying import check_out, confirm, reopen, settle_overdue
from tickets.consistency import check_books
from tickets.models import Booking, Cost, Paying, Payment, Refund, Refunding, Seat, State, Why
from tickets.money.refunds import refund, send
from tickets.webhooks import look as follow


def basket_of(world: World, *prices: int) -> Booking:
    """A guest's basket of tickets at these prices."""
    customer, _clock = world.customer_on_a_clock()
    page = world.price.account.pages.get()
    basket = None
    for price in prices:
        entry = EntryFactory.create(page=page, starts_at=timezone.now() + timedelta(days=9))
        ticket = TicketFactory.create(entry=entry, cost=Cost.COST, price=price)
        wanted = [Wanted(ticket=ticket.pk, name="Bea")]
        basket = add(basket, entry, customer, wanted, who=STRANGER, key=uuid4(), now=timezone.now())
    assert basket is not None
    return basket


def to_the_checkout(basket: Booking) -> str:
    now = timezone.now()
    return check_out(basket, STRANGER, look(basket, STRANGER, now=now).seen, now=now)


def paid_by_card(world: World) -> str:
    """40.00 that were paid by a card, as Stripe calls them; a subscription's first bill is the easiest to pay."""
    customer, _clock = world.customer_on_a_clock()
    world.buy(customer)
    there = customer.at_stripe.get().stripe_id
    invoice = world.v1.invoices.list({"customer": there}).data[0]
    return str(world.v1.invoice_payments.list({"invoice": invoice.id}).data[0].payment.payment_intent)


def test_the_checkout_of_a_basket_opens_is_found_again_and_is_taken_back(world: World) -> None:
    basket = basket_of(world, 1250, 990)

    first = to_the_checkout(basket)
    again = to_the_checkout(basket)
    payment = Payment.objects.get()
    session = world.gateway.session(payment.session)

    assert first == again == session.url
    assert (session.mode, session.status, session.reference) == ("payment", "open", str(payment.uuid))
    assert reopen(basket, now=timezone.now())
    assert world.gateway.session(payment.session).status == "expired"
    basket.refresh_from_db()
    assert basket.state == State.BASKET


def test_a_checkout_whose_time_is_up_is_ended_and_its_places_are_free(world: World) -> None:
    basket = basket_of(world, 1250)
    to_the_checkout(basket)

    settle_overdue(basket.pk, now=timezone.now() + timedelta(minutes=16))

    basket.refresh_from_db()
    assert basket.state == State.RELEASED
    assert world.gateway.session(Payment.objects.get().session).status == "expired"
    assert not Seat.objects.filter(cancelled_at=None).exists()


def test_what_was_paid_is_refunded_by_us_and_by_stripe(world: World) -> None:
    basket = basket_of(world, 2000)
    to_the_checkout(basket)
    payment = Payment.objects.get()
    intent = paid_by_card(world)
    assert confirm(payment, intent, now=timezone.now())

    ours = refund(payment.pk, 500, Why.OPERATOR, now=timezone.now())
    send(ours.pk, now=timezone.now())
    theirs = world.v1.refunds.create({"payment_intent": intent, "amount": 300})
    follow(world.connection, theirs.id, timezone.now())
    follow(world.connection, theirs.id, timezone.now())

    payment.refresh_from_db()
    assert (payment.state, payment.refunded) == (Paying.PAID, 800)
    found = Refund.objects.order_by("pk").values_list("amount", "why", "state")
    assert list(found) == [(500, Why.OPERATOR, Refunding.DONE), (300, Why.STRIPE, Refunding.DONE)]
    assert check_books(now=timezone.now()) == []
