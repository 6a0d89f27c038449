"""Several addresses of one customer: they are found by any, and only proved ones log in."""

from datetime import UTC, datetime
from typing import Final

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction

from accounts.access import customer_for
from accounts.addresses import (
    AddressTakenError,
    MainAddressError,
    add_address,
    choose_main_address,
    remove_address,
)
from accounts.customers import (
    find_customer,
    get_or_create_customers,
    link_proved_customers,
    recognise_customer,
    recognise_customers,
)
from accounts.models import Account, Customer, CustomerAddress
from tests.factories.accounts import AccountFactory, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW: Final = datetime(2030, 1, 15, 12, tzinfo=UTC)
ADA: Final = "ada@example.org"
OLD: Final = "ada.old@example.org"


@pytest.fixture
def customer() -> Customer:
    return CustomerFactory.create(email=ADA, name="Ada")


def addresses(customer: Customer) -> list[str]:
    return sorted(customer.addresses.values_list("email", flat=True))


def address_of(customer: Customer, email: str) -> CustomerAddress:
    return customer.addresses.get(email=email)


def others(customer: Customer) -> str:
    customer.refresh_from_db()
    return customer.other_addresses


def check_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_every_customer_has_their_own_address_among_theirs(customer: Customer) -> None:
    Customer.objects.bulk_create(Customer(account=customer.account, email=f"n{n}@example.org") for n in range(3))
    found = CustomerAddress.objects.filter(account=customer.account).values_list("customer__email", "email")
    assert sorted(found) == sorted((email, email) for email in (ADA, *(f"n{n}@example.org" for n in range(3))))
    assert others(customer) == ""


def test_they_are_recognised_by_any_of_them(customer: Customer) -> None:
    add_address(customer, " ADA.Old@Example.org ", now=NOW)
    assert addresses(customer) == [OLD, ADA]

    for email in (ADA, OLD):
        seen = recognise_customer(customer.account, email, "Somebody", confirmed=False)
        assert (seen, seen.email, seen.name) == (customer, ADA, "Ada")
        assert get_or_create_customers(customer.account, {email: ""}, confirmed=False) == [customer]
        assert find_customer(customer.account, email) == customer
    assert get_or_create_customers(customer.account, {ADA: "", OLD: ""}, confirmed=True) == [customer]
    found = recognise_customers(customer.account, {OLD: "", "new@example.org": "N"}, confirmed=True)
    assert (found[OLD], found["new@example.org"].name) == (customer, "N")
    assert Customer.objects.count() == 2


def test_a_booking_by_another_address_says_that_one_alone(customer: Customer) -> None:
    add_address(customer, OLD, now=NOW)
    assert recognise_customer(customer.account, OLD, "", confirmed=False).recognised_by == OLD
    assert recognise_customer(customer.account, ADA, "", confirmed=False).recognised_by == ""


def test_a_name_that_is_confirmed_is_given_by_any_of_them() -> None:
    customer = CustomerFactory.create(email=ADA, name="", name_confirmed=True)
    add_address(customer, OLD, now=NOW)
    assert recognise_customer(customer.account, OLD, "Ada L.", confirmed=True).name == "Ada L."
    assert (customer.account.customers.get().name, addresses(customer)) == ("Ada L.", [OLD, ADA])


def test_no_address_is_two_customers(customer: Customer) -> None:
    other = CustomerFactory.create(account=customer.account, email="bea@example.org")
    for taken in ("bea@example.org", "BEA@example.org"):
        with pytest.raises(AddressTakenError) as refused:
            add_address(customer, taken, now=NOW)
        assert refused.value.owner == other
    add_address(other, OLD, now=NOW)
    with pytest.raises(AddressTakenError):
        add_address(customer, OLD, now=NOW)
    with pytest.raises(IntegrityError, match="customer_address_once"), transaction.atomic():
        Customer.objects.create(account=customer.account, email=OLD)
    with pytest.raises(IntegrityError, match="another customer"), transaction.atomic():
        Customer.objects.filter(pk=customer.pk).update(email=OLD)
    # Another account knows other people.
    add_address(CustomerFactory.create(), ADA, now=NOW)


def test_the_main_one_is_chosen_and_the_others_are_removed(customer: Customer) -> None:
    added = add_address(customer, OLD, now=NOW)
    assert others(customer) == OLD
    choose_main_address(customer, added)
    assert (others(customer), customer.email) == (ADA, OLD)
    with pytest.raises(MainAddressError):
        remove_address(customer, added)

    remove_address(customer, address_of(customer, ADA))
    assert (others(customer), addresses(customer)) == ("", [OLD])
    check_deferred()
    made = recognise_customer(customer.account, ADA, "Another Ada", confirmed=False)
    assert made != customer


def test_the_database_keeps_the_main_one(customer: Customer) -> None:
    with transaction.atomic():
        customer.addresses.all().delete()
        with pytest.raises(IntegrityError, match="keeps the address"):
            check_deferred()
        transaction.set_rollback(True)
    customer.delete()
    check_deferred()
    assert not CustomerAddress.objects.exists()


# Logging in


def test_whoever_proves_an_address_that_the_studio_added_is_that_customer(customer: Customer) -> None:
    add_address(customer, OLD, now=NOW)
    user = UserFactory.create(email=OLD, proved=True)
    link_proved_customers(user)
    assert customer_for(user, customer.account) == customer


def test_an_address_that_was_proved_before_links_when_it_is_added(customer: Customer) -> None:
    user = UserFactory.create(email=OLD, proved=True)
    add_address(customer, OLD, now=NOW)
    customer.refresh_from_db()
    assert customer.user == user


def test_a_login_gains_nothing_by_what_a_studio_adds(customer: Customer) -> None:
    owner = UserFactory.create(email=ADA, proved=True)
    link_proved_customers(owner)
    stranger = UserFactory.create(email=OLD, proved=True)
    customer.refresh_from_db()
    add_address(customer, OLD, now=NOW)
    link_proved_customers(stranger)

    assert customer_for(stranger, customer.account) is None
    assert customer_for(owner, customer.account) == customer
    assert list(EmailAddress.objects.filter(user=owner).values_list("email", flat=True)) == [ADA]


def test_an_address_that_nobody_proved_logs_nobody_in(customer: Customer) -> None:
    add_address(customer, OLD, now=NOW)
    user = UserFactory.create(email=OLD, proved=False)
    assert customer_for(user, customer.account) is None


def test_taken_away_it_takes_the_login_that_came_by_it(customer: Customer) -> None:
    added = add_address(customer, OLD, now=NOW)
    user = UserFactory.create(email=OLD, proved=True)
    link_proved_customers(user)
    remove_address(customer, added)
    customer.refresh_from_db()
    assert (customer.user, customer_for(user, customer.account)) == (None, None)

    owner = UserFactory.create(email=ADA, proved=True)
    again = add_address(customer, "third@example.org", now=NOW)
    link_proved_customers(owner)
    remove_address(customer, again)
    customer.refresh_from_db()
    assert customer.user == owner


def test_who_has_a_customer_here_already_keeps_that_one(customer: Customer) -> None:
    user = UserFactory.create(email=OLD, proved=True)
    theirs = CustomerFactory.create(account=customer.account, user=user)
    add_address(customer, OLD, now=NOW)
    customer.refresh_from_db()
    assert (customer.user, customer_for(user, customer.account)) == (None, theirs)


def test_another_account_is_another_world() -> None:
    here, there = AccountFactory.create(), AccountFactory.create()
    customer = CustomerFactory.create(account=here, email=ADA)
    add_address(customer, OLD, now=NOW)
    assert recognise_customer(there, OLD, "", confirmed=False) != customer
    assert Account.objects.count() == 2
