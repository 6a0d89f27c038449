"""Recognising one customer in one statement: as the way for many does it, whatever was known before."""

from itertools import product
from typing import Final

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.customers import get_or_create_customers, recognise_customer
from accounts.models import Account, Customer, User
from tests.factories.accounts import AccountFactory, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db

ADA: Final = "ada@example.org"
KNOWN: Final[dict[str, dict[str, object] | None]] = {
    "nobody": None,
    "named": {"name": "Ada", "name_confirmed": True},
    "named by a guest": {"name": "Add", "name_confirmed": False},
    "nameless": {"name": "", "name_confirmed": True},
    "nameless, not confirmed": {"name": "", "name_confirmed": False},
}
LOGINS: Final = ("none", "proved", "not proved", "not active", "linked here already", "known elsewhere")
TYPED: Final = ("Ada Lovelace", "", "ada@example.org", "  Ada\n L. ")


def make_login(kind: str, account: Account, customer: Customer | None) -> None:
    if kind == "none":
        return
    user = UserFactory.create(email=ADA, proved=kind != "not proved", is_active=kind != "not active")
    if kind == "not proved":
        EmailAddress.objects.create(user=user, email=ADA, verified=False, primary=True)
    if kind == "linked here already":
        CustomerFactory.create(account=account, user=user)
    if kind == "known elsewhere":
        CustomerFactory.create(email=ADA, user=user)
    if kind == "proved" and customer is not None and customer.name == "Ada":
        # Theirs already.
        Customer.objects.filter(pk=customer.pk).update(user=user)


def told(customer: Customer) -> tuple[object, ...]:
    said = (customer.email, customer.name, customer.name_confirmed, customer.user_id, customer.seen_at)
    customer.refresh_from_db()
    kept = (customer.email, customer.name, customer.name_confirmed, customer.user_id, customer.seen_at)
    assert said == kept
    return kept


@pytest.mark.parametrize(("known", "login"), list(product(KNOWN, LOGINS)))
def test_one_is_recognised_as_many_are(known: str, login: str) -> None:
    account, facts = AccountFactory.create(), KNOWN[known]
    customer = None if facts is None else CustomerFactory.create(account=account, email=ADA, **facts)
    make_login(login, account, customer)

    for typed, confirmed in product(TYPED, (True, False)):
        found = []
        for one in (True, False):
            with transaction.atomic():
                [seen] = (
                    [recognise_customer(account, ADA, typed, confirmed=confirmed)]
                    if one
                    else get_or_create_customers(account, {ADA: typed}, confirmed=confirmed)
                )
                assert customer is None or seen.pk == customer.pk
                assert seen.account_id == account.pk
                found.append(told(seen))
                transaction.set_rollback(True)
        assert found[0] == found[1]


def test_it_is_one_statement_and_writes_nothing_of_who_is_known() -> None:
    account = AccountFactory.create()
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        made = recognise_customer(account, ADA, "Ada", confirmed=False)
    assert len([query for query in captured.captured_queries if not is_frame(query["sql"])]) == 1
    version = row_version(made)

    assert recognise_customer(account, ADA, "Somebody Else", confirmed=False) == made
    assert row_version(made) == version

    recognise_customer(account, ADA, "Ada Lovelace", confirmed=True)
    assert row_version(made) != version


def test_a_customer_of_another_account_is_somebody_else() -> None:
    there = CustomerFactory.create(email=ADA, name="Ada there")
    here = recognise_customer(AccountFactory.create(), ADA, "Ada here", confirmed=False)

    assert (here.name, here == there, User.objects.count()) == ("Ada here", False, 0)


def is_frame(sql: str | None) -> bool:
    return (sql or "").startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))


def row_version(customer: Customer) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid, xmin FROM accounts_customer WHERE id = %s", [customer.pk])
        return tuple(cursor.fetchone())
