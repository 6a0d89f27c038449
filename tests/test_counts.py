"""Counts that stop at a thousand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from bookwhen.counts import MOST, CappedCount, CappedCountOf, add_up, capped_count, capped_counts
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.plans import run


@pytest.mark.parametrize(
    ("counted", "said"), [(0, "0"), (1, "1"), (999, "999"), (1000, "1,000"), (1001, "1,000+"), (5000, "1,000+")]
)
def test_more_than_a_thousand_is_only_known_to_be_more(counted: int, said: str) -> None:
    count = CappedCount(counted)
    assert (str(count), bool(count), count.is_more) == (said, counted > 0, counted > 1000)


def test_several_are_added_up() -> None:
    assert str(add_up([CappedCount(600), CappedCount(401)])) == "1,000+"
    assert (str(add_up([CappedCount(1), CappedCount(2)])), add_up([])) == ("3", None)


@pytest.mark.django_db
def test_they_are_counted_in_one_statement_which_reads_no_more() -> None:
    account = AccountFactory.create()
    ada = CustomerFactory.create(account=account, email="ada@example.org", name="Ada")
    run(
        "INSERT INTO accounts_customer (account_id, email, name, created_at)"
        " SELECT %(account)s, number || '@example.com', '', now() FROM generate_series(1, 1500) AS number",
        account=account.pk,
    )
    everybody = account.customers.order_by("name")
    with CaptureQueriesContext(connection) as asked:
        found = capped_counts(
            account, {"all": everybody, "named": everybody.exclude(name=""), "none": everybody.none()}
        )
    assert {name: count.counted for name, count in found.items()} == {"all": MOST + 1, "named": 1, "none": 0}
    assert (len(asked), capped_count(everybody).counted) == (1, MOST + 1)
    of_account = Customer.objects.filter(account=account.pk, pk=ada.pk)
    of_them = of_account.annotate(of_them=CappedCountOf(everybody)).values_list("of_them", flat=True)
    assert str(of_them.get()) == "1,000+"
