"""Races about who gets whose emails: a contact goes while somebody is added to them, or gets a contact themselves."""

from collections import Counter

import pytest
from django.db import transaction

from accounts.addresses import add_address, choose_main_address
from accounts.contacts import (
    HasContactError,
    NoContactError,
    add_without_address,
    choose_contact,
    give_address,
    in_care_of,
)
from accounts.models import Customer
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW
from tests.races.crowd import meanwhile, run_at_once, wait_for_everyone

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 8


def mother() -> Customer:
    return CustomerFactory.create(email="mary@example.org", name="Mary Ray")


def test_control_who_looks_first_sees_nobody() -> None:
    """Without the contact held, everybody who adds the same person finds that they are not there."""
    mary, everybody_looked = mother(), wait_for_everyone(CROWD)

    def naive(_number: int) -> bool:
        with transaction.atomic():
            is_new = not in_care_of(mary).exists()
            everybody_looked()
        return is_new

    assert run_at_once(CROWD, naive) == [True] * CROWD


def test_the_same_person_added_at_once_is_one() -> None:
    mary = mother()
    assert len(set(run_at_once(CROWD, lambda _number: add_without_address(mary, "Ann Ray").pk))) == 1
    assert Customer.objects.count() == 2


def test_a_contact_gets_a_contact_while_somebody_is_added_to_them() -> None:
    mary = mother()
    dad = CustomerFactory.create(account=mary.account, name="Dad")

    def act(number: int) -> str:
        try:
            if number % 2:
                add_without_address(mary, f"Ann {number}")
            else:
                choose_contact(mary, dad)
        except (NoContactError, HasContactError) as error:
            return type(error).__name__
        return "done"

    came = Counter(run_at_once(CROWD, act))
    mary.refresh_from_db()
    has_contact, has_others = mary.contact_id is not None, in_care_of(mary).exists()
    assert has_contact != has_others, came


def test_the_database_alone_holds_it_too() -> None:
    """Written past the services, whose locks are a courtesy: the second waits, and is refused."""
    mary = mother()
    dad = CustomerFactory.create(account=mary.account, name="Dad")

    def add() -> object:
        return Customer.objects.create(account=mary.account, contact=mary, name="Ann")

    def go() -> str:
        try:
            with transaction.atomic():
                mary.addresses.all().delete()
                Customer.objects.filter(pk=mary.pk).update(contact=dad, email="")
        except Exception as error:  # noqa: BLE001 - which one is said
            return type(error).__name__
        return "done"

    assert meanwhile(add, go) == (True, "IntegrityError")
    assert in_care_of(mary).count() == 1


def test_somebody_is_added_while_the_main_address_changes() -> None:
    mary = mother()
    other = add_address(mary, "ray@example.org", now=NOW)

    def add() -> Customer:
        return add_without_address(mary, "Ann Ray")

    _waited, ann = meanwhile(lambda: choose_main_address(mary, other), add)
    assert Customer.objects.get(pk=ann.pk).reached_at == "ray@example.org"


def test_an_address_is_given_while_the_contact_is_changed() -> None:
    mary = mother()
    dad = CustomerFactory.create(account=mary.account, name="Dad")
    ann = add_without_address(mary, "Ann Ray")

    def act(number: int) -> None:
        if number % 2:
            choose_contact(ann, dad)
        else:
            give_address(ann, "ann@example.org")

    run_at_once(CROWD, act)
    ann.refresh_from_db()
    assert (ann.email, ann.contact) in {("ann@example.org", None), ("", dad)}
    assert ann.addresses.count() == bool(ann.email)
