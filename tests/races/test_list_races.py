"""Races about lists that come in: somebody else makes a customer at the instant at which a list brings them."""

import pytest
from django.utils import timezone

from accounts.addresses import add_address
from accounts.customers import find_customer, recognise_customer
from accounts.imports.services import confirm_import
from accounts.models import Customer
from accounts.operations.running import run_operation
from groups.models import Member
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory
from tests.races.crowd import meanwhile
from tests.worlds.listed import judge, states

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("how", ["booked", "added"])
def test_whom_somebody_else_makes_at_this_instant_is_one_customer(how: str) -> None:
    group = GroupFactory.create()
    account, there = group.account, CustomerFactory.create(account=group.account)
    # Of several rows each would be tried once more alone, which finds whom the other has made by then.
    found = judge(account, "Name,Email\nAda Ray,new@example.org\n", group=str(group.pk))
    confirm_import(found, now=timezone.now())

    def make() -> None:
        if how == "booked":
            recognise_customer(account, "new@example.org", "", confirmed=False)
        else:
            add_address(there, "new@example.org", now=NOW)

    def bring() -> None:
        while run_operation(found.operation_id):
            pass

    waited, _nothing = meanwhile(make, bring)

    assert (waited, states(found)) == (True, {"applied": 1})
    owner = find_customer(account, "new@example.org")
    assert owner is not None
    assert (owner == there) == (how == "added")
    assert Member.objects.filter(customer=owner).count() == 1
    assert Customer.objects.filter(account=account).count() == (2 if how == "booked" else 1)
