"""How many customers have a membership, and in which state, is counted by an index alone: no row is read."""

from collections.abc import Callable, Generator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memberships.models import Membership
from memberships.queries import count_by_state, memberships_of, prices_of, subscriptions_of
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.memberships.dashboard.conftest import store_membership, store_subscription
from tests.plans import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _by_index() -> Generator[None]:
    """Of a table of a few rows PostgreSQL would read all."""
    ways = ("enable_seqscan", "enable_bitmapscan")
    run(*(f"SET LOCAL {way} = off" for way in ways))
    yield
    run(*(f"SET LOCAL {way} = on" for way in ways))


@pytest.mark.parametrize(
    ("count", "without"),
    [
        (lambda gold: count_by_state(gold.account, subscriptions_of(gold.account)), "subscriber_listed_in"),
        (
            lambda gold: count_by_state(gold.account, subscriptions_of(gold.account).filter(membership=gold)),
            "subscription_listed_in",
        ),
        (lambda gold: list(memberships_of(gold.account)), "subscription_payers"),
        (lambda gold: list(prices_of(gold)), "subscription_holders"),
    ],
)
def test_no_row_is_read(count: Callable[[Membership], object], without: str) -> None:
    """By an index of its own, without another that is as good for a few rows, and no good for many."""
    gold = store_membership(AccountFactory.create())
    for _one in range(3):
        store_subscription(gold, CustomerFactory.create(account=gold.account))
    run(f"DROP INDEX {without}", "ANALYZE memberships_subscription")

    with CaptureQueriesContext(connection) as asked:
        count(gold)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[-1]['sql']}")
        scans = [
            line.strip(" ->").split("  ")[0] for (line,) in cursor.fetchall() if "memberships_subscription" in line
        ]
    assert {scan.partition(" using ")[0] for scan in scans} == {"Index Only Scan"}
