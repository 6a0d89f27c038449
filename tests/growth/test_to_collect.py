"""What there is to collect is read of the index of what is owed: nothing of it grows with what was booked and paid."""

from collections.abc import Callable
from typing import Final

import pytest

from accounts.models import Account
from bench.scale import dataset
from bench.scale.meter import measure
from bookwhen.keyset import keyset_page
from tickets.dashboard.studio.reading import ORDER, debtors, owed_by, owing_customers, to_collect_in_all
from tickets.models import Seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(grown: None) -> Account:
    return dataset.studio(dataset.BIG)


PLANNING: Final = 12
"""Up to so many blocks of each table and index PostgreSQL looks at to make a plan."""


def read_by(act: Callable[[], object]) -> dict[str, int]:
    """How many blocks of which tables and indexes were looked at, but for planning."""
    cost = measure(act, times=1)
    assert cost
    return {name: blocks for name, blocks in cost.relations.items() if blocks > PLANNING}


def test_all_that_is_owed_is_added_up_by_its_index_alone(studio: Account) -> None:
    read = read_by(lambda: to_collect_in_all(studio))
    assert set(read) <= {"seat_to_collect"}, read


@pytest.mark.parametrize("credit", [True, False])
def test_who_owes_is_found_by_that_index_and_their_key(studio: Account, credit: bool) -> None:  # noqa: FBT001
    owing = Seat.objects.filter(account=studio).exclude(owed=0).values("customer").distinct().count()
    assert 10 < owing < studio.customers.count() / 10
    read = read_by(lambda: list(owing_customers(studio, credit=credit).order_by(*ORDER)))
    assert set(read) <= {"seat_to_collect", "accounts_customer", "accounts_customer_pkey"}, read
    # Their sum is looked up where they are chosen, and once more where they are ordered.
    assert sum(read.values()) < owing * 12


def test_a_page_of_them_reads_what_it_lists(studio: Account) -> None:
    page = keyset_page(owing_customers(studio, credit=False), ORDER, {}, size=25)
    read = read_by(lambda: debtors(studio, page.rows))
    assert sum(read.values()) < 25 * 40
    assert sum(read_by(lambda: owed_by(page.rows[0])).values()) < 10
