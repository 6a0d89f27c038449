"""Disputes and refunds in Stripe that several workers look at in one instant: counted and told once."""

from contextlib import suppress

import pytest
from django.utils import timezone

from accounts.models import Letter, Role
from bookwhen.payments.handlers import NotYetError
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.accounts import StaffFactory
from tests.races.crowd import run_at_once
from tests.worlds.bank import Bank
from tests.worlds.till import Till, open_till
from tickets.models import Dispute, DisputeState, Payment, Refund, RefundReason
from tickets.money.refunds import create_refund, submit_refund
from tickets.webhooks import handle_dispute, handle_subject

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WORKERS = 6


@pytest.fixture
def till(transactional_db: None, stripe_here: Sandbox) -> Till:
    made = open_till(stripe_here)
    StaffFactory.create(account=made.account, role=Role.OWNER)
    return made


@pytest.fixture
def payment(till: Till) -> Payment:
    """20.00."""
    entry = till.entry()
    return till.pay(till.fill(entry, till.ticket(entry, 2000)))


def test_a_dispute_that_is_followed_by_many_is_one_and_told_once(till: Till, payment: Payment) -> None:
    bank = Bank(till.seller.sandbox)
    there = bank.dispute(payment.intent)

    def follow(number: int) -> None:
        if number == 0:
            bank.decides(there, "won")
        handle_dispute(till.seller.connection, there, timezone.now())

    run_at_once(WORKERS, follow)

    payment.refresh_from_db()
    assert (Dispute.objects.get().state, payment.withdrawn) == (DisputeState.WON, 0)
    told = list(Letter.objects.filter(kind__startswith="dispute").values_list("kind", flat=True))
    assert (told.count("dispute_closed"), told.count("dispute_opened") <= 1) == (1, True)


def test_a_refund_in_stripe_is_heard_of_while_ours_is_sent(till: Till, payment: Payment) -> None:
    bank = Bank(till.seller.sandbox)
    there = bank.refund(payment.intent)
    ours = create_refund(payment.pk, 2000, RefundReason.OPERATOR, now=timezone.now()).refund

    def act(number: int) -> None:
        if number == 0:
            submit_refund(ours.pk, now=timezone.now())
            return
        with suppress(NotYetError):
            handle_subject(till.seller.connection, there, timezone.now())

    run_at_once(WORKERS, act)

    found = Refund.objects.get()
    assert (found.pk, found.stripe_id, Payment.objects.get().refunded) == (ours.pk, there, 2000)
