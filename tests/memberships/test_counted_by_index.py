"""How many customers have a membership, and in which state, is counted by an index alone: no row is read."""

from collections.abc import Callable, Generator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memberships.models import Membership
from memberships.queries import count_by_state, memberships_of, prices_of, subscriptions_of
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.memberships.dashboard.conftest import store_membership, store_subscription
from tests.plans import empty, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _by_index() -> Generator[None]:
    """Of a table of a few rows PostgreSQL would read all."""
    ways = ("enable_seqscan", "enable_bitmapscan")
    run(*(f"SET LOCAL {way} = off" for way in ways))
    yield
    run(*(f"SET LOCAL {way} = on" for way in ways))


@pytest.mark.parametrize(
    "count",
    [
        lambda gold: count_by_state(gold.account, subscriptions_of(gold.account)),
        lambda gold: count_by_state(gold.account, subscriptions_of(gold.account).filter(membership=gold)),
        lambda gold: list(memberships_of(gold.account)),
        lambda gold: list(prices_of(gold)),
    ],
    ids=["account", "membership", "memberships", "prices"],
)
def test_no_row_is_read(count: Callable[[Membership], object]) -> None:
    empty("memberships_subscription")
    gold = store_membership(AccountFactory.create())
    for _one in range(3):
        store_subscription(gold, CustomerFactory.create(account=gold.account))
    # As VACUUM leaves it, which cannot be in a transaction: else no index alone is any cheaper.
    run(
        "ANALYZE memberships_subscription",
        "UPDATE pg_class SET relallvisible = 1000 WHERE oid = 'memberships_subscription'::regclass",
    )

    with CaptureQueriesContext(connection) as asked:
        count(gold)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[-1]['sql']}")
        scans = [
            line.strip(" ->").split("  ")[0] for (line,) in cursor.fetchall() if "memberships_subscription" in line
        ]
    assert {scan.partition(" using ")[0] for scan in scans} == {"Index Only Scan"}
