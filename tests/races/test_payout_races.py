"""Workers that follow the same payout at once: it and its lines are here once; a control shows them doubled without."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from django.db import IntegrityError, connection
from django.db.models import Sum

from bookwhen.payments.gateway import Gateway
from bookwhen.payments.gateway_payouts import movements_of, retrieve_payout
from bookwhen.sandbox.stripe import Sandbox
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.tickets.checkout.test_edges import pay_for_ticket
from tests.worlds.till import Till, open_till
from tickets.models import LedgerLine, Payout, PayoutLine, PayoutState
from tickets.money import payout_lines
from tickets.money.payouts import sync_payout

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD: Final = 4
PAID: Final = (1000, 1500, 2000)
GUARDS: Final = (
    ("tickets_payout", "payout_once", "UNIQUE (account_id, stripe_id)"),
    ("tickets_payoutline", "tickets_payoutline_ledger_line_id_key", "UNIQUE (ledger_line_id)"),
)
"""What the database refuses: a payout that is here already, and a movement of the ledger that a payout holds."""


@pytest.fixture
def till(stripe_here: Sandbox) -> Till:
    stripe_here.platform.pays_out = True
    return open_till(stripe_here)


@pytest.fixture
def payout(till: Till) -> str:
    """One at Stripe of three payments, that we have not heard of."""
    for price in PAID:
        pay_for_ticket(till, price)
    till.seller.sandbox.advance(str(5 * 86_400))
    [made] = till.seller.sandbox.platform.worlds[till.seller.key].of("payout")
    return str(made["id"])


def follow(till: Till, payout: str) -> list[Any]:
    return run_at_once(CROWD, lambda _number: sync_payout(till.seller.connection, payout))


def held() -> tuple[int, int, int]:
    """How many payouts there are, how many lines, and what was paid according to these."""
    return Payout.objects.count(), PayoutLine.objects.count(), PayoutLine.objects.aggregate(sum=Sum("amount"))["sum"]


def test_it_is_heard_of_by_many_workers_at_once(till: Till, payout: str) -> None:
    followed = follow(till, payout)

    assert {each.stripe_id for each in followed} == {payout}
    assert held() == (1, len(PAID), sum(PAID))
    assert LedgerLine.objects.filter(payout_line=None).count() == 0


def test_its_lines_become_known_to_many_workers_at_once(till: Till, payout: str) -> None:
    known = sync_payout(till.seller.connection, payout)
    assert known
    PayoutLine.objects.all().delete()
    Payout.objects.filter(pk=known.pk).update(is_listed=False, state=PayoutState.PENDING)

    follow(till, payout)

    assert held() == (1, len(PAID), sum(PAID))
    assert Payout.objects.get().is_listed


def write_naively(till: Till, payout: str) -> list[str]:
    """Workers that look whether it is here, read what it holds, and then write it, with no row held."""
    gateway, looked = Gateway.of(till.seller.connection), wait_for_everyone(CROWD)
    reading = retrieve_payout(gateway, payout)
    movements = movements_of(gateway, payout)

    def write(_number: int) -> str:
        finder = payout_lines.Finder(till.account, till.seller.connection, gateway)
        lines = [line for each in movements for line in payout_lines.lines_of(till.account, each, finder.find(each))]
        is_new = not Payout.objects.filter(account=till.account, stripe_id=payout).exists()
        looked()
        assert is_new
        try:
            made = Payout.objects.create(
                account=till.account,
                connection=till.seller.connection,
                stripe_id=payout,
                amount=reading.amount,
                currency=reading.currency,
                state=PayoutState.PAID,
                arrives_on=reading.arrives_on,
                created_at=datetime(2030, 1, 15, tzinfo=UTC),
                is_listed=True,
            )
            for each in lines:
                each.payout = made
            PayoutLine.objects.bulk_create(lines)
        except IntegrityError:
            return "refused"
        return "written"

    return sorted(run_at_once(CROWD, write))


@contextmanager
def without_guards() -> Iterator[None]:
    def alter(words: Callable[[str, str], str]) -> None:
        with connection.cursor() as cursor:
            for table, name, rule in GUARDS:
                cursor.execute(f"ALTER TABLE {table} {words(name, rule)}")

    alter(lambda name, _rule: f"DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        Payout.objects.all().delete()
        alter(lambda name, rule: f"ADD CONSTRAINT {name} {rule}")


def test_who_holds_no_row_is_refused_by_the_database(till: Till, payout: str) -> None:
    assert write_naively(till, payout) == ["refused"] * (CROWD - 1) + ["written"]
    assert held() == (1, len(PAID), sum(PAID))


def test_control_without_the_constraints_the_studio_is_paid_out_several_times(till: Till, payout: str) -> None:
    with without_guards():
        assert write_naively(till, payout) == ["written"] * CROWD
        assert held() == (CROWD, CROWD * len(PAID), CROWD * sum(PAID))
