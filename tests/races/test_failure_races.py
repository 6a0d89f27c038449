"""Several of the studio see to one refund that failed, at once: it is tried again, or settled, once."""

from collections import Counter

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.money import RefundFactory, create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.races.crowd import run_at_once
from tickets.models import Payment, Refund, RefundState
from tickets.money.failed_refunds import retry_refund, settle_refund_otherwise

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 5


def failed_refund() -> Refund:
    """10.00 of 24.00 that Stripe did not give back."""
    entry = EntryFactory.create()
    booking = create_paid_booking(entry, TicketFactory.create(entry=entry), "Ada", "Byron")
    return RefundFactory.create(payment=booking.payments.get())


def test_tried_again_by_many_it_is_refunded_once() -> None:
    failed, by = failed_refund(), UserFactory.create()

    made = run_at_once(CROWD, lambda _number: retry_refund(failed, by=by, now=NOW) is not None)

    assert Counter(made) == {True: 1, False: CROWD - 1}
    assert (Refund.objects.count(), Payment.objects.get().refunded) == (2, 1000)


def test_it_is_tried_again_or_settled_but_not_both() -> None:
    failed, by = failed_refund(), UserFactory.create()

    def act(number: int) -> bool:
        if number % 2:
            return settle_refund_otherwise(failed, now=NOW)
        return retry_refund(failed, by=by, now=NOW) is not None

    assert Counter(run_at_once(CROWD, act)) == {True: 1, False: CROWD - 1}
    failed.refresh_from_db()
    assert (failed.state, failed.done_at) == (RefundState.FAILED, NOW)
    assert Payment.objects.get().refunded == 1000 * (Refund.objects.count() - 1)
