"""Payouts: whatever Stripe tells, late, twice or never, ours are the stand-in’s to the penny, and so is the ledger."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from bookwhen.payments.encryption import encrypt
from bookwhen.payments.gateway_payouts import read_movement
from bookwhen.payments.models import Connection
from bookwhen.payments.transport import Client
from bookwhen.sandbox.stripe import Sandbox, balance, payouts
from bookwhen.sandbox.stripe.balance import fee_of
from tests.comparing import compare_everything
from tests.tickets.checkout.test_edges import buy_with_membership, pay_for_ticket
from tests.worlds.bank import Bank
from tests.worlds.till import Till, open_till
from tickets.consistency import check_books
from tickets.models import LedgerKind, LedgerLine, Payout, PayoutLine, PayoutLineKind, PayoutState
from tickets.money.payouts import sync_payout

Process = Callable[[Connection], None]
pytestmark = pytest.mark.django_db


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    stripe_here.platform.pays_out = True
    return open_till(stripe_here)


def days_pass(till: Till, days: int = 1) -> None:
    till.seller.sandbox.advance(str(days * 86_400))


def at_stripe(till: Till) -> list[dict[str, Any]]:
    return list(till.seller.sandbox.platform.worlds[till.seller.key].of("payout"))


def equal(till: Till) -> bool:
    """Whether our payouts are the stand-in’s, their lines add up to them, and no book is wrong."""
    theirs = {each["id"]: (each["amount"], each["status"]) for each in at_stripe(till)}
    ours = {each.stripe_id: (each.amount, each.state) for each in Payout.objects.filter(account=till.account)}
    held = {
        each.stripe_id: sum(line.net for line in each.lines.all()) for each in Payout.objects.filter(is_listed=True)
    }
    wrong = [each for each in check_books(now=timezone.now()) if each.kind.startswith("payout")]
    return theirs == ours and held == {key: theirs[key][0] for key in held} and not wrong


def compare(till: Till) -> None:
    compare_everything(till.seller.connection, timezone.now())


def test_a_payout_holds_what_was_paid_less_fees(till: Till, process_stripe_events: Process) -> None:
    payment = pay_for_ticket(till, 1200)
    days_pass(till)
    process_stripe_events(till.seller.connection)
    assert not Payout.objects.exists()

    days_pass(till, 5)
    process_stripe_events(till.seller.connection)

    payout = Payout.objects.get()
    assert (payout.amount, payout.state, payout.is_listed) == (1200 - fee_of(1200), PayoutState.PAID, True)
    line = payout.lines.get()
    assert (line.amount, line.fee, line.ledger_line) == (1200, 38, LedgerLine.objects.get(payment=payment))
    assert equal(till)


def test_nothing_is_known_of_what_it_holds_until_stripe_tells(till: Till, process_stripe_events: Process) -> None:
    pay_for_ticket(till)
    while not at_stripe(till):
        till.seller.sandbox.advance("hour")
    process_stripe_events(till.seller.connection)
    assert [(each.state, each.is_listed) for each in Payout.objects.all()] == [(PayoutState.PENDING, False)]

    till.seller.sandbox.advance(str(7 * 3600))
    process_stripe_events(till.seller.connection)
    assert [(each.state, each.is_listed) for each in Payout.objects.all()] == [(PayoutState.IN_TRANSIT, True)]
    assert PayoutLine.objects.count() == 1


def test_a_bill_with_tickets_and_a_membership_is_shared_between_its_lines(
    till: Till, process_stripe_events: Process
) -> None:
    payment = buy_with_membership(till)
    process_stripe_events(till.seller.connection)
    days_pass(till, 5)
    process_stripe_events(till.seller.connection)

    payout = Payout.objects.get()
    lines = list(payout.lines.order_by("part"))
    assert [(each.ledger_line.kind, each.amount) for each in lines if each.ledger_line] == [
        (line.kind, line.amount) for line in LedgerLine.objects.order_by("happened_at", "pk")
    ]
    assert {each.ledger_line.kind for each in lines if each.ledger_line} == {
        LedgerKind.TICKETS_PAID,
        LedgerKind.MEMBERSHIP_PAID,
    }
    assert sum(each.fee for each in lines) == fee_of(payment.amount + sum(each.amount for each in lines) - 500)
    assert equal(till)


@pytest.mark.parametrize("known", [True, False])
def test_a_payout_of_many_renewals_is_asked_for_by_pages(
    till: Till, process_stripe_events: Process, monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    """One request for itself, one a hundred movements, and one a hundred bills: none for each of them."""
    sold = [till.seller.sell() for _ in range(12)]
    process_stripe_events(till.seller.connection)
    days_pass(till, 5)
    if known:
        process_stripe_events(till.seller.connection)
    [payout] = at_stripe(till)
    Payout.objects.all().delete()
    asked: list[str] = []
    request = Client.request

    def counted(client: Client, method: str, url: str, *others: Any, **more: Any) -> Any:
        asked.append(url)
        return request(client, method, url, *others, **more)

    monkeypatch.setattr(Client, "request", counted)
    sync_payout(till.seller.connection, payout["id"])

    assert (len(asked), Payout.objects.get().lines.filter(is_waiting=False).count()) == (3, len(sold))
    assert equal(till)


def season(till: Till) -> Iterator[None]:
    """Payments, refunds in Stripe and a failed one, disputes lost and won, a failed payout: step by step."""
    bank = Bank(till.seller.sandbox)
    first, second, third = (pay_for_ticket(till, price) for price in (1000, 1500, 3000))
    days_pass(till, 3)
    yield
    refund = bank.refund(first.intent, 400)
    lost = bank.dispute(second.intent)
    pay_for_ticket(till, 9000)
    days_pass(till, 3)
    yield
    bank.refund_becomes(refund, "failed")
    bank.decides(lost, "lost")
    won = bank.dispute(third.intent)
    bank.payout_fails(at_stripe(till)[0]["id"])
    pay_for_ticket(till, 20000)
    days_pass(till, 4)
    yield
    bank.decides(won, "won")
    days_pass(till, 5)
    yield


def test_a_season_is_stripes_to_the_penny(till: Till, process_stripe_events: Process) -> None:
    """Each movement of the ledger by Stripe is in one payout, and what of the balance none holds is nothing."""
    for _step in season(till):
        process_stripe_events(till.seller.connection)
        compare(till)
        assert equal(till)

    moved = LedgerLine.objects.filter(account=till.account, method="stripe")
    told = PayoutLine.objects.filter(ledger_line__isnull=False)
    assert moved.filter(payout_line=None).count() == 0
    assert told.aggregate(sum=Sum("amount")) == moved.aggregate(sum=Sum("amount"))
    assert set(PayoutLine.objects.filter(ledger_line=None).values_list("kind", flat=True)) == {PayoutLineKind.RETURNED}
    assert Payout.objects.get(state=PayoutState.FAILED).failure == "could_not_process"


def test_what_no_event_told_of_a_night_finds(till: Till, process_stripe_events: Process) -> None:
    for _step in season(till):
        pass
    compare(till)
    compare(till)

    assert equal(till)
    assert not PayoutLine.objects.filter(kind=PayoutLineKind.PAYMENT, ledger_line=None).exists()
    # A dispute that was over before we heard of it has moved nothing in the ledger.
    waiting = PayoutLine.objects.filter(is_waiting=True)
    assert [each.amount for each in waiting.order_by("happened_at", "pk")] == [-3000, 3000]
    before = list(PayoutLine.objects.values())
    process_stripe_events(till.seller.connection)
    compare(till)
    assert list(PayoutLine.objects.values()) == before


def test_told_twice_and_in_the_wrong_order_it_is_the_same(till: Till) -> None:
    for _step in season(till):
        pass
    for each in [*at_stripe(till)[::-1], *at_stripe(till)]:
        sync_payout(till.seller.connection, each["id"])

    assert Payout.objects.count() == len(at_stripe(till))
    compare(till)
    assert equal(till)


def test_what_somebody_else_sold_over_the_account_is_a_line_of_nothing_here(till: Till) -> None:
    pay_for_ticket(till)
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    charge = next(iter(world.of("charge")))
    with till.seller.sandbox.platform.lock:
        other = world.new("charge", **{key: each for key, each in charge.items() if key not in {"id", "object"}})
        other |= {"payment_intent": None, "customer": None}
        balance.paid(world, other)
    days_pass(till, 5)
    compare(till)

    told = {(each.ledger_line_id is None, each.is_waiting) for each in PayoutLine.objects.all()}
    assert told == {(False, False), (True, False)}
    assert equal(till)


def test_a_payout_made_by_hand_holds_nobody_knows_what(till: Till, process_stripe_events: Process) -> None:
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    with till.seller.sandbox.platform.lock:
        payouts.by_hand(world, 5000, "gbp")
    days_pass(till, 3)
    process_stripe_events(till.seller.connection)

    made = Payout.objects.get()
    assert (made.is_by_hand, made.is_listed, made.state) == (True, False, PayoutState.PAID)


def test_a_key_that_may_not_read_payouts_fails_no_night(till: Till) -> None:
    pay_for_ticket(till)
    days_pass(till, 5)
    sandbox, key = till.seller.sandbox, till.seller.key
    allowed = [
        f"{each}_write" for each in ("charge", "dispute", "subscription", "invoice", "event", "checkout_session")
    ]
    sandbox.restrict("rk_test_old", of=key, allow=[*allowed, "payment_intent_write", "customer_write"])
    connection = till.seller.connection
    Connection.objects.filter(pk=connection.pk).update(encrypted_key=encrypt("rk_test_old"))
    connection.refresh_from_db()
    compare_everything(connection, timezone.now())

    assert not Payout.objects.exists()


def test_one_movement_that_cannot_be_read_stops_none(till: Till) -> None:
    pay_for_ticket(till)
    pay_for_ticket(till, 1500)
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    days_pass(till, 5)
    broken = next(iter(world.of("balance_transaction", type="charge")))
    kept = json.loads(json.dumps(broken))
    broken["amount"] = 10**12
    compare(till)
    broken |= kept

    assert PayoutLine.objects.count() == 1
    assert [each.kind for each in check_books(now=timezone.now()) if each.kind == "payout"] == ["payout"]


def test_a_movement_of_no_source_is_read() -> None:
    raw = {"id": "txn_1", "type": "stripe_fee", "amount": -200, "fee": 0, "currency": "gbp", "created": 1_900_000_000}
    assert (read_movement(raw).source, read_movement(raw).customer) == ("", "")
