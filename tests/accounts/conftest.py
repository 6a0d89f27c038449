"""Alice owns a studio, Bob is on her team, Charlie is a stranger."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Role, User
from tests.factories.accounts import AccountFactory, SchedulePageFactory, StaffFactory

ClientOf = Callable[[User | None], Client]


@pytest.fixture
def studio(db: None) -> Account:
    studio = AccountFactory.create(name="River Studio", slug="river")
    SchedulePageFactory.create(account=studio, slug="river", title="River Studio")
    return studio


@pytest.fixture
def alice(studio: Account) -> User:
    return StaffFactory.create(account=studio, user__email="alice@example.org", role=Role.OWNER).user


@pytest.fixture
def bob(studio: Account) -> User:
    return StaffFactory.create(account=studio, user__email="bob@example.org", role=Role.LEADER).user


@pytest.fixture
def charlie(db: None) -> User:
    """Owns another studio."""
    return StaffFactory.create(account__slug="hill", user__email="charlie@example.org", role=Role.OWNER).user


@pytest.fixture
def client_of() -> ClientOf:
    """A browser in which this user is logged in, or nobody."""

    def open_client(user: User | None = None) -> Client:
        client = Client()
        if user:
            client.force_login(user)
        return client

    return open_client
