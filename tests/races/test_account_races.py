"""Races for the last owner, one link, one letter and one address; before each, a control without its guard."""

from collections import Counter
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress

from accounts import email_claims, identity
from accounts.customers import recognise_customer
from accounts.models import Account, Customer, Letter, Plan, Role, SchedulePage, Staff, User
from accounts.services import (
    MOST_STUDIOS,
    AddressTakenError,
    LastOwnerError,
    Studio,
    TooManyStudiosError,
    create_account,
    remove_staff,
)
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory, UserFactory
from tests.factories.schedule import NOW
from tests.races.crowd import run_at_once, wait_for_everyone

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 5


def create_owners() -> list[Staff]:
    account = AccountFactory.create()
    return [StaffFactory.create(account=account, role=Role.OWNER) for _number in range(CROWD)]


def outcome(act: Callable[[], object], *refusals: type[Exception]) -> str:
    try:
        act()
    except refusals as refused:
        return type(refused).__name__
    return "done"


def test_control_owners_who_look_first_all_leave() -> None:
    staff = create_owners()
    looked = wait_for_everyone(CROWD)

    def leave(number: int) -> None:
        others = Staff.objects.filter(account=staff[number].account, role=Role.OWNER).exclude(pk=staff[number].pk)
        assert others.exists()
        looked()
        staff[number].delete()

    run_at_once(CROWD, leave)
    assert Staff.objects.count() == 0


def test_when_all_owners_leave_at_once_one_stays() -> None:
    staff = create_owners()
    left = run_at_once(CROWD, lambda number: outcome(lambda: remove_staff(staff[number]), LastOwnerError))
    assert Counter(left) == {"done": CROWD - 1, "LastOwnerError": 1}
    assert Staff.objects.filter(role=Role.OWNER).count() == 1


def test_control_a_link_that_is_only_looked_at_works_for_all() -> None:
    user = UserFactory.create()
    token = identity.write_token(user.email, next_path="", user=user, now=NOW)
    looked = wait_for_everyone(CROWD)

    def choose(number: int) -> None:
        link = identity.read_token(token, now=NOW)
        looked()
        assert link.user is not None
        link.user.set_password(f"password {number}")
        link.user.save(update_fields=["password"])

    run_at_once(CROWD, choose)


@pytest.mark.parametrize("has_login", [True, False])
def test_one_link_used_by_many_at_once_works_for_one(has_login: bool) -> None:  # noqa: FBT001
    user = UserFactory.create(email="ada@example.org", proved=False) if has_login else None
    customer = CustomerFactory.create(email="ada@example.org")
    token = identity.write_token("ada@example.org", next_path="", user=user, now=NOW)

    def choose(number: int) -> str:
        return outcome(
            lambda: identity.choose_password(token, password=f"password {number}", name=f"Ada {number}", now=NOW),
            identity.DeadLinkError,
        )

    chosen = run_at_once(CROWD, choose)

    assert Counter(chosen) == {"done": 1, "DeadLinkError": CROWD - 1}
    made = User.objects.get()
    winner = chosen.index("done")
    assert (made.name, made.check_password(f"password {winner}")) == (f"Ada {winner}", True)
    customer.refresh_from_db()
    assert customer.user == made


def create_letter() -> Letter:
    return Letter.objects.create(
        kind="test", recipient="ada@example.org", subject="Hi", text="Hi", created_at=NOW, due_at=NOW
    )


def test_control_a_letter_that_is_looked_at_first_is_taken_by_all() -> None:
    create_letter()
    looked = wait_for_everyone(CROWD)

    def take(_number: int) -> bool:
        found = Letter.objects.filter(due_at__lte=NOW, sent_at=None).exists()
        looked()
        Letter.objects.update(due_at=NOW + email_claims.LEASE)
        return found

    assert run_at_once(CROWD, take) == [True] * CROWD


def test_a_letter_is_claimed_by_one_worker() -> None:
    found = create_letter()
    taken = run_at_once(
        CROWD,
        lambda number: email_claims.claim(found.pk, now=NOW) if number % 2 else email_claims.claim_next(now=NOW),
    )
    assert [each for each in taken if each] == [found]
    found.refresh_from_db()
    assert found.attempts == 1


def test_sweepers_share_the_letters_without_waiting_for_each_other() -> None:
    letters = {create_letter() for _number in range(CROWD)}
    taken = run_at_once(CROWD, lambda _number: email_claims.claim_next(now=NOW))
    assert len({each for each in taken if each}) == sum(each is not None for each in taken)
    assert {each for each in taken if each} <= letters


@pytest.mark.parametrize("address", ["wood", ""])
def test_a_studio_opened_many_times_at_once_is_opened_once(address: str) -> None:
    user = UserFactory.create()
    studio = Studio("Wood", address, "Europe/London", "GBP", Plan.FREE)
    accounts = run_at_once(CROWD, lambda _number: create_account(studio, owner=user).pk)
    assert len(set(accounts)) == 1
    assert (Account.objects.count(), SchedulePage.objects.count(), Staff.objects.count()) == (1, 1, 1)


def test_an_address_goes_to_one_of_many() -> None:
    users = [UserFactory.create() for _number in range(CROWD)]

    def open_studio(number: int) -> str:
        studio = Studio(f"Wood {number}", "wood", "Europe/London", "GBP", Plan.FREE)
        return outcome(lambda: create_account(studio, owner=users[number]), AddressTakenError)

    assert Counter(run_at_once(CROWD, open_studio)) == {"done": 1, "AddressTakenError": CROWD - 1}


def test_a_login_that_opens_studios_at_once_stops_at_the_bound() -> None:
    user = UserFactory.create()
    for _number in range(MOST_STUDIOS - 2):
        AccountFactory.create(opened_by=user)

    def open_studio(number: int) -> str:
        studio = Studio(f"Wood {number}", f"wood-{number}", "Europe/London", "GBP", Plan.FREE)
        return outcome(lambda: create_account(studio, owner=user), TooManyStudiosError)

    assert Counter(run_at_once(CROWD, open_studio)) == {"done": 2, "TooManyStudiosError": CROWD - 2}
    assert Account.objects.filter(opened_by=user).count() == MOST_STUDIOS


def test_somebody_new_who_books_twice_at_once_is_one_customer() -> None:
    account = AccountFactory.create()

    found = run_at_once(
        CROWD, lambda number: recognise_customer(account, "ada@example.org", f"Ada {number}", confirmed=False)
    )

    assert {each.pk for each in found} == {Customer.objects.get(account=account).pk}
    assert {each.name for each in found} == {Customer.objects.get(account=account).name}


def test_two_addresses_of_one_login_recognised_at_once_are_two_customers_and_one_is_linked() -> None:
    account, user = AccountFactory.create(), UserFactory.create()
    emails = [f"ada{number}@example.org" for number in range(CROWD)]
    EmailAddress.objects.bulk_create(EmailAddress(user=user, email=email, verified=True) for email in emails)

    found = run_at_once(CROWD, lambda number: recognise_customer(account, emails[number], "", confirmed=False))

    assert [each.email for each in found] == emails
    assert [each.user for each in found if each.user_id] == [user]
    assert Customer.objects.filter(account=account, user=user).count() == 1
