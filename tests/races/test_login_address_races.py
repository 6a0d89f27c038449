"""One address, and at one instant a login made of it, another that proves it: one has it. Before it, a control."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection

from accounts.models import User
from tests.factories.accounts import UserFactory
from tests.races.crowd import run_at_once, wait_for_everyone

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

NEW: Final = "ada.new@example.org"
GUARDS: Final = (
    ("accounts_user", "user_made"),
    ("account_emailaddress", "login_address_proved"),
)


@contextmanager
def without_guards() -> Iterator[None]:
    def alter(what: str) -> None:
        with connection.cursor() as cursor:
            for table, trigger in GUARDS:
                cursor.execute(f"ALTER TABLE {table} {what} TRIGGER {trigger}")

    alter("DISABLE")
    try:
        yield
    finally:
        alter("ENABLE")


def race(looked: Callable[[], None]) -> list[bool]:
    """Somebody makes a login of the address, and somebody else proves it for theirs: who has it afterwards."""
    ada = UserFactory.create(email="ada@example.org")

    def act(number: int) -> bool:
        looked()
        try:
            if number:
                EmailAddress.objects.create(user=ada, email=NEW, verified=True)
            else:
                User.objects.create_user(NEW)
        except IntegrityError:
            return False
        return True

    return run_at_once(2, act)


def test_control_without_the_guard_both_have_it() -> None:
    with without_guards():
        assert race(wait_for_everyone(2)) == [True, True]
    EmailAddress.objects.all().delete()


@pytest.mark.parametrize("turn", range(5))
def test_an_address_is_made_one_persons(turn: int) -> None:
    del turn
    assert sorted(race(wait_for_everyone(2))) == [False, True]
    assert User.objects.filter(email=NEW).count() + EmailAddress.objects.filter(email=NEW).count() == 1
