"""Paying at the edges: odd currencies, large baskets, trials, and whatever Stripe has done without us."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookwhen.payments.encryption import encrypt
from bookwhen.payments.gateway import DeclinedError
from bookwhen.payments.handlers import NotYetError, Outcome
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe import Sandbox
from memberships.catalogue import edit_price
from memberships.models import Subscription
from tests.factories.payments import new_key
from tests.factories.schedule import GroupFactory, OfferFactory
from tests.worlds.till import Till, open_till, payment_of, person_of
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.basket import add_membership
from tickets.checkout.paying import check_out
from tickets.checkout.settling import settle_overdue
from tickets.consistency import check_books
from tickets.models import (
    Booking,
    BookingState,
    Channel,
    Entry,
    InvoiceRefund,
    Payment,
    PaymentState,
    Refund,
    RefundReason,
    RefundState,
    Seat,
)
from tickets.money.refunds import RefundTooLargeError, create_refund, submit_due_refunds
from tickets.webhooks import handle_subject

pytestmark = pytest.mark.django_db

TakeIn = Callable[[Connection], None]


def list_charges(till: Till) -> list[tuple[str, int, int]]:
    """What Stripe has: each charge's currency, amount, and what was refunded of it."""
    charges = till.seller.sandbox.platform.worlds[till.seller.key].of("charge")
    return [(each["currency"], each["amount_captured"], each["amount_refunded"]) for each in charges]


def object_at_stripe(till: Till, kind: str, key: str) -> Any:
    return till.seller.sandbox.platform.worlds[till.seller.key].objects[kind][key]


def find_errors() -> list[str]:
    return [each.kind for each in check_books(now=timezone.now())]


def pay_for_ticket(till: Till, price: int = 1000) -> Payment:
    entry = till.entry()
    return till.pay(till.fill(entry, till.ticket(entry, price)))


def buy_with_membership(till: Till) -> Payment:
    """A membership, and a ticket at 5.00 that only it opens."""
    seller, entry, customer = till.seller, till.entry(), till.customer_with_login()
    OfferFactory.create(group=seller.membership.group, page=till.page, limit=2)
    ticket = till.ticket(entry, 500, group=seller.membership.group)
    who, now = person_of(customer), timezone.now()
    basket = add_membership(None, seller.price, customer, till.page, who=who, now=now)
    return till.pay(till.fill(entry, ticket, basket=basket, customer=customer))


@pytest.mark.parametrize(
    ("currency", "price", "back"), [("JPY", 1201, 601), ("KWD", 12350, 6180), ("ISK", 120000, 60000)]
)
def test_currencies_without_and_with_three_decimals(stripe_here: Sandbox, currency: str, price: int, back: int) -> None:
    till = open_till(stripe_here, currency=currency, refund_percent=50)
    payment = pay_for_ticket(till, price)
    assert (payment.amount, payment.currency, payment.state) == (price, currency, PaymentState.PAID)
    cancel_by_customer(payment.booking, [payment.seats.get().pk], now=timezone.now())
    submit_due_refunds(now=timezone.now())
    assert list_charges(till) == [(currency.lower(), price, back)]
    assert find_errors() == []


def test_a_refund_larger_than_what_is_left(till: Till) -> None:
    payment = pay_for_ticket(till)
    create_refund(payment.pk, 400, RefundReason.OPERATOR, now=timezone.now())
    with pytest.raises(RefundTooLargeError) as refused:
        create_refund(payment.pk, 601, RefundReason.OPERATOR, now=timezone.now())
    assert refused.value.left == 600
    assert Refund.objects.count() == 1


def test_a_place_is_refunded_no_more_than_it_cost(till: Till) -> None:
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    payment = till.pay(till.fill(entry, ticket, ticket))
    first, second = payment.seats.order_by("pk").values_list("pk", flat=True)
    create_refund(payment.pk, 600, RefundReason.OPERATOR, seats={first: 600}, now=timezone.now())
    with pytest.raises(RefundTooLargeError) as refused:
        create_refund(payment.pk, 500, RefundReason.OPERATOR, seats={first: 500}, now=timezone.now())
    assert refused.value.left == 400
    gone = cancel_by_customer(payment.booking, [first, second], now=timezone.now())
    assert [gone.refunded[seat.pk] for seat in gone.seats] == [400, 1000]
    assert Payment.objects.get().refunded == 2000
    assert find_errors() == []


def test_a_refund_made_in_stripes_dashboard(till: Till, process_stripe_events: TakeIn) -> None:
    payment = pay_for_ticket(till)
    till.seller.stripe.refunds.create({"payment_intent": payment.intent, "amount": 300})
    process_stripe_events(till.seller.connection)
    process_stripe_events(till.seller.connection)
    found = Refund.objects.get()
    assert (found.reason, found.amount, found.state) == (RefundReason.STRIPE, 300, RefundState.DONE)
    assert Payment.objects.get().refunded == 300
    assert find_errors() == []


def test_a_refund_in_the_dashboard_that_is_heard_of_before_the_payment(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000))
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    intent = object_at_stripe(till, "checkout.session", payment_of(basket).session)["payment_intent"]
    made = till.seller.stripe.refunds.create({"payment_intent": intent, "amount": 300})
    with pytest.raises(NotYetError):
        handle_subject(till.seller.connection, str(made.id), timezone.now())
    till.settle(basket)
    assert handle_subject(till.seller.connection, str(made.id), timezone.now()) is Outcome.DONE
    assert (Refund.objects.get().amount, Payment.objects.get().refunded, find_errors()) == (300, 300, [])


def test_a_refund_of_a_membership_s_bill_is_noted_on_it_and_on_no_ticket(till: Till) -> None:
    stripe = till.seller.stripe
    bought = till.seller.sell()
    bill = stripe.invoices.list({"subscription": bought.stripe_id}).data[0]
    paid_by = stripe.invoice_payments.list({"invoice": bill.id}).data[0].payment.payment_intent
    made = stripe.refunds.create({"payment_intent": paid_by, "amount": 300})
    for _ in range(2):
        assert handle_subject(till.seller.connection, str(made.id), timezone.now()) is Outcome.DONE
    noted = InvoiceRefund.objects.get()
    assert (noted.invoice.stripe_id, noted.amount, noted.state) == (bill.id, 300, RefundState.DONE)
    assert Refund.objects.count() == 0


def test_a_refund_of_what_somebody_else_sold_is_not_ours(till: Till) -> None:
    stripe = till.seller.stripe
    person = stripe.customers.create({"email": "bea@example.org"})
    card = stripe.payment_methods.attach("pm_card_visa", {"customer": person.id})
    stripe.customers.update(person.id, {"invoice_settings": {"default_payment_method": card.id}})
    product = stripe.products.create({"name": "Tea"})
    price = stripe.prices.create(
        {"product": product.id, "currency": "gbp", "unit_amount": 900, "recurring": {"interval": "month"}}
    )
    theirs = stripe.subscriptions.create({"customer": person.id, "items": [{"price": price.id}]})
    bill = stripe.invoices.list({"subscription": theirs.id}).data[0]
    paid_by = stripe.invoice_payments.list({"invoice": bill.id}).data[0].payment.payment_intent
    made = stripe.refunds.create({"payment_intent": paid_by, "amount": 300})
    assert handle_subject(till.seller.connection, str(made.id), timezone.now()) is Outcome.IGNORED
    assert (Refund.objects.count(), InvoiceRefund.objects.count()) == (0, 0)


def test_of_a_refund_larger_than_the_tickets_only_their_part_is_theirs(
    till: Till, process_stripe_events: TakeIn
) -> None:
    payment = buy_with_membership(till)
    till.seller.stripe.refunds.create({"payment_intent": payment.intent, "amount": 4300})
    process_stripe_events(till.seller.connection)
    assert Refund.objects.get().amount == 500
    assert Payment.objects.get().refunded == 500
    assert InvoiceRefund.objects.get().amount == 3800
    assert list_charges(till) == [("gbp", 4500, 4300)]
    assert find_errors() == []


def test_more_lines_than_stripe_shows_are_told_as_one(till: Till) -> None:
    entry = till.entry(capacity=100, per_booking=100)
    basket = till.fill(entry, *[till.ticket(entry, 100 + number) for number in range(91)])
    till.check_out(basket)
    session = payment_of(basket).session
    items = till.seller.sandbox.platform.worlds[till.seller.key].note(session)["items"]
    total = sum(range(100, 191))
    told = [(each["description"], each["quantity"], each["amount_total"]) for each in items]
    assert told == [(f"{till.account.name} (91)", 1, total)]
    till.seller.sandbox.shopper.pay(object_at_stripe(till, "checkout.session", session)["url"])
    assert (till.settle(basket).amount, Seat.objects.filter(cancelled_at=None).count()) == (total, 91)
    assert find_errors() == []


def test_a_basket_of_two_hundred_lines(till: Till) -> None:
    customer, basket = till.customer_with_login(), None
    for _number in range(10):
        entry = till.entry(capacity=20, per_booking=20)
        tickets = [till.ticket(entry, 100 + number) for number in range(20)]
        basket = till.fill(entry, *tickets, customer=customer, basket=basket)
    assert basket is not None
    payment = till.pay(basket)
    assert (payment.amount, payment.seats.count(), payment.state) == (10 * sum(range(100, 120)), 200, PaymentState.PAID)
    assert list_charges(till) == [("gbp", payment.amount, 0)]
    assert find_errors() == []


def pay_slowly(till: Till) -> tuple[Booking, Payment]:
    """A basket paid in a way that takes days: the checkout is complete, the money on its way."""
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    payment = payment_of(basket)
    session = object_at_stripe(till, "checkout.session", payment.session)
    session["payment_status"] = "unpaid"
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    world.note(session["payment_intent"])["due"] = world.now() + 10**6
    object_at_stripe(till, "payment_intent", session["payment_intent"])["status"] = "processing"
    return basket, payment


def test_p3_what_is_complete_but_unpaid_is_booked_by_the_sweep(till: Till) -> None:
    basket, payment = pay_slowly(till)
    settle_overdue(basket.pk, now=timezone.now() + timedelta(days=2))
    assert (till.settle(basket).state, Booking.objects.get().state) == (PaymentState.OPEN, BookingState.BOOKED)
    assert find_errors() == []
    object_at_stripe(till, "checkout.session", payment.session)["payment_status"] = "paid"
    assert (till.settle(basket).state, Booking.objects.get().state) == (PaymentState.PAID, BookingState.BOOKED)


def test_what_was_never_paid_after_all_is_let_go_of(till: Till) -> None:
    basket, payment = pay_slowly(till)
    session = object_at_stripe(till, "checkout.session", payment.session)
    object_at_stripe(till, "payment_intent", session["payment_intent"])["status"] = "requires_payment_method"
    assert (till.settle(basket).state, Seat.objects.get().cancelled_by) == (
        PaymentState.ABANDONED,
        Channel.PAYMENT_FAILED,
    )
    assert find_errors() == []


def test_a_checkout_that_expired_by_stripes_own_clock(till: Till, process_stripe_events: TakeIn) -> None:
    entry = till.entry(capacity=1)
    basket = till.fill(entry, till.ticket(entry))
    till.check_out(basket)
    till.seller.sandbox.advance("day")
    process_stripe_events(till.seller.connection)
    entry.places.refresh_from_db()
    assert (payment_of(basket).state, Booking.objects.get().state, entry.places.taken) == (
        PaymentState.ABANDONED,
        BookingState.RELEASED,
        0,
    )
    assert find_errors() == []


@pytest.mark.parametrize("comes", ["back", "on", "late"])
def test_a_checkout_in_a_stripe_account_that_was_replaced(till: Till, comes: str) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.check_out(basket)
    Connection.objects.update(encrypted_key=encrypt(new_key()))
    if comes == "back":
        till.settle(basket)
    elif comes == "late":
        settle_overdue(basket.pk, now=timezone.now() + timedelta(minutes=16))
    else:
        with pytest.raises(BasketClosedError):
            check_out(Booking.objects.get(), person_of(basket.customer), "", now=timezone.now())
    assert (payment_of(basket).state, Booking.objects.get().state) == (PaymentState.ABANDONED, BookingState.RELEASED)
    assert find_errors() == []


def test_a_membership_on_trial_is_not_paid_for_now_its_tickets_are(till: Till) -> None:
    edit_price(till.seller.price, title="Monthly", trial_days=7, published=True)
    till.seller.price.refresh_from_db()
    payment = buy_with_membership(till)
    assert (payment.amount, payment.state, payment.intent[:3]) == (500, PaymentState.PAID, "pi_")
    assert Subscription.objects.get().status == "trialing"
    assert list_charges(till) == [("gbp", 500, 0)]
    assert find_errors() == []


def test_a_basket_that_a_discount_makes_free_is_booked_at_once(till: Till) -> None:
    group = GroupFactory.create(account=till.account)
    till.discount(group, percent=100, limit=2)
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry), customer=till.member(group), own=True)
    assert till.check_out(basket) == ""
    assert list(basket.seats.filter(payment=None).values_list("price", "amount")) == [(1200, 0)]
    assert (Booking.objects.get().state, Payment.objects.count(), find_errors()) == (BookingState.BOOKED, 0, [])


def test_what_stripe_declines_to_sell_stays_in_the_basket(till: Till) -> None:
    """Less than cards take, say; here a checkout that would end too soon."""
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    before = Booking.objects.get().held_until
    with pytest.raises(DeclinedError):
        till.check_out(basket, now=timezone.now() - timedelta(minutes=20))
    found = till.refresh(basket)
    assert (found.booking.state, found.total, found.payment) == (BookingState.BASKET, 1200, None)
    assert before is not None
    assert (payment_of(basket).state, find_errors()) == (PaymentState.ABANDONED, [])
    assert till.pay(basket).state == PaymentState.PAID
    assert Entry.objects.get().places.taken == 1
