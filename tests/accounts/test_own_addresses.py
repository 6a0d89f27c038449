"""The addresses of a login: added, chosen and removed by their owner alone, and known to every studio of theirs."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.access import customer_for
from accounts.addresses import add_address
from accounts.history.acting import acting
from accounts.history.forgetting import erase_colleague
from accounts.identity import DeadLinkError, choose_password, write_token
from accounts.login_addresses import (
    MOST_ADDRESSES,
    AddressNeededError,
    MainLoginAddressError,
    OtherLoginError,
    OwnAddressError,
    TooManyAddressesError,
    add_login_address,
    addresses_of,
    choose_login_address,
    read_address_link,
    remove_login_address,
    send_address_link,
)
from accounts.logins import get_or_create_login, login_of
from accounts.models import Account, AuditEntry, Customer, CustomerAddress, Letter, Role, User
from accounts.services import add_staff
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory, UserFactory
from tests.two_step import PASSWORD

pytestmark = pytest.mark.django_db

NOW: Final = datetime(2030, 1, 15, 12, tzinfo=UTC)
ADA: Final = "ada@example.org"
NEW: Final = "ada.new@example.org"


@pytest.fixture
def ada() -> User:
    return UserFactory.create(email=ADA)


@pytest.fixture
def customer(ada: User) -> Customer:
    return CustomerFactory.create(email=ADA, name="Ada", user=ada)


def asked_link(user: User, email: str) -> str:
    """The secret of the link that is sent to an address."""
    send_address_link(user, email, now=NOW)
    letter = Letter.objects.filter(recipient=email.lower(), kind="address_link").latest("pk")
    found = re.search(r"/my/details/addresses/confirm/([^/]+)/", letter.text)
    assert found is not None
    return found[1]


def add(user: User, email: str) -> list[Account]:
    return add_login_address(user, asked_link(user, email), now=NOW)


def own(user: User, email: str) -> EmailAddress:
    return EmailAddress.objects.get(user=user, email=email)


def emails(user: User) -> list[str]:
    return [each.email for each in addresses_of(user)]


def known(customer: Customer) -> dict[str, datetime | None]:
    return dict(CustomerAddress.objects.filter(customer=customer).values_list("email", "proved_at"))


def told() -> list[tuple[str, str]]:
    letters = Letter.objects.filter(kind="login_changed").order_by("pk")
    return [(each.recipient, each.subject) for each in letters]


def test_an_address_that_is_proved_logs_in_and_every_studio_knows_it(ada: User, customer: Customer) -> None:
    elsewhere = CustomerFactory.create(email="old@example.org", user=ada)
    assert add(ada, "Ada.New@Example.org") == []
    assert emails(ada) == [ADA, NEW]
    assert known(customer) == {ADA: None, NEW: NOW}
    assert known(elsewhere) == {"old@example.org": None, NEW: NOW}
    assert told() == [(each, "An email address was added to your login") for each in (ADA, NEW)]
    assert Client().login(email=NEW, password=PASSWORD)
    assert login_of(NEW) == ada


def test_what_the_address_booked_before_is_theirs_now(ada: User) -> None:
    guest = CustomerFactory.create(email=NEW)
    add(ada, NEW)
    guest.refresh_from_db()
    assert (guest.user, customer_for(ada, guest.account)) == (ada, guest)
    assert known(guest) == {NEW: NOW}


def test_nothing_happens_before_the_link_is_used_and_it_is_used_once(ada: User, customer: Customer) -> None:
    token = asked_link(ada, NEW)
    assert (emails(ada), known(customer)) == ([ADA], {ADA: None})
    add_login_address(ada, token, now=NOW)
    remove_login_address(ada, own(ada, NEW), now=NOW)
    choose_password(write_token(ADA, next_path="", user=ada, now=NOW), password="another horse", name="", now=NOW)
    ada.refresh_from_db()
    with pytest.raises(DeadLinkError):
        add_login_address(ada, token, now=NOW)


def test_a_link_serves_the_login_that_asked_for_it_alone(ada: User) -> None:
    mallory = UserFactory.create(email="mallory@example.org")
    victim = CustomerFactory.create(email=NEW)
    token = asked_link(mallory, NEW)
    with pytest.raises(DeadLinkError):
        add_login_address(ada, token, now=NOW)
    with pytest.raises(DeadLinkError):
        read_address_link(token, mallory, now=NOW + timedelta(days=1))
    victim.refresh_from_db()
    assert (victim.user, EmailAddress.objects.filter(email=NEW).exists()) == (None, False)


def test_an_address_with_a_login_gets_a_letter_without_a_link(ada: User) -> None:
    UserFactory.create(email=NEW)
    send_address_link(ada, NEW, now=NOW)
    letter = Letter.objects.get(recipient=NEW)
    assert letter.subject == "This address already has a login"
    assert "confirm/" not in letter.text


def test_it_became_another_logins_in_between(ada: User) -> None:
    token = asked_link(ada, NEW)
    UserFactory.create(email=NEW)
    with pytest.raises(OtherLoginError):
        add_login_address(ada, token, now=NOW)
    assert emails(ada) == [ADA]


def test_another_customer_of_the_studio_keeps_the_address(ada: User, customer: Customer) -> None:
    bob = CustomerFactory.create(account=customer.account, email="bob@example.org", user=UserFactory.create())
    add_address(bob, NEW, now=NOW)
    assert add(ada, NEW) == [customer.account]
    assert (known(customer), set(known(bob))) == ({ADA: None}, {"bob@example.org", NEW})
    assert choose_login_address(ada, own(ada, NEW), now=NOW) == [customer.account]
    customer.refresh_from_db()
    assert (ada.email, customer.email) == (NEW, ADA)
    with pytest.raises(AddressNeededError):
        remove_login_address(ada, own(ada, ADA), now=NOW)
    assert emails(ada) == [NEW, ADA]


def test_the_main_address_is_changed_everywhere_and_both_are_told(ada: User, customer: Customer) -> None:
    add(ada, NEW)
    Letter.objects.all().delete()
    assert choose_login_address(ada, own(ada, NEW), now=NOW) == []
    ada.refresh_from_db()
    customer.refresh_from_db()
    assert (ada.email, customer.email, customer.other_addresses) == (NEW, NEW, ADA)
    assert emails(ada) == [NEW, ADA]
    assert told() == [(ADA, "Your main email address was changed"), (NEW, "Your main email address was changed")]
    assert Client().login(email=ADA, password=PASSWORD)


def test_the_old_address_is_removed_everywhere_and_logs_nobody_in(ada: User, customer: Customer) -> None:
    add(ada, NEW)
    with pytest.raises(MainLoginAddressError):
        remove_login_address(ada, own(ada, ADA), now=NOW)
    choose_login_address(ada, own(ada, NEW), now=NOW)
    Letter.objects.all().delete()
    remove_login_address(ada, own(ada, ADA), now=NOW)
    customer.refresh_from_db()
    assert (customer.email, customer.other_addresses, customer.user) == (NEW, "", ada)
    assert told() == [
        (NEW, "An email address was removed from your login"),
        (ADA, "An email address was removed from your login"),
    ]
    assert not Client().login(email=ADA, password=PASSWORD)


def test_removing_the_address_a_studio_writes_to_has_it_write_to_the_main_one(ada: User) -> None:
    add(ada, NEW)
    later = CustomerFactory.create(email=NEW, user=ada)
    remove_login_address(ada, own(ada, NEW), now=NOW)
    later.refresh_from_db()
    assert (later.email, later.user, known(later)) == (ADA, ada, {ADA: NOW})


def test_a_password_can_be_reset_at_each_address_of_one_login(ada: User) -> None:
    add(ada, NEW)
    token = write_token(NEW, next_path="", user=login_of(NEW), now=NOW)
    assert choose_password(token, password="another horse", name="", now=NOW) == ada
    assert emails(ada) == [ADA, NEW]
    assert [each.primary for each in addresses_of(ada)] == [True, False]
    assert User.objects.count() == 1


def test_who_is_on_a_team_is_known_there_by_the_address_they_were_invited_at(ada: User) -> None:
    add(ada, NEW)
    staff = add_staff(AccountFactory.create(plan="plus"), email=NEW, role=Role.LEADER, now=NOW)
    assert (staff.user, staff.email, str(staff)) == (ada, NEW, f"{NEW}: Leader")
    assert Letter.objects.get(kind="team_invitation").recipient == NEW
    assert StaffFactory.create(user=ada).email == ADA


def test_no_address_twice_and_not_too_many(ada: User) -> None:
    with pytest.raises(OwnAddressError):
        send_address_link(ada, "ADA@example.org", now=NOW)
    for number in range(MOST_ADDRESSES - 1):
        EmailAddress.objects.create(user=ada, email=f"ada{number}@example.org", verified=True)
    with pytest.raises(TooManyAddressesError):
        send_address_link(ada, NEW, now=NOW)


def test_the_database_keeps_an_address_one_persons(ada: User) -> None:
    EmailAddress.objects.create(user=ada, email=NEW, verified=True)
    with pytest.raises(IntegrityError, match="another login"), transaction.atomic():
        User.objects.create_user(NEW)
    other = UserFactory.create()
    with pytest.raises(IntegrityError, match="another login"), transaction.atomic():
        User.objects.filter(pk=other.pk).update(email=NEW)
    UserFactory.create(email="bob@example.org", proved=False)
    with pytest.raises(IntegrityError, match="another login"), transaction.atomic():
        EmailAddress.objects.create(user=other, email="bob@example.org", verified=True)
    assert get_or_create_login(NEW) == ada


def test_a_colleague_is_erased_by_all_their_addresses(ada: User) -> None:
    account = AccountFactory.create(plan="plus")
    with acting(StaffFactory.create(account=account).user, at=NOW):
        add_staff(account, email=ADA, role=Role.LEADER, now=NOW)
    add(ada, NEW)
    choose_login_address(ada, own(ada, NEW), now=NOW)
    assert erase_colleague(User.objects.get(pk=ada.pk)) == 1
    assert not AuditEntry.objects.filter(label=ADA).exists()
