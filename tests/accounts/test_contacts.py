"""Customers without an address: another customer gets their emails; the database holds what that means."""

from collections.abc import Callable
from typing import Final

import pytest
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from accounts.access import customer_for
from accounts.addresses import AddressTakenError, MainAddressError, add_address, choose_main_address, remove_address
from accounts.contacts import (
    HasContactError,
    NamelessError,
    NoContactError,
    OwnLoginError,
    add_without_address,
    choose_contact,
    give_address,
    in_care_of,
)
from accounts.customers import delete_unused, find_customer, recognise_customer
from accounts.erasing.service import InTheWayError, erase_customer
from accounts.history.acting import acting
from accounts.models import AuditEntry, Customer, CustomerAddress, Deed
from bookwhen.db import violated_constraint
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import NOW

pytestmark = pytest.mark.django_db

MARY: Final = "mary@example.org"
ANN: Final = "ann@example.org"


@pytest.fixture
def mary() -> Customer:
    return CustomerFactory.create(email=MARY, name="Mary Ray")


@pytest.fixture
def ann(mary: Customer) -> Customer:
    return add_without_address(mary, "Ann Ray", phone="+442079460018")


def stored(customer: Customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def refused(change: Callable[[], object]) -> str:
    """The constraint that refuses a change."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        change()
    return violated_constraint(error.value)


def test_a_daughter_has_no_address_and_gets_emails_through_her_mother(mary: Customer, ann: Customer) -> None:
    found = stored(ann)
    assert (found.email, found.reached_at, found.name, found.phone) == ("", MARY, "Ann Ray", "+442079460018")
    assert (found.contact, found.account, found.name_confirmed) == (mary, mary.account, True)
    assert not found.addresses.exists()
    assert list(in_care_of(mary)) == [ann]
    assert find_customer(mary.account, MARY) == mary
    assert Customer.objects.filter(pk=ann.pk, email__isnull=True).exists()


def test_several_have_one_contact(mary: Customer, ann: Customer) -> None:
    ben = add_without_address(mary, "Ben Ray")
    assert list(in_care_of(mary)) == [ann, ben]


def test_sent_twice_it_makes_one(mary: Customer, ann: Customer) -> None:
    assert add_without_address(mary, "  ann  RAY ") == ann
    assert Customer.objects.count() == 2


def test_her_mothers_new_main_address_is_where_her_emails_go(mary: Customer, ann: Customer) -> None:
    choose_main_address(mary, add_address(mary, "mary.ray@example.org", now=NOW))
    assert stored(ann).reached_at == "mary.ray@example.org"


def test_what_is_saved_late_does_not_bring_back_the_old_address(mary: Customer, ann: Customer) -> None:
    late = stored(ann)
    choose_main_address(mary, add_address(mary, "mary.ray@example.org", now=NOW))
    late.save()
    assert stored(ann).reached_at == "mary.ray@example.org"


def test_a_booking_by_the_address_is_her_mothers(mary: Customer, ann: Customer) -> None:
    assert recognise_customer(mary.account, MARY, "Ann Ray", confirmed=False) == mary
    assert stored(ann).contact == mary


def test_given_an_address_of_her_own_she_has_no_contact(mary: Customer, ann: Customer) -> None:
    give_address(ann, "Ann@Example.org")
    found = stored(ann)
    assert (found.email, found.contact, found.contact_email, found.reached_at) == (ANN, None, "", ANN)
    assert find_customer(mary.account, ANN) == ann
    assert list(found.addresses.values_list("email", "proved_at")) == [(ANN, None)]
    assert not in_care_of(mary).exists()


def test_an_address_given_links_the_login_that_has_proved_it(ann: Customer) -> None:
    user = UserFactory.create(email=ANN)
    give_address(ann, ANN)
    assert stored(ann).user == user


def test_an_address_of_somebody_else_is_not_given(mary: Customer, ann: Customer) -> None:
    ben = CustomerFactory.create(account=mary.account, email="ben@example.org")
    add_address(ben, "ben.b@example.org", now=NOW)
    for email, owner in ((MARY, mary), ("ben@example.org", ben), ("ben.b@example.org", ben)):
        with pytest.raises(AddressTakenError) as error:
            give_address(ann, email)
        assert error.value.owner == owner
    assert stored(ann).contact == mary


def test_who_gives_up_their_addresses_gets_emails_through_another(mary: Customer) -> None:
    ann = CustomerFactory.create(account=mary.account, email=ANN, name="Ann Ray")
    add_address(ann, "ann.ray@example.org", now=NOW)
    choose_contact(ann, mary)
    found = stored(ann)
    assert (found.email, found.other_addresses, found.reached_at, found.contact) == ("", "", MARY, mary)
    assert not CustomerAddress.objects.filter(customer=ann).exists()
    assert find_customer(mary.account, ANN) is None


def test_a_contact_is_changed_for_another(mary: Customer, ann: Customer) -> None:
    dad = CustomerFactory.create(account=mary.account, email="dad@example.org")
    choose_contact(ann, dad)
    assert (stored(ann).contact, stored(ann).reached_at) == (dad, "dad@example.org")


def test_who_logs_in_or_is_a_contact_or_has_no_name_gets_no_contact(mary: Customer, ann: Customer) -> None:
    dad = CustomerFactory.create(account=mary.account, name="Dad")
    user = CustomerFactory.create(account=mary.account, name="Eve", user=UserFactory.create())
    with pytest.raises(OwnLoginError):
        choose_contact(user, mary)
    with pytest.raises(HasContactError):
        choose_contact(mary, dad)
    with pytest.raises(NamelessError):
        choose_contact(CustomerFactory.create(account=mary.account, name=""), mary)
    for contact in (ann, dad, CustomerFactory.create(name="Elsewhere")):
        with pytest.raises(NoContactError):
            choose_contact(dad, contact)
    with pytest.raises(NoContactError):
        add_without_address(ann, "Doll")
    assert list(in_care_of(mary)) == [ann]


def test_the_database_refuses_what_no_service_does(mary: Customer, ann: Customer) -> None:
    everybody, elsewhere = Customer.objects, CustomerFactory.create()
    one = CustomerFactory.create(account=mary.account, name="One", user=UserFactory.create())
    theirs = everybody.filter(pk=ann.pk)
    either, reached = "customer_contact_or_address", "customer_contact_reached"
    assert refused(lambda: theirs.update(email="x@example.org")) == either
    assert refused(lambda: theirs.update(contact=None)) == either
    assert refused(lambda: theirs.update(name="")) == either
    assert refused(lambda: theirs.update(user=UserFactory.create())) == either
    assert refused(lambda: theirs.update(contact=elsewhere)) == reached
    assert refused(lambda: theirs.update(contact=ann)) == reached
    assert refused(lambda: everybody.filter(pk=mary.pk).update(contact=one, email="")) == reached
    assert refused(lambda: everybody.filter(pk=one.pk).update(contact=mary)) == either
    assert refused(lambda: everybody.create(account=mary.account, contact=ann, name="Doll")) == reached
    assert refused(lambda: everybody.create(account=mary.account, contact=elsewhere, name="Doll")) == reached
    assert refused(lambda: everybody.create(account=mary.account, name="Doll")) == either
    assert refused(lambda: add_address(stored(ann), "x@example.org", now=NOW)) == either


def test_where_her_emails_go_is_kept_whatever_is_written(mary: Customer, ann: Customer) -> None:
    Customer.objects.filter(pk=ann.pk).update(contact_email="wrong@example.org")
    Customer.objects.filter(pk=mary.pk).update(contact_email="wrong@example.org")
    assert (stored(ann).contact_email, stored(mary).contact_email) == (MARY, "")


def test_the_mother_stays_while_she_gets_the_daughters_emails(mary: Customer, ann: Customer) -> None:
    with pytest.raises(MainAddressError):
        remove_address(mary, mary.addresses.get())
    assert not delete_unused(mary)
    with pytest.raises(RestrictedError):
        mary.delete()
    assert delete_unused(stored(ann))
    assert delete_unused(mary)


def test_who_gets_emails_for_others_is_not_erased_before_them(mary: Customer, ann: Customer) -> None:
    with pytest.raises(InTheWayError, match="They get emails for Ann Ray"):
        erase_customer(mary, now=NOW)

    ann.account = mary.account
    erase_customer(ann, now=NOW)
    erase_customer(mary, now=NOW)
    assert not Customer.objects.filter(erased_at__isnull=True).exists()
    assert not Customer.objects.filter(contact__isnull=False).exists()


def test_an_account_goes_with_all_of_them(mary: Customer, ann: Customer) -> None:
    mary.account.delete()
    assert not Customer.objects.filter(pk__in=[mary.pk, ann.pk]).exists()


def test_her_mothers_login_is_her_mothers(mary: Customer, ann: Customer) -> None:
    user = UserFactory.create(email=MARY)
    assert customer_for(user, mary.account) == mary
    assert stored(ann).user is None


def test_the_history_says_it(mary: Customer) -> None:
    with acting(UserFactory.create(), at=NOW):
        ann = add_without_address(mary, "Ann Ray")
        give_address(ann, ANN)
        choose_contact(stored(ann), mary)
    told = list(AuditEntry.objects.order_by("pk").values_list("action", "label", "changes"))
    through, address = "Gets emails through", "Email address"
    assert told == [
        (Deed.CUSTOMER_ADDED, "Ann Ray", [["Name", "–", "Ann Ray"], [through, "–", "Mary Ray"]]),
        (Deed.CONTACT_CHANGED, "Ann Ray", [[through, "Mary Ray", "–"], [address, "–", ANN]]),
        (Deed.CONTACT_CHANGED, "Ann Ray", [[through, "–", "Mary Ray"], [address, ANN, "–"]]),
    ]
