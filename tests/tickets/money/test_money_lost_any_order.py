"""Refunds here and in Stripe, disputes and their ends, told in any order or not at all: our sums are Stripe's."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from accounts.models import Letter, Role
from bookwhen.payments import inbox
from bookwhen.payments.handlers import wanted_types
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, StripeEvent
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.errors import Refused
from tests.comparing import compare_everything
from tests.factories.accounts import StaffFactory
from tests.worlds.bank import Bank
from tests.worlds.till import open_till
from tickets.consistency import check_books
from tickets.models import Dispute, DisputeState, LedgerLine, Refund, RefundReason, RefundState
from tickets.money.disputes import STATES
from tickets.money.refunds import RefundTooLargeError, create_refund, submit_due_refunds

HISTORIES: Final = 12
PAID: Final = 4000
NUMBERS: Final = st.integers(0, 99)
AMOUNTS: Final = st.sampled_from([1000, 1000, 1500, 4000])
MAY_BE: Final = {"failed", "gone_twice"}
"""What the books may find: a refund that Stripe refused, and a bank that gave back what was refunded."""


class MoneyLife:
    """One payment of 40.00, and all that can become of it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.till = till = open_till(sandbox)
        StaffFactory.create(account=till.account, role=Role.OWNER)
        entry = till.entry()
        self.payment = till.pay(till.fill(entry, till.ticket(entry, PAID)))
        self.bank, self.world = Bank(sandbox), sandbox.platform.worlds[till.seller.key]

    def refund_here(self, amount: int) -> None:
        create_refund(self.payment.pk, amount, RefundReason.OPERATOR, now=timezone.now())

    def refund_there(self, amount: int) -> None:
        self.bank.refund(self.payment.intent, amount)

    def send(self, _amount: int) -> None:
        submit_due_refunds(now=timezone.now() + timedelta(hours=1))

    def let_a_refund_fail(self, amount: int) -> None:
        self.bank.refund_becomes(_pick(self.world.of("refund"), amount), "failed")

    def refund_there_slowly(self, amount: int) -> None:
        self.bank.refund_becomes(self.bank.refund(self.payment.intent, amount), "pending")

    def let_a_refund_arrive(self, amount: int) -> None:
        self.bank.refund_becomes(_pick(self.world.of("refund", status="pending"), amount), "succeeded")

    def dispute(self, amount: int) -> None:
        self.bank.dispute(self.payment.intent, amount)

    def ask(self, amount: int) -> None:
        self.bank.dispute(self.payment.intent, amount, inquiry=True)

    def escalate(self, amount: int) -> None:
        self.bank.escalates(_pick(self.world.of("dispute"), amount))

    def win(self, amount: int) -> None:
        self.bank.decides(_pick(self.world.of("dispute"), amount), "won")

    def lose(self, amount: int) -> None:
        self.bank.decides(_pick(self.world.of("dispute"), amount), "lost")

    def hear(self, numbers: list[int]) -> None:
        """Some of Stripe's events reach us, perhaps not for the first time; a worker looks at each."""
        events = [event for event in self.world.of("event") if event["type"] in wanted_types()]
        for number in numbers:
            told = IncomingEvent.read(json.loads(json.dumps(events[number % len(events)])))
            now = timezone.now()
            inbox.receive_event(self.till.seller.connection.pk, told, EventSource.WEBHOOK, now=now)
            inbox.process_event(StripeEvent.objects.get(stripe_id=told.id).pk, now=now)

    def compare(self) -> None:
        """What is waiting is sent, and then the night compares everything."""
        self.send(0)
        compare_everything(self.till.seller.connection, timezone.now())


ACTS: Final[tuple[Callable[[MoneyLife, int], None], ...]] = (
    MoneyLife.refund_here,
    MoneyLife.refund_here,
    MoneyLife.refund_there,
    MoneyLife.send,
    MoneyLife.let_a_refund_fail,
    MoneyLife.refund_there_slowly,
    MoneyLife.let_a_refund_arrive,
    MoneyLife.dispute,
    MoneyLife.ask,
    MoneyLife.escalate,
    MoneyLife.win,
    MoneyLife.lose,
)


def _pick(among: list[Any], number: int) -> str:
    """One of them (its id); without any it is refused."""
    if not among:
        message = "There is none."
        raise Refused(404, message)
    return str(among[number // 500 % len(among)]["id"])


def is_as_at_stripe(life: MoneyLife) -> None:
    """What was refunded and lost, how far each is, and who was told: as Stripe has it, and once."""
    life.payment.refresh_from_db()
    mine = {"account": life.till.account}
    assert (life.payment.refunded, life.payment.withdrawn) == life.bank.sums(life.payment.intent)
    assert LedgerLine.objects.filter(**mine).aggregate(all=Sum("amount"))["all"] == life.payment.net
    theirs = {each["id"]: STATES.get(each["status"], DisputeState.INQUIRY) for each in life.world.of("dispute")}
    assert dict(Dispute.objects.filter(**mine).values_list("stripe_id", "state")) == theirs
    done = [each["id"] for each in life.world.of("refund") if each["status"] == "succeeded"]
    ours = Refund.objects.filter(**mine, state=RefundState.DONE).values_list("stripe_id", flat=True)
    assert sorted(ours) == sorted(done)
    assert not Refund.objects.filter(**mine, state=RefundState.QUEUED).exists()
    assert {each.kind for each in check_books(**mine, now=timezone.now())} <= MAY_BE
    told = Counter(Letter.objects.filter(**mine, kind="dispute_closed").values_list("dedupe", flat=True))
    assert sum(told.values()) <= len(theirs)


@pytest.mark.django_db
def test_p13_whatever_reaches_us_our_sums_are_stripes_in_the_end(stripe_here: Sandbox) -> None:
    lived = 0

    # Two of ours were waiting when all was refunded in Stripe: there was no room for the whole of it yet.
    @example(
        acts=[
            (MoneyLife.refund_here, 1000, []),
            (MoneyLife.refund_here, 1000, []),
            (MoneyLife.refund_there, 4000, []),
        ],
        late=[],
    )
    @settings(
        max_examples=HISTORIES,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        acts=st.lists(st.tuples(st.sampled_from(ACTS), AMOUNTS, st.lists(NUMBERS, max_size=3)), min_size=2, max_size=9),
        late=st.lists(NUMBERS, max_size=6),
    )
    def live(acts: list[tuple[Callable[[MoneyLife, int], None], int, list[int]]], late: list[int]) -> None:
        nonlocal lived
        stripe_here.reset()
        life = MoneyLife(stripe_here)
        for act, amount, heard in acts:
            with suppress(Refused, RefundTooLargeError):  # what is over or not there cannot be changed
                act(life, amount)
            life.hear(heard)
        life.hear(late)
        for _ in range(2):
            life.compare()
        is_as_at_stripe(life)
        lived += 1

    live()
    assert lived >= HISTORIES
