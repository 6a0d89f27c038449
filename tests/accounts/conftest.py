"""Alice owns a studio, Bob is on her team, Charlie is a stranger; and studios with Stripe and without, at a desk."""

from typing import Any

import pytest

from accounts.models import Account, Role, User
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe import Sandbox
from tests.factories.accounts import AccountFactory, SchedulePageFactory, StaffFactory
from tests.factories.payments import connect_stripe
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.seller import Seller, open_seller
from tests.worlds.stripe_shop import open_stripe_client

RIVERSIDE = "sk_test_Riverside_Movement_Studio"


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
def unconnected_dashboard(stripe_here: Sandbox) -> Dashboard:
    """The owner of a studio that is not connected."""
    return open_dashboard(AccountFactory.create(name="River Studio"))


@pytest.fixture
def connected_dashboard(stripe_here: Sandbox) -> Dashboard:
    """The owner of a studio that is connected to *Riverside Movement Studio*."""
    account = AccountFactory.create(name="River Studio")
    connect_stripe(account, key=RIVERSIDE)
    return open_dashboard(account)


@pytest.fixture
def selling(stripe_here: Sandbox) -> tuple[Seller, Dashboard]:
    """A studio that sells a membership, and its owner."""
    seller = open_seller(stripe_here)
    there = open_stripe_client(stripe_here, seller.key).v1.accounts.retrieve_current()
    Connection.objects.filter(pk=seller.connection.pk).update(stripe_account=there.id)
    seller.connection.refresh_from_db()
    return seller, open_dashboard(seller.account)


def load_connection(dashboard: Dashboard) -> Connection:
    """The connection that the account has in the database."""
    found = Account.objects.get(pk=dashboard.account.pk).connection
    assert found is not None
    return found


def list_endpoints(sandbox: Sandbox, key: str = RIVERSIDE) -> list[str]:
    """The webhook endpoints that Stripe has for the account of a key."""
    return [each.id for each in open_stripe_client(sandbox, key).v1.webhook_endpoints.list().data]


def form_errors(response: Any, name: str = "form") -> dict[str, list[str]]:
    """The errors of a form on a page, by field."""
    return {field: list(errors) for field, errors in response.context[name].errors.items()}
