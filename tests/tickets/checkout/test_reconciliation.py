"""What nobody told us of payments and refunds is asked each night; Stripe stays while money is on its way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from accounts.stripe_connection import MoneyMovesError, StripeInUseError, disconnect_account
from bookwhen.payments import tasks
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.desk import Desk, desk, told, words
from tests.factories.payments import new_key
from tests.factories.selling import Till, open_till
from tickets.checkout.reconciliation import moving
from tickets.models import Paying, Payment, Refund, Refunding, State, Why
from tickets.money.refunds import refund, send_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    return open_till(stripe_here)


@pytest.fixture
def owner(till: Till) -> Desk:
    return desk(till.account)


def paid(till: Till, price: int = 1200) -> Payment:
    return till.pay(till.fill(entry := till.entry(), till.ticket(entry, price)))


def tonight(till: Till) -> None:
    tasks.reconcile(till.seller.connection.pk)


def pending(till: Till, stripe_id: str = "") -> Refund:
    """A refund that Stripe has made, though we only know that it is on its way."""
    made = refund(paid(till).pk, 500, Why.OPERATOR, now=timezone.now())
    send_due(now=timezone.now())
    made.refresh_from_db()
    made.state, made.done_at, made.stripe_id = Refunding.PENDING, None, stripe_id or made.stripe_id
    made.save()
    return made


# Each night


@pytest.mark.parametrize(("minutes", "state"), [(61, State.BOOKED), (59, State.PAYING)])
def test_what_was_paid_without_a_word_is_booked(minutes: int, state: State, till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    Payment.objects.update(opened_at=timezone.now() - timedelta(minutes=minutes))

    for _ in range(2):
        tonight(till)

    basket.refresh_from_db()
    assert basket.state == state


def test_a_refund_that_has_arrived_is_done(till: Till) -> None:
    made = pending(till)
    tonight(till)
    made.refresh_from_db()
    assert (made.state, made.payment.refunded) == (Refunding.DONE, 500)


def test_a_refund_that_stripe_took_back_has_failed(till: Till) -> None:
    made = pending(till)
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    found = world.get("refund", made.stripe_id)
    found |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}

    tonight(till)

    made.refresh_from_db()
    assert (made.state, made.trouble) == (Refunding.FAILED, "expired_or_canceled_card")
    assert Payment.objects.get(pk=made.payment_id).refunded == 0


def test_a_refund_that_stripe_does_not_know_has_failed(till: Till) -> None:
    made = pending(till, stripe_id="re_unheard_of")
    tonight(till)
    made.refresh_from_db()
    assert (made.state, made.trouble) == (Refunding.FAILED, "No such refund: 're_unheard_of'")


def test_another_accounts_are_left_alone(till: Till, stripe_here: Sandbox) -> None:
    made = pending(till)
    tonight(open_till(stripe_here))
    made.refresh_from_db()
    assert made.state == Refunding.PENDING


# Leaving Stripe


def test_where_nothing_moves_stripe_may_be_left(till: Till) -> None:
    pending(till)
    assert moving(till.account) == 0
    disconnect_account(till.account, now=timezone.now())
    assert till.seller.connection.is_live is False


def test_stripe_stays_while_somebody_is_at_the_checkout(till: Till, owner: Desk) -> None:
    entry = till.entry()
    till.check_out(till.fill(entry, till.ticket(entry)))

    page = words(owner.get("payments_disconnect"))
    response = owner.post("payments_disconnect")

    assert "1 payment is at the checkout, or being refunded." in page
    assert "It is done by itself within the hour, unless Stripe has trouble. Come back then." in page
    assert response["Location"] == owner.url("payments_disconnect")
    assert told(response) == ["Stripe is still needed: money is on its way to you or to customers."]
    till.seller.connection.refresh_from_db()
    assert (till.seller.connection.is_live, Payment.objects.get().state) == (True, Paying.OPEN)


def test_stripe_stays_while_refunds_wait_and_no_other_takes_its_place(till: Till, owner: Desk) -> None:
    refund(paid(till).pk, 500, Why.OPERATOR, now=timezone.now())
    with pytest.raises(MoneyMovesError) as refused:
        disconnect_account(till.account, now=timezone.now())
    assert refused.value.count == 1

    page = owner.post("payments_key", {"key": new_key(), "replace": "on"})

    error = (
        "Enter a key of the same Stripe account: this one is of another, and 1 payment through the one you have is at"
        " the checkout or being refunded."
    )
    assert page.context["form"].errors["key"] == [error]
    assert "1 payment is at the checkout, or being refunded." in words(page)
    send_due(now=timezone.now())
    assert moving(till.account) == 0


def test_while_members_pay_that_is_what_is_told(till: Till) -> None:
    till.seller.sell()
    refund(paid(till).pk, 500, Why.OPERATOR, now=timezone.now())
    with pytest.raises(StripeInUseError) as refused:
        disconnect_account(till.account, now=timezone.now())
    assert type(refused.value) is StripeInUseError


def test_without_stripe_nothing_moves() -> None:
    assert moving(Account()) == 0
