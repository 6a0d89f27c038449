"""What nobody told us of payments and refunds is asked each night; Stripe stays while money is on its way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from accounts.stripe_connection import PaymentsInProgressError, StripeInUseError, disconnect_account
from bookwhen.payments import tasks
from bookwhen.sandbox.stripe import Sandbox
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.payments import new_key
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.till import Till, open_till
from tickets.checkout.reconciliation import count_payments_in_progress
from tickets.models import BookingState, Payment, PaymentState, Refund, RefundReason, RefundState
from tickets.money.refunds import create_refund, submit_due_refunds

pytestmark = pytest.mark.django_db


@pytest.fixture
def dashboard(till: Till) -> Dashboard:
    return open_dashboard(till.account)


def pay_for_ticket(till: Till, price: int = 1200) -> Payment:
    return till.pay(till.fill(entry := till.entry(), till.ticket(entry, price)))


def reconcile_payments(till: Till) -> None:
    tasks.reconcile(till.seller.connection.pk)


def create_pending_refund(till: Till, stripe_id: str = "") -> Refund:
    """A refund that Stripe has made, though we only know that it is on its way."""
    made = create_refund(pay_for_ticket(till).pk, 500, RefundReason.OPERATOR, now=timezone.now()).refund
    submit_due_refunds(now=timezone.now())
    made.refresh_from_db()
    made.state, made.done_at, made.stripe_id = RefundState.PENDING, None, stripe_id or made.stripe_id
    made.save()
    return made


# Each night


@pytest.mark.parametrize(("minutes", "state"), [(61, BookingState.BOOKED), (59, BookingState.PAYING)])
def test_what_was_paid_without_a_word_is_booked(minutes: int, state: BookingState, till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    Payment.objects.update(opened_at=timezone.now() - timedelta(minutes=minutes))

    for _ in range(2):
        reconcile_payments(till)

    basket.refresh_from_db()
    assert basket.state == state


def test_a_refund_that_has_arrived_is_done(till: Till) -> None:
    made = create_pending_refund(till)
    reconcile_payments(till)
    made.refresh_from_db()
    assert (made.state, made.payment.refunded) == (RefundState.DONE, 500)


def test_a_refund_that_stripe_took_back_has_failed(till: Till) -> None:
    made = create_pending_refund(till)
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    found = world.get("refund", made.stripe_id)
    found |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}

    reconcile_payments(till)

    made.refresh_from_db()
    assert (made.state, made.trouble) == (RefundState.FAILED, "expired_or_canceled_card")
    assert Payment.objects.get(pk=made.payment_id).refunded == 0


def test_a_refund_that_stripe_does_not_know_has_failed(till: Till) -> None:
    made = create_pending_refund(till, stripe_id="re_unheard_of")
    reconcile_payments(till)
    made.refresh_from_db()
    assert (made.state, made.trouble) == (RefundState.FAILED, "No such refund: 're_unheard_of'")


def test_another_accounts_are_left_alone(till: Till, stripe_here: Sandbox) -> None:
    made = create_pending_refund(till)
    reconcile_payments(open_till(stripe_here))
    made.refresh_from_db()
    assert made.state == RefundState.PENDING


# Leaving Stripe


def test_where_nothing_moves_stripe_may_be_left(till: Till) -> None:
    create_pending_refund(till)
    assert count_payments_in_progress(till.account) == 0
    disconnect_account(till.account, now=timezone.now())
    assert till.seller.connection.is_live is False


def test_stripe_stays_while_somebody_is_at_the_checkout(till: Till, dashboard: Dashboard) -> None:
    entry = till.entry()
    till.check_out(till.fill(entry, till.ticket(entry)))

    page = page_text(dashboard.get("payments_disconnect"))
    response = dashboard.post("payments_disconnect")

    assert says.PAYMENT_AT_CHECKOUT in page
    assert "This usually finishes within an hour. Come back then." in page
    assert response["Location"] == dashboard.url("payments_disconnect")
    assert shown_messages(response) == [
        "You can’t disconnect Stripe yet, because payments or refunds are on their way."
    ]
    till.seller.connection.refresh_from_db()
    assert (till.seller.connection.is_live, Payment.objects.get().state) == (True, PaymentState.OPEN)


def test_stripe_stays_while_refunds_wait_and_no_other_takes_its_place(till: Till, dashboard: Dashboard) -> None:
    create_refund(pay_for_ticket(till).pk, 500, RefundReason.OPERATOR, now=timezone.now())
    with pytest.raises(PaymentsInProgressError) as refused:
        disconnect_account(till.account, now=timezone.now())
    assert refused.value.count == 1

    page = dashboard.post("payments_key", {"key": new_key(), "replace": "on"})

    error = (
        "Enter a key for the same Stripe account. This one is for another account, and 1 payment through the"
        " one you have is at checkout or being refunded."
    )
    assert page.context["form"].errors["key"] == [error]
    assert says.PAYMENT_AT_CHECKOUT in page_text(page)
    submit_due_refunds(now=timezone.now())
    assert count_payments_in_progress(till.account) == 0


def test_while_members_pay_that_is_what_is_told(till: Till) -> None:
    till.seller.sell()
    create_refund(pay_for_ticket(till).pk, 500, RefundReason.OPERATOR, now=timezone.now())
    with pytest.raises(StripeInUseError) as refused:
        disconnect_account(till.account, now=timezone.now())
    assert type(refused.value) is StripeInUseError


def test_without_stripe_nothing_moves() -> None:
    assert count_payments_in_progress(Account()) == 0
