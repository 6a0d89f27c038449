"""Disputes: as Stripe says, counted on the payment, told to the owners, and left to the studio."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import Letter, Role
from bookwhen.payments import tasks
from bookwhen.payments.gateway_disputes import read_dispute, retrieve_dispute
from bookwhen.payments.handlers import NotYetError, Outcome
from bookwhen.payments.models import Connection, EventState, StripeEvent
from tests.factories.accounts import StaffFactory
from tests.tickets.checkout.test_edges import buy_with_membership
from tests.tickets.money.test_refunds_elsewhere import sell_tea, unstruck
from tests.worlds.bank import Bank
from tests.worlds.till import Till, payment_of
from tickets.booking.cancel import cancel_by_studio
from tickets.consistency import check_books
from tickets.dashboard.fetch import payment_totals
from tickets.models import Dispute, DisputeState, Payment, Refund, RefundReason, RefundState, Seat
from tickets.money.disputes import Disputed, StaleError, apply_dispute, dispute_state
from tickets.money.refunds import RefundTooLargeError, create_refund, submit_due_refunds
from tickets.webhooks import handle_dispute

pytestmark = pytest.mark.django_db

TakeIn = Callable[[Connection], None]


@pytest.fixture
def bank(till: Till) -> Bank:
    return Bank(till.seller.sandbox)


@pytest.fixture
def payment(till: Till) -> Payment:
    """40.00 for two places; the studio has one owner."""
    StaffFactory.create(account=till.account, role=Role.OWNER)
    entry = till.entry()
    ticket = till.ticket(entry, 2000)
    return till.pay(till.fill(entry, ticket, ticket))


def sums(payment: Payment) -> tuple[int, int]:
    payment.refresh_from_db()
    return payment.refunded, payment.withdrawn


def net(till: Till) -> list[tuple[int, int, int, int]]:
    """Paid, refunded, lost and net, as the payments list has them."""
    totals = payment_totals(Payment.objects.filter(account=till.account))
    return [(each.paid, each.refunded, each.withdrawn, each.net) for each in totals]


def find_errors() -> list[str]:
    return [each.kind for each in check_books(now=timezone.now())]


def subjects() -> list[str]:
    """What owners were told of disputes, in order."""
    return list(Letter.objects.filter(kind__startswith="dispute").order_by("pk").values_list("subject", flat=True))


def follow(till: Till, dispute: str) -> Outcome:
    return handle_dispute(till.seller.connection, dispute, timezone.now())


def compare(till: Till) -> None:
    """What each night does."""
    tasks.reconcile(till.seller.connection.pk)


# From opened to decided


def test_p13_a_dispute_takes_the_money_until_it_is_decided_and_a_lost_one_keeps_it(
    till: Till, bank: Bank, payment: Payment, process_stripe_events: TakeIn
) -> None:
    there = bank.dispute(payment.intent)
    process_stripe_events(till.seller.connection)
    found = Dispute.objects.get()
    assert (found.state, found.status, found.amount, found.reason) == ("open", "needs_response", 4000, "fraudulent")
    assert found.answer_by is not None
    assert found.closed_at is None
    assert (sums(payment), net(till)) == ((0, 4000), [(4000, 0, 4000, 0)])

    bank.decides(there, "lost")
    process_stripe_events(till.seller.connection)

    found.refresh_from_db()
    assert (found.state, found.closed_at is None) == (DisputeState.LOST, False)
    assert (sums(payment), net(till), find_errors()) == ((0, 4000), [(4000, 0, 4000, 0)], [])
    assert Seat.objects.live().count() == 2
    name = payment.booking.customer
    assert subjects() == [f"{name} disputed a payment of £40.00", f"You lost the dispute with {name}"]
    told = Letter.objects.get(kind="dispute_opened").text
    assert f"Answer in Stripe by {date_format(localtime(found.answer_by), 'j F Y, H:i')} (Europe/London), with" in told
    assert set(StripeEvent.objects.filter(type__startswith="charge.dispute").values_list("state", flat=True)) == {
        EventState.DONE
    }


def test_p13_a_dispute_that_is_won_brings_the_money_back(
    till: Till, bank: Bank, payment: Payment, process_stripe_events: TakeIn
) -> None:
    there = bank.dispute(payment.intent)
    process_stripe_events(till.seller.connection)
    till.seller.stripe.disputes.update(there, {"evidence": {"uncategorized_text": "winning_evidence"}})
    process_stripe_events(till.seller.connection)
    assert Dispute.objects.get().state == DisputeState.WON
    assert (sums(payment), net(till)) == ((0, 0), [(4000, 0, 0, 4000)])
    assert subjects()[1:] == [f"You won the dispute with {payment.booking.customer}"]


def test_p13_a_dispute_of_a_part_counts_as_that_part(till: Till, bank: Bank, payment: Payment) -> None:
    follow(till, bank.dispute(payment.intent, 1500))
    assert (sums(payment), net(till)) == ((0, 1500), [(4000, 0, 1500, 2500)])
    assert payment.refundable == 2500


def test_p13_an_inquiry_is_not_money_lost_until_it_becomes_a_dispute(till: Till, bank: Bank, payment: Payment) -> None:
    there = bank.dispute(payment.intent, inquiry=True)
    follow(till, there)
    assert (Dispute.objects.get().state, sums(payment)) == (DisputeState.INQUIRY, (0, 0))

    bank.escalates(there)
    follow(till, there)

    assert (Dispute.objects.get().state, sums(payment)) == (DisputeState.OPEN, (0, 4000))
    name = payment.booking.customer
    assert subjects() == [f"{name}’s bank is asking about £40.00", f"{name} disputed a payment of £40.00"]


def test_an_inquiry_that_a_refund_answers_is_closed(
    till: Till, bank: Bank, payment: Payment, process_stripe_events: TakeIn
) -> None:
    bank.dispute(payment.intent, inquiry=True)
    process_stripe_events(till.seller.connection)
    create_refund(payment.pk, 4000, RefundReason.OPERATOR, now=timezone.now())
    submit_due_refunds(now=timezone.now())
    process_stripe_events(till.seller.connection)
    assert (Dispute.objects.get().state, sums(payment), find_errors()) == (DisputeState.CLOSED, (4000, 0), [])
    assert subjects()[1:] == [f"The bank’s inquiry about {payment.booking.customer} is closed"]


# Whatever of the news comes


def test_a_dispute_first_heard_of_when_it_is_lost_is_told_once(till: Till, bank: Bank, payment: Payment) -> None:
    there = bank.dispute(payment.intent)
    bank.decides(there, "lost")
    for _ in range(3):
        assert follow(till, there) is Outcome.DONE
    assert (sums(payment), subjects()) == ((0, 4000), [f"You lost the dispute with {payment.booking.customer}"])


def test_what_was_fetched_before_it_changed_is_not_written_over_what_is_so_now(
    till: Till, bank: Bank, payment: Payment
) -> None:
    there = bank.dispute(payment.intent)
    follow(till, there)
    old, seen = retrieve_dispute(till.seller.gateway, there), Dispute.objects.get().revision
    bank.decides(there, "won")
    follow(till, there)
    with pytest.raises(StaleError), transaction.atomic():
        apply_dispute(till.account, till.seller.connection, old, Disputed(payment, None), seen=seen, now=timezone.now())
    assert (Dispute.objects.get().state, sums(payment)) == (DisputeState.WON, (0, 0))


def test_the_night_finds_disputes_that_no_event_told_of(till: Till, bank: Bank, payment: Payment) -> None:
    there = bank.dispute(payment.intent)
    compare(till)
    assert (sums(payment), Dispute.objects.get().state) == ((0, 4000), DisputeState.OPEN)
    bank.decides(there, "won")
    for _ in range(2):
        compare(till)
    assert (sums(payment), Dispute.objects.get().state, len(subjects())) == ((0, 0), DisputeState.WON, 2)


def test_the_night_looks_again_at_an_open_one_that_is_not_listed_any_more(
    till: Till, bank: Bank, payment: Payment
) -> None:
    there = bank.dispute(payment.intent)
    follow(till, there)
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    world.objects["dispute"][there]["created"] -= 500 * 24 * 3600
    bank.decides(there, "lost")
    compare(till)
    assert Dispute.objects.get().state == DisputeState.LOST


def test_one_dispute_that_cannot_be_read_does_not_keep_the_night_from_the_others(
    till: Till, bank: Bank, payment: Payment
) -> None:
    first = bank.dispute(payment.intent, 1000)
    second = bank.dispute(payment.intent, 1000)
    till.seller.sandbox.arm("error", f"GET /v1/disputes/{second}", times=9)
    tasks.reconcile(till.seller.connection.pk)
    assert [each.stripe_id for each in Dispute.objects.all()] == [first]


def test_somebody_else_s_dispute_is_none_of_ours_and_costs_the_night_no_call(till: Till, bank: Bank) -> None:
    there = bank.dispute(sell_tea(till))
    assert follow(till, there) is Outcome.IGNORED
    for call in ("GET /v1/disputes/", "GET /v1/invoice_payments", "GET /v1/payment_intents", "GET /v1/charges"):
        till.seller.sandbox.arm("error", call)
    compare(till)
    assert (unstruck(till), Dispute.objects.count()) == (4, 0)


def test_a_dispute_of_a_payment_that_is_not_paid_here_yet_waits(till: Till, bank: Bank) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000))
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    session = till.seller.stripe.checkout.sessions.retrieve(payment_of(basket).session)
    there = bank.dispute(str(session.payment_intent))
    with pytest.raises(NotYetError):
        follow(till, there)
    till.settle(basket)
    assert follow(till, there) is Outcome.DONE


# Beside refunds


def test_a_refund_that_meets_a_dispute_says_why_and_is_not_asked_for_again(
    till: Till, bank: Bank, payment: Payment
) -> None:
    made = create_refund(payment.pk, 1000, RefundReason.OPERATOR, now=timezone.now()).refund
    there = bank.dispute(payment.intent)
    for _ in range(2):
        submit_due_refunds(now=timezone.now())
    made.refresh_from_db()
    assert (made.state, made.trouble, made.tries) == (RefundState.FAILED, "charge_disputed", 1)
    follow(till, there)
    assert (sums(payment), find_errors()) == ((0, 4000), ["failed"])


def test_what_a_dispute_has_taken_cannot_be_refunded_until_it_is_won(till: Till, bank: Bank, payment: Payment) -> None:
    there = bank.dispute(payment.intent)
    follow(till, there)
    with pytest.raises(RefundTooLargeError) as refused:
        create_refund(payment.pk, 1, RefundReason.OPERATOR, now=timezone.now())
    assert refused.value.left == 0
    gone = cancel_by_studio([Seat.objects.order_by("pk")[0].pk], giving=None, staff=None, now=timezone.now())
    assert (gone.total_refunded, Refund.objects.count(), find_errors()) == (0, 0, [])

    bank.decides(there, "won")
    follow(till, there)

    assert create_refund(payment.pk, 4000, RefundReason.OPERATOR, now=timezone.now()).is_new


def test_the_books_say_that_a_bank_gave_back_what_was_refunded_already(
    till: Till, bank: Bank, payment: Payment
) -> None:
    create_refund(payment.pk, 4000, RefundReason.OPERATOR, now=timezone.now())
    submit_due_refunds(now=timezone.now())
    follow(till, bank.dispute(payment.intent))
    assert (sums(payment), payment.refundable, payment.net) == ((4000, 4000), 0, -4000)
    assert find_errors() == ["gone_twice"]


# Memberships


def test_a_dispute_of_a_membership_s_bill_is_of_the_invoice(till: Till, bank: Bank) -> None:
    StaffFactory.create(account=till.account, role=Role.OWNER)
    bought = till.seller.sell()
    there = bank.dispute(str(till.seller.stripe.charges.list().data[0].payment_intent))
    compare(till)
    found = Dispute.objects.get()
    assert found.invoice is not None
    assert (found.payment, found.invoice.subscription, found.withdrawn) == (None, bought, 4000)
    assert subjects() == [f"{bought.customer} disputed a payment of £40.00"]
    bank.decides(there, "lost")
    compare(till)
    assert Dispute.objects.get().state == DisputeState.LOST


def test_of_a_bill_with_a_membership_the_tickets_lose_no_more_than_they_cost(till: Till, bank: Bank) -> None:
    payment = buy_with_membership(till)
    follow(till, bank.dispute(payment.intent))
    found = Dispute.objects.get()
    assert found.invoice is not None
    assert (found.amount, found.withdrawn, sums(payment), find_errors()) == (4500, 500, (0, 500), [])


# As Stripe may say it


RAW = {
    "id": "du_1",
    "amount": 4000,
    "currency": "gbp",
    "charge": "ch_1",
    "payment_intent": "pi_1",
    "created": 1_893_456_000,
    "reason": "fraudulent",
    "evidence_details": {"due_by": 0},
    "balance_transactions": [],
}
TAKEN = {"amount": -4000, "currency": "gbp"}
GIVEN = {"amount": 4000, "currency": "gbp"}


@pytest.mark.parametrize(
    ("status", "moved", "withdrawn"),
    [
        ("needs_response", [], 4000),
        ("needs_response", [TAKEN], 4000),
        ("under_review", [{"amount": -5050, "currency": "usd"}], 4000),
        ("lost", [TAKEN], 4000),
        ("lost", [TAKEN, GIVEN], 0),
        ("won", [TAKEN], 0),
        ("won", [TAKEN, GIVEN], 0),
        ("won", [TAKEN, {"amount": 1500, "currency": "gbp"}], 2500),
        ("warning_needs_response", [], 0),
        ("warning_closed", [], 0),
        ("prevented", [], 0),
        ("prevented", [TAKEN], 4000),
        ("a_new_word", [], 0),
        ("a_new_word", [TAKEN], 4000),
    ],
)
def test_what_was_withdrawn_is_what_moved_and_else_what_the_status_means(
    status: str, moved: list[dict[str, object]], withdrawn: int
) -> None:
    assert read_dispute(RAW | {"status": status, "balance_transactions": moved}).withdrawn == withdrawn


def test_what_is_missing_odd_or_too_long_is_read_all_the_same() -> None:
    raw = {"id": "du_1", "created": 1, "status": "x" * 99, "reason": None, "amount": 10**12, "currency": "gbp"}
    reading = read_dispute(raw | {"charge": {"id": "ch_1"}, "payment_intent": {"id": "pi_1"}})
    assert (reading.intent, reading.charge, reading.amount, reading.answer_by) == ("pi_1", "ch_1", 2**31 - 1, None)
    assert (len(reading.status), reading.reason) == (40, "")


@pytest.mark.parametrize(
    ("status", "state"),
    [("a_new_word", "open"), ("warning_something", "inquiry"), ("prevented", "lost"), ("under_review", "open")],
)
def test_words_of_stripe_s_that_are_new_are_read_as_open(status: str, state: str) -> None:
    assert dispute_state(read_dispute(RAW | {"status": status, "balance_transactions": [TAKEN]})) == state


def test_a_dispute_in_another_currency_takes_all_that_is_left(till: Till, bank: Bank, payment: Payment) -> None:
    create_refund(payment.pk, 1000, RefundReason.OPERATOR, now=timezone.now())
    submit_due_refunds(now=timezone.now())
    there = bank.dispute(payment.intent, 3600)
    bank.says(there, currency="usd", balance_transactions=[])
    follow(till, there)
    found = Dispute.objects.get()
    assert (found.amount, found.currency, found.withdrawn, sums(payment)) == (3600, "USD", 3000, (1000, 3000))


def test_a_dispute_whose_payment_stripe_does_not_name_is_found_by_its_charge(
    till: Till, bank: Bank, payment: Payment
) -> None:
    there = bank.dispute(payment.intent)
    bank.says(there, payment_intent=None)
    compare(till)
    assert Dispute.objects.get().payment == payment


def test_the_answer_s_last_day_is_kept(till: Till, bank: Bank, payment: Payment) -> None:
    follow(till, bank.dispute(payment.intent))
    found = Dispute.objects.get()
    assert found.answer_by == found.opened_at + timedelta(days=7)
