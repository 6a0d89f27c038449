"""A studio that sells a membership, as rows: Stripe is not asked."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from accounts.models import Account, Customer
from groups.models import Group
from memberships.models import Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from memberships.standing import sync_standing
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW, GroupFactory
from tests.worlds.dashboard import Dashboard, open_dashboard

NUMBERS = count(1)


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(connection=ConnectionFactory.create())


@pytest.fixture
def dashboard(account: Account) -> Dashboard:
    return open_dashboard(account)


@pytest.fixture
def gold(account: Account) -> Membership:
    return store_membership(account)


def store_membership(account: Account, *, title: str = "Gold", group: Group | None = None, **fields: Any) -> Membership:
    """A published membership at 40.00 a month, in a group of the same name."""
    group = group or GroupFactory.create(account=account, name=title)
    fields = {"published": True, **fields}
    made = Membership.objects.create(account=account, group=group, title=title, created_at=NOW, **fields)
    store_price(made)
    return made


def store_price(membership: Membership, **fields: Any) -> Price:
    """A price of 40.00 a month."""
    fields = {"title": "Monthly", "amount": 4000, "currency": "GBP", **fields}
    return Price.objects.create(account=membership.account, membership=membership, created_at=NOW, **fields)


def store_subscription(membership: Membership, customer: Customer | None = None, **fields: Any) -> Subscription:
    """Somebody's subscription, paid from ten days before `NOW` to twenty after it; they stand in the group by it."""
    account = membership.account
    fields = {
        "status": SubscriptionStatus.ACTIVE,
        "source": SubscriptionSource.CHECKOUT,
        "stripe_id": f"sub_{next(NUMBERS)}",
        "price": membership.prices.first(),
        "started_at": NOW - timedelta(days=10),
        "period_start": NOW - timedelta(days=10),
        "period_end": NOW + timedelta(days=20),
        "billing_anchor": NOW - timedelta(days=10),
        "created_at": NOW - timedelta(days=10),
        **fields,
    }
    customer = customer or CustomerFactory.create(account=account)
    made = Subscription.objects.create(account=account, customer=customer, membership=membership, **fields)
    sync_standing(made, now=NOW)
    return made
