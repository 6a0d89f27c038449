"""The operator after the sale, at the sandbox: refunds and cancellations reach the card, and the books are right."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Letter
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.worlds.bank import Bank
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.till import Till
from tickets.consistency import check_books
from tickets.models import Booking, Payment, Refund, RefundReason, RefundState
from tickets.money.refunds import submit_due_refunds

pytestmark = pytest.mark.django_db


@pytest.fixture
def dashboard(till: Till) -> Dashboard:
    return open_dashboard(till.account)


@pytest.fixture
def booking(till: Till) -> Booking:
    """Three places at 12.50, paid."""
    entry = till.entry()
    ticket = till.ticket(entry, 1250)
    basket = till.fill(entry, ticket, ticket, ticket)
    till.pay(basket)
    basket.refresh_from_db()
    return basket


def refunds_at_stripe(till: Till, booking: Booking) -> list[int]:
    """What Stripe has given back, by amount, smallest first."""
    intent = booking.payments.get().intent
    return sorted(each.amount for each in till.seller.stripe.refunds.list({"payment_intent": intent}).data)


def seats(booking: Booking) -> list[int]:
    return list(booking.seats.order_by("pk").values_list("pk", flat=True))


def test_cancelling_from_the_booking_gives_the_money_back(till: Till, dashboard: Dashboard, booking: Booking) -> None:
    page = page_text(dashboard.get("booking_cancel", {"seat": seats(booking)[:2]}, pk=booking.pk))
    assert "Refund £25.00 to the card or account" in page

    dashboard.post("booking_cancel", {"seat": seats(booking)[:2], "back": "all"}, pk=booking.pk)
    dashboard.post("booking_cancel", {"seat": seats(booking)[2:], "back": "some", "amount": "2.50"}, pk=booking.pk)
    submit_due_refunds(now=timezone.now())

    assert refunds_at_stripe(till, booking) == [250, 2500]
    assert set(Refund.objects.values_list("state", "reason")) == {(RefundState.DONE, RefundReason.STUDIO)}
    page = page_text(dashboard.get("booking", pk=booking.pk))
    assert f"Booking {booking.reference} Cancelled" in page
    assert "Paid £37.50 · £27.50 refunded" in page
    assert check_books(now=timezone.now()) == []


def test_a_refund_by_hand_reaches_the_card_and_is_told(till: Till, dashboard: Dashboard, booking: Booking) -> None:
    payment = booking.payments.get()
    sent = {"key": str(uuid4()), "amount": "10.00", "note": "It was cold."}
    for _ in range(2):
        dashboard.post("payment_refund", sent, pk=payment.pk)
    submit_due_refunds(now=timezone.now())

    assert refunds_at_stripe(till, booking) == [1000]
    assert Letter.objects.filter(kind="refunded", recipient=booking.customer.email).count() == 1
    assert "£10.00 Refunded by the studio" in page_text(dashboard.get("payment", pk=payment.pk))
    assert booking.seats.filter(cancelled_at=None).count() == 3
    assert check_books(now=timezone.now()) == []


def test_what_stripe_refuses_waits_for_the_operator(till: Till, dashboard: Dashboard, booking: Booking) -> None:
    payment = booking.payments.get()
    Bank(till.seller.sandbox).dispute(payment.intent)  # and nobody has told us
    dashboard.post("payment_refund", {"key": str(uuid4()), "amount": "10", "note": ""}, pk=payment.pk)
    submit_due_refunds(now=timezone.now())

    (failed,) = Refund.objects.all()
    assert failed.state == RefundState.FAILED
    assert "1 refund failed." in page_text(dashboard.get("overview"))
    page = page_text(dashboard.get("payment", pk=payment.pk))
    assert f"Failed {failed.trouble_text} Try again Mark as settled" in page
    assert failed.trouble == "charge_disputed"

    dashboard.post("refund_again", pk=failed.pk)
    submit_due_refunds(now=timezone.now())
    again = Refund.objects.latest("pk")
    assert (again.pk == failed.pk, again.state, again.done_at) == (False, RefundState.FAILED, None)
    response = dashboard.post("refund_settled", pk=again.pk)

    assert shown_messages(response)[-1:] == [says.MARKED_AS_SETTLED]
    assert page_text(dashboard.get("overview")).count("refund failed") == 0
    assert Payment.objects.get().refunded == 0


def test_a_place_cancelled_while_it_is_paid_is_refunded_by_itself(till: Till, dashboard: Dashboard) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1250))
    address = till.check_out(basket)
    assert page_text(dashboard.get("entry", pk=entry.pk)).count(says.PAYMENT_IN_PROGRESS) == 1

    dashboard.post("seats_cancel", {"seat": seats(basket)}, pk=entry.pk)
    till.seller.sandbox.shopper.pay(address)
    till.settle(basket)
    submit_due_refunds(now=timezone.now())

    assert refunds_at_stripe(till, basket) == [1250]
    assert Letter.objects.filter(kind="sorry").count() == 1
    assert check_books(now=timezone.now()) == []


def test_cancelling_the_entry_refunds_everybody_as_told(till: Till, dashboard: Dashboard, booking: Booking) -> None:
    entry = booking.seats.earliest("pk").entry
    assert "We refund £37.50 to 1 person who paid online." in page_text(dashboard.get("entry_cancel", pk=entry.pk))
    dashboard.post("entry_cancel", pk=entry.pk)
    submit_due_refunds(now=timezone.now())
    assert refunds_at_stripe(till, booking) == [3750]
    assert check_books(now=timezone.now()) == []
