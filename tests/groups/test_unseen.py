"""Those of a group who haven't logged in yet: found by an index of their own, and among them alone."""

import pytest
from django.db import connection

from accounts.models import Account, Customer
from groups.dashboard.members import members_found, page_of_members
from groups.models import Group
from groups.services import add_customers
from tests.browsing import page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, add_member
from tests.jobs.blocks import blocks_of
from tests.worlds.dashboard import Dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon", "new_files")]

MANY = 3000
MOST_BLOCKS = 500
"""For three rows: as many of each of the three tables as an index is deep, and some more."""


@pytest.fixture
def crowded(group: Group) -> Group:
    """A group of very many who have logged in, and three who haven't."""
    account: Account = group.account
    Customer.objects.bulk_create(
        Customer(account=account, email=f"seen{number}@example.org", seen_at=NOW) for number in range(MANY)
    )
    add_customers(group, {f"seen{number}@example.org": "" for number in range(MANY)}, now=NOW)
    add_customers(group, {f"new{number}@example.org": "" for number in range(3)}, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE groups_member, accounts_customer, groups_standing")
    return group


def test_a_page_of_them_reads_no_others(crowded: Group) -> None:
    page = page_of_members(crowded, "", {}, unseen=True, now=NOW)
    assert [each.customer.email for each in page] == [f"new{number}@example.org" for number in (2, 1, 0)]

    found = members_found(crowded, "", unseen=True, now=NOW)[:50]
    assert "Rows Removed by Filter" not in found.explain(analyze=True)
    assert blocks_of(lambda: list(found)) < MOST_BLOCKS


def test_the_list_is_narrowed_and_says_when_they_were_told(group: Group, dashboard: Dashboard) -> None:
    add_member(group, CustomerFactory.create(account=group.account, name="Ada", seen_at=NOW))
    add_member(group, CustomerFactory.create(account=group.account, name="Bea", invited_at=NOW))
    add_member(group, CustomerFactory.create(account=group.account, name="Cy"))

    said = page_text(dashboard.get("group_customers", {"login": "not_yet"}, pk=group.pk))

    assert ("Ada" in said, "Bea" in said, "Cy" in said) == (False, True, True)
    assert said.count("Hasn’t logged in yet") == 2
    assert "Hasn’t logged in yet · Invited 15 Jan 2030" in said
    narrowed = dashboard.get("group_customers_csv", {"login": "not_yet"}, pk=group.pk)
    assert b"Ada" not in b"".join(narrowed.streaming_content)


def test_where_everybody_has_logged_in_the_list_says_so(group: Group, dashboard: Dashboard) -> None:
    add_member(group, CustomerFactory.create(account=group.account, name="Ada", seen_at=NOW))
    said = page_text(dashboard.get("group_customers", {"login": "not_yet"}, pk=group.pk))
    assert "Everyone has logged in" in said
