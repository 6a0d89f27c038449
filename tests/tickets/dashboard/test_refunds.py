"""*Refund* by the operator, and what is done about a refund that failed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.models import Account, Letter
from bookwhen.payments.models import Connection
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.money import PaymentFactory, RefundFactory, create_paid_booking
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Payment, PaymentState, Refund, RefundedSeat, RefundReason, RefundState, Ticket
from tickets.money.refunds import create_refund


@pytest.fixture
def payment(entry: Entry, ticket: Ticket) -> Payment:
    """24.00 for two places."""
    return create_paid_booking(entry, ticket, "Ada", "Byron").payments.get()


def form(amount: str, **fields: Any) -> dict[str, Any]:
    return {"key": str(uuid4()), "amount": amount, "note": "", **fields}


def left(payment: Payment) -> int:
    payment.refresh_from_db()
    return payment.refundable


# By the operator


def test_the_form_offers_all_that_is_left(dashboard: Dashboard, payment: Payment) -> None:
    Payment.objects.update(refunded=400)
    page = dashboard.get("payment_refund", pk=payment.pk)
    assert f"{payment.booking.customer} paid £24.00, and you can refund up to £20.00." in page_text(page)
    assert page.content.decode().count('value="20.00"') == 1


def test_some_of_it_goes_back_with_a_letter(dashboard: Dashboard, payment: Payment) -> None:
    response = dashboard.post("payment_refund", form("5", note="The heating was off. Sorry!"), pk=payment.pk)

    assert response["Location"] == dashboard.url("payment", pk=payment.pk)
    assert shown_messages(response) == [says.FIVE_POUNDS_REFUNDED]
    made = Refund.objects.get()
    by = dashboard.account.staff.get().user
    assert (made.amount, made.reason, made.by, made.state) == (500, RefundReason.OPERATOR, by, RefundState.QUEUED)
    assert (left(payment), RefundedSeat.objects.count()) == (1900, 0)
    letter = Letter.objects.get(kind="refunded")
    assert letter.recipient == payment.booking.customer.email
    assert ("£5.00" in letter.text, "The heating was off. Sorry!" in letter.text) == (True, True)


def test_sent_twice_it_is_one_refund_and_one_letter(dashboard: Dashboard, payment: Payment) -> None:
    sent = form("24")
    dashboard.post("payment_refund", sent, pk=payment.pk)
    response = dashboard.post("payment_refund", sent, pk=payment.pk)

    assert response["Location"] == dashboard.url("payment", pk=payment.pk)
    assert (Refund.objects.count(), Letter.objects.filter(kind="refunded").count(), left(payment)) == (1, 1, 0)


def test_a_form_sent_again_later_with_another_amount_refunds_nothing_more(
    dashboard: Dashboard, payment: Payment
) -> None:
    sent = form("5")
    dashboard.post("payment_refund", sent, pk=payment.pk)

    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        response = dashboard.post("payment_refund", sent | {"amount": "7"}, pk=payment.pk)

    assert shown_messages(response)[-1:] == [
        "You’ve already sent this form, and £5.00 is being refunded. Nothing has been refunded twice."
    ]
    assert left(payment) == 1900


def test_a_key_names_no_refund_of_another_payment(dashboard: Dashboard, payment: Payment) -> None:
    other, sent = PaymentFactory.create(booking=payment.booking), form("5")
    dashboard.post("payment_refund", sent, pk=payment.pk)
    dashboard.post("payment_refund", sent, pk=other.pk)
    assert (left(payment), left(other)) == (1900, 1900)


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("24.01", says.REFUND_AT_MOST_24),
        ("0", "Enter more than 0"),
        ("-5", "Enter more than 0"),
        ("five", says.AMOUNT_LIKE),
        ("", "Enter the amount"),
        ("1.234", says.TWO_DECIMALS),
        ("NaN", says.AMOUNT_LIKE),
        ("1e9", says.AMOUNT_LIKE),
    ],
)
def test_an_amount_that_cannot_be_is_asked_for_again(
    amount: str, error: str, dashboard: Dashboard, payment: Payment
) -> None:
    page = dashboard.post("payment_refund", form(amount, note="Sorry"), pk=payment.pk)

    assert (page.status_code, page.context["form"].errors) == (422, {"amount": [error]})
    assert page.context["form"]["amount"].value() == amount
    assert "Sorry</textarea>" in page.content.decode()
    assert (Refund.objects.count(), Letter.objects.filter(kind="refunded").count()) == (0, 0)


def test_whoever_comes_second_is_told_what_is_left_now(dashboard: Dashboard, payment: Payment) -> None:
    dashboard.get("payment_refund", pk=payment.pk)
    create_refund(payment.pk, 2000, RefundReason.OPERATOR, now=NOW)

    page = dashboard.post("payment_refund", form("24"), pk=payment.pk)

    assert page.context["form"].errors == {"amount": ["Enter £4.00 or less. That’s all that’s left to refund."]}
    assert "paid £24.00, and you can refund up to £4.00" in page_text(page)

    create_refund(payment.pk, 400, RefundReason.OPERATOR, now=NOW)
    page = dashboard.post("payment_refund", form("4"), pk=payment.pk)

    assert page.context["form"].non_field_errors() == ["This payment has already been refunded in full"]


@pytest.mark.parametrize(
    ("currency", "amount", "typed", "minor"),
    [("JPY", 2400, "240", 240), ("KWD", 24000, "2.50", 2500), ("ISK", 240000, "24", 2400)],
)
def test_other_currencies(
    currency: str, amount: int, typed: str, minor: int, dashboard: Dashboard, payment: Payment
) -> None:
    Payment.objects.update(currency=currency, amount=amount)
    dashboard.post("payment_refund", form(typed), pk=payment.pk)
    assert Refund.objects.get().amount == minor


@pytest.mark.parametrize(
    ("currency", "typed", "error"),
    [
        ("JPY", "1.5", says.NO_SMALLER_UNIT),
        ("KWD", "2.505", "Enter 2.500 instead: KWD is charged in steps of 0.010"),
    ],
)
def test_amounts_finer_than_the_currency_are_refused(
    currency: str, typed: str, error: str, dashboard: Dashboard, payment: Payment
) -> None:
    Payment.objects.update(currency=currency)
    page = dashboard.post("payment_refund", form(typed), pk=payment.pk)
    assert page.context["form"].errors == {"amount": [error]}
    assert Refund.objects.count() == 0


def test_amounts_are_typed_as_in_the_accounts_locale(dashboard: Dashboard, payment: Payment) -> None:
    Account.objects.update(locale="de-de")
    dashboard.post("payment_refund", form("4,50"), pk=payment.pk)
    assert Refund.objects.get().amount == 450


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"refunded": 2400}, "This payment has already been refunded in full."),
        ({"state": PaymentState.ABANDONED, "paid_at": None}, "This wasn’t paid, so there’s nothing to refund."),
    ],
)
def test_where_nothing_can_be_refunded_it_says_why(
    fields: dict[str, Any], why: str, dashboard: Dashboard, payment: Payment
) -> None:
    Payment.objects.update(**fields)
    response = dashboard.get("payment_refund", pk=payment.pk)
    assert (response["Location"], shown_messages(response)) == (dashboard.url("payment", pk=payment.pk), [why])


def test_without_stripe_nothing_is_refunded_from_here(dashboard: Dashboard, payment: Payment) -> None:
    Connection.objects.update(disconnected_at=NOW)
    why = "Stripe is disconnected. Connect the same Stripe account again, or refund the payment in Stripe."
    assert shown_messages(dashboard.get("payment_refund", pk=payment.pk)) == [why]
    assert shown_messages(dashboard.post("payment_refund", form("5"), pk=payment.pk))[-1:] == [why]
    assert Refund.objects.count() == 0


# One that failed


def test_a_failed_refund_is_told_on_the_overview_until_it_is_seen_to(dashboard: Dashboard, payment: Payment) -> None:
    dashboard.account.connection = payment.connection
    dashboard.account.save()
    RefundFactory.create(payment=payment)
    title = (
        "1 refund failed. Stripe couldn’t refund the money. See why, then try again or refund the customer another"
        " way. See failed refunds"
    )
    assert title in page_text(dashboard.get("overview"))
    assert f"{dashboard.url('payment_list')}?state=failed" in dashboard.get("overview").content.decode()
    assert "£10.00 Refunded by the studio Tue 15 Jan 2030, 12:00 Failed Stripe says: The card was closed." in page_text(
        dashboard.get("payment", pk=payment.pk)
    )
    Refund.objects.update(done_at=NOW)
    assert page_text(dashboard.get("overview")).count("refund failed") == 0


def test_try_again_is_a_new_refund_once(dashboard: Dashboard, payment: Payment) -> None:
    failed = RefundFactory.create(payment=payment, reason=RefundReason.STUDIO)
    seat = payment.seats.earliest("pk")
    RefundedSeat.objects.create(account=failed.account, refund=failed, seat=seat, amount=1000)

    for _ in range(2):
        response = dashboard.post("refund_again", pk=failed.pk)

    assert response["Location"] == dashboard.url("payment", pk=payment.pk)
    assert shown_messages(response) == [
        "We’re trying the refund again. Reload this page in a moment to see the result.",
        says.DEALT_WITH,
    ]
    failed.refresh_from_db()
    made = Refund.objects.exclude(pk=failed.pk).get()
    assert (failed.state, failed.done_at) == (RefundState.FAILED, NOW)
    assert (made.amount, made.reason, made.state) == (1000, RefundReason.STUDIO, RefundState.QUEUED)
    assert list(made.seats.values_list("seat", "amount")) == [(seat.pk, 1000)]
    assert left(payment) == 1400
    assert page_text(dashboard.get("payment", pk=payment.pk)).count("Failed, settled another way") == 1


def test_trying_again_where_less_is_left_says_so(dashboard: Dashboard, payment: Payment) -> None:
    failed = RefundFactory.create(payment=payment)
    Payment.objects.update(refunded=1500)

    response = dashboard.post("refund_again", pk=failed.pk)

    assert shown_messages(response) == [
        "Only £9.00 is left to refund on this payment. Refund that, or refund the rest another way."
    ]
    failed.refresh_from_db()
    assert (failed.done_at, Refund.objects.count()) == (None, 1)


def test_settled_another_way_it_is_done(dashboard: Dashboard, payment: Payment) -> None:
    failed = RefundFactory.create(payment=payment)

    for _ in range(2):
        response = dashboard.post("refund_settled", pk=failed.pk)

    assert shown_messages(response) == [
        says.MARKED_AS_SETTLED,
        says.DEALT_WITH,
    ]
    failed.refresh_from_db()
    assert (failed.state, failed.done_at, left(payment)) == (RefundState.FAILED, NOW, 2400)


def test_what_waits_for_a_lost_stripe_account_can_be_settled(dashboard: Dashboard, payment: Payment) -> None:
    waiting = create_refund(payment.pk, 1000, RefundReason.OPERATOR, now=NOW).refund
    page = page_text(dashboard.get("payment", pk=payment.pk))
    assert (page.count("Sending to Stripe"), page.count(says.MARK_AS_SETTLED)) == (1, 0)
    assert shown_messages(dashboard.post("refund_settled", pk=waiting.pk))[-1:] == [says.DEALT_WITH]

    Connection.objects.update(disconnected_at=NOW)
    page = page_text(dashboard.get("payment", pk=payment.pk))
    assert (page.count(says.MARK_AS_SETTLED), page.count("Try again")) == (1, 0)
    dashboard.post("refund_settled", pk=waiting.pk)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.done_at, left(payment)) == (RefundState.FAILED, NOW, 2400)
