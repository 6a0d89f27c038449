"""Refunds made in Stripe's own dashboard: counted once, whoever came first, also where no event told of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookwhen.payments import tasks
from bookwhen.payments.handlers import NotYetError, Outcome
from bookwhen.payments.models import Connection
from tests.payments.otherwise import answer_otherwise
from tests.worlds.bank import Bank
from tests.worlds.till import Till
from tickets.booking.cancel import cancel_by_customer
from tickets.consistency import check_books
from tickets.models import InvoiceRefund, Payment, Refund, RefundReason, RefundState
from tickets.money.failed_refunds import failed_refunds, retry_refund
from tickets.money.refunds import create_refund, submit_due_refunds
from tickets.webhooks import handle_charge, handle_subject

pytestmark = pytest.mark.django_db

TakeIn = Callable[[Connection], None]


@pytest.fixture
def bank(till: Till) -> Bank:
    return Bank(till.seller.sandbox)


@pytest.fixture
def payment(till: Till) -> Payment:
    """24.00 for two places."""
    entry = till.entry()
    ticket = till.ticket(entry, 1200)
    return till.pay(till.fill(entry, ticket, ticket))


def refunds() -> list[tuple[int, str, str]]:
    return list(Refund.objects.order_by("pk").values_list("amount", "reason", "state"))


def sums(payment: Payment) -> tuple[int, int]:
    payment.refresh_from_db()
    return payment.refunded, payment.withdrawn


def find_errors() -> list[str]:
    return [each.kind for each in check_books(now=timezone.now())]


def unstruck(till: Till) -> int:
    """How many calls that would have failed were not made."""
    return sum(each["kind"] == "error" for each in till.seller.sandbox.platform.faults.armed())


def compare(till: Till) -> None:
    """What each night does."""
    tasks.reconcile(till.seller.connection.pk)


# Before ours


def test_p15_refund_of_the_same_amount_made_in_stripe_is_the_one_that_we_wanted(
    till: Till, bank: Bank, payment: Payment, process_stripe_events: TakeIn
) -> None:
    there = bank.refund(payment.intent)
    ours = create_refund(payment.pk, 2400, RefundReason.OPERATOR, now=timezone.now()).refund

    submit_due_refunds(now=timezone.now())
    process_stripe_events(till.seller.connection)

    ours.refresh_from_db()
    assert (ours.state, ours.stripe_id, ours.trouble) == (RefundState.DONE, there, "")
    assert refunds() == [(2400, RefundReason.OPERATOR, RefundState.DONE)]
    assert (sums(payment), bank.sums(payment.intent), find_errors()) == ((2400, 0), (2400, 0), [])


def test_p15_refund_in_stripe_that_is_heard_of_while_ours_waits_is_not_counted_beside_it(
    till: Till, bank: Bank, payment: Payment
) -> None:
    there = bank.refund(payment.intent)
    ours = create_refund(payment.pk, 2400, RefundReason.OPERATOR, now=timezone.now()).refund
    with pytest.raises(NotYetError):
        handle_subject(till.seller.connection, there, timezone.now())

    submit_due_refunds(now=timezone.now())

    assert handle_subject(till.seller.connection, there, timezone.now()) is Outcome.DONE
    ours.refresh_from_db()
    assert (ours.stripe_id, Refund.objects.count(), sums(payment)) == (there, 1, (2400, 0))


def test_p15_refund_of_all_in_stripe_leaves_nothing_to_do_about_ours(till: Till, bank: Bank, payment: Payment) -> None:
    bank.refund(payment.intent)
    seat = payment.seats.order_by("pk").values_list("pk", flat=True)[0]
    cancel_by_customer(payment.booking, [seat], now=timezone.now())

    submit_due_refunds(now=timezone.now())

    assert refunds() == [
        (1200, RefundReason.CUSTOMER, RefundState.FAILED),
        (2400, RefundReason.STRIPE, RefundState.DONE),
    ]
    assert failed_refunds(till.account).count() == 0
    assert (sums(payment), find_errors()) == ((2400, 0), [])


def test_p15_refund_of_a_part_in_stripe_leaves_ours_to_somebody(till: Till, bank: Bank, payment: Payment) -> None:
    bank.refund(payment.intent, 500)
    ours = create_refund(payment.pk, 2400, RefundReason.OPERATOR, now=timezone.now()).refund

    submit_due_refunds(now=timezone.now())

    assert refunds() == [
        (2400, RefundReason.OPERATOR, RefundState.FAILED),
        (500, RefundReason.STRIPE, RefundState.DONE),
    ]
    assert [each.pk for each in failed_refunds(till.account)] == [ours.pk]
    assert (sums(payment), bank.sums(payment.intent)) == ((500, 0), (500, 0))


def test_of_several_refunds_in_stripe_one_is_ours_and_the_others_are_taken_over(
    till: Till, bank: Bank, payment: Payment
) -> None:
    for amount in (600, 1200, 600):
        bank.refund(payment.intent, amount)
    create_refund(payment.pk, 1200, RefundReason.OPERATOR, now=timezone.now())

    submit_due_refunds(now=timezone.now())
    compare(till)

    assert refunds() == [
        (1200, RefundReason.OPERATOR, RefundState.DONE),
        (600, RefundReason.STRIPE, RefundState.DONE),
        (600, RefundReason.STRIPE, RefundState.DONE),
    ]
    assert (sums(payment), find_errors()) == ((2400, 0), [])


def test_a_refund_that_stripe_does_not_make_for_another_reason_fails_with_its_words(
    till: Till, payment: Payment
) -> None:
    Payment.objects.update(intent="pi_gone")
    create_refund(payment.pk, 500, RefundReason.OPERATOR, now=timezone.now())
    submit_due_refunds(now=timezone.now())
    found = Refund.objects.get()
    assert (found.state, found.trouble) == (RefundState.FAILED, "No such payment_intent: 'pi_gone'")


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("refund_disputed_payment", "charge_disputed"),
        ("balance_insufficient", "balance_insufficient"),
        ("a_new_code", "Refused."),
        (None, "Refused."),
    ],
)
def test_p15_a_refund_is_refused_by_whichever_code_and_somebody_reads_why(
    till: Till, payment: Payment, monkeypatch: pytest.MonkeyPatch, code: str | None, kept: str
) -> None:
    error = {"type": "invalid_request_error", "message": "Refused.", "code": code}

    def refuse(asked: str, status: int, answer: Any) -> tuple[int, Any]:
        return (400, {"error": error}) if asked.startswith("POST ") else (status, answer)

    answer_otherwise(monkeypatch, refuse)
    # More than there is, so that the stand-in makes none either.
    Payment.objects.update(amount=payment.amount * 2)
    create_refund(payment.pk, payment.amount * 2, RefundReason.OPERATOR, now=timezone.now())
    submit_due_refunds(now=timezone.now())
    assert (Refund.objects.get().state, Refund.objects.get().trouble) == (RefundState.FAILED, kept)


# Without a word


def test_charge_refunded_brings_what_the_refunds_own_events_did_not(till: Till, bank: Bank, payment: Payment) -> None:
    bank.refund(payment.intent, 500)
    bank.refund(payment.intent, 700)
    charge = str(till.seller.stripe.payment_intents.retrieve(payment.intent).latest_charge)

    for _ in range(2):
        assert handle_charge(till.seller.connection, charge, timezone.now()) is Outcome.DONE

    assert [each[0] for each in refunds()] == [500, 700]
    assert sums(payment) == (1200, 0)


def test_the_night_finds_refunds_that_no_event_told_of(till: Till, bank: Bank, payment: Payment) -> None:
    bank.refund(payment.intent, 500)
    bank.refund(payment.intent, 700)

    for _ in range(2):
        compare(till)

    assert sorted(each[0] for each in refunds()) == [500, 700]
    assert (sums(payment), find_errors()) == ((1200, 0), [])


def test_the_night_finds_a_refund_that_failed_after_it_was_made(till: Till, bank: Bank, payment: Payment) -> None:
    create_refund(payment.pk, 500, RefundReason.OPERATOR, now=timezone.now())
    submit_due_refunds(now=timezone.now())
    bank.refund_becomes(Refund.objects.get().stripe_id, "failed", "expired_or_canceled_card")

    compare(till)

    found = Refund.objects.get()
    assert (found.state, found.trouble) == (RefundState.FAILED, "expired_or_canceled_card")
    assert (sums(payment), bank.sums(payment.intent)) == ((0, 0), (0, 0))
    again = retry_refund(found, by=None, now=timezone.now())  # type: ignore[arg-type]
    assert again is not None
    assert again.amount == 500


@pytest.mark.parametrize(
    ("becomes", "state", "refunded"),
    [
        ("pending", RefundState.PENDING, 500),
        ("requires_action", RefundState.PENDING, 500),
        ("failed", RefundState.FAILED, 0),
    ],
)
def test_a_refund_in_stripe_is_as_far_as_stripe_says(
    becomes: str, state: str, refunded: int, till: Till, bank: Bank, payment: Payment, process_stripe_events: TakeIn
) -> None:
    bank.refund_becomes(bank.refund(payment.intent, 500), becomes)
    process_stripe_events(till.seller.connection)
    assert (refunds(), sums(payment)) == ([(500, RefundReason.STRIPE, state)], (refunded, 0))


def test_a_refund_that_waited_for_the_customer_and_was_cancelled_is_none(
    till: Till, bank: Bank, payment: Payment, process_stripe_events: TakeIn
) -> None:
    there = bank.refund(payment.intent, 500)
    bank.refund_becomes(there, "requires_action")
    process_stripe_events(till.seller.connection)
    till.seller.stripe.refunds.cancel(there)
    process_stripe_events(till.seller.connection)
    assert refunds() == [(500, RefundReason.STRIPE, RefundState.FAILED)]
    assert sums(payment) == (0, 0)


def test_a_night_that_was_long_ago_is_made_up_for(till: Till, bank: Bank, payment: Payment) -> None:
    connection = till.seller.connection
    connection.reconciled_at = timezone.now() - timedelta(days=80)
    connection.save()
    there = bank.refund(payment.intent, 500)
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    world.objects["refund"][there]["created"] -= 70 * 24 * 3600
    compare(till)
    assert sums(payment) == (500, 0)


# Of others, and of memberships


def sell_tea(till: Till) -> str:
    """What somebody else sells over the same Stripe account: the payment's id."""
    stripe = till.seller.stripe
    person = stripe.customers.create({"email": "bea@example.org"})
    card = stripe.payment_methods.attach("pm_card_visa", {"customer": person.id})
    stripe.customers.update(person.id, {"invoice_settings": {"default_payment_method": card.id}})
    product = stripe.products.create({"name": "Tea"})
    price = stripe.prices.create(
        {"product": product.id, "currency": "gbp", "unit_amount": 900, "recurring": {"interval": "month"}}
    )
    stripe.subscriptions.create({"customer": person.id, "items": [{"price": price.id}]})
    return str(stripe.charges.list({"customer": person.id}).data[0].payment_intent)


def test_what_somebody_else_refunds_costs_the_night_no_call(till: Till, bank: Bank) -> None:
    tea = sell_tea(till)
    for _ in range(3):
        bank.refund(tea, 100)
    for call in ("GET /v1/invoice_payments", "GET /v1/payment_intents", "GET /v1/refunds/", "GET /v1/charges"):
        till.seller.sandbox.arm("error", call)
    compare(till)
    assert unstruck(till) == 4
    assert (Refund.objects.count(), InvoiceRefund.objects.count()) == (0, 0)


def test_a_refund_of_a_membership_s_bill_is_found_at_night(till: Till, bank: Bank) -> None:
    bought = till.seller.sell()
    paid = str(till.seller.stripe.charges.list().data[0].payment_intent)
    there = bank.refund(paid, 1500)

    for _ in range(2):
        compare(till)
    noted = InvoiceRefund.objects.get()
    assert (noted.invoice.subscription, noted.amount, noted.state) == (bought, 1500, RefundState.DONE)

    bank.refund_becomes(there, "failed")
    compare(till)
    assert InvoiceRefund.objects.get().state == RefundState.FAILED
    assert Refund.objects.count() == 0
