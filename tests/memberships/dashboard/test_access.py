"""Who may open the pages of memberships (strangers: tests/test_strangers.py)."""

import pytest

from accounts.models import Role
from memberships.models import Membership
from tests.factories.accounts import AccountFactory
from tests.memberships.dashboard.conftest import store_membership, store_subscription
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

OF_A_MEMBERSHIP = ("membership", "membership_edit", "membership_delete", "subscribers", "price_new")
OF_A_SUBSCRIPTION = ("subscription", "subscription_cancel")


def addresses(dashboard: Dashboard, gold: Membership) -> list[str]:
    price, bought = gold.prices.get(), store_subscription(gold)
    return [
        *[dashboard.url(name) for name in ("memberships", "membership_new", "subscriptions")],
        *[dashboard.url(name, pk=gold.pk) for name in OF_A_MEMBERSHIP],
        *[dashboard.url(name, pk=bought.pk) for name in OF_A_SUBSCRIPTION],
        dashboard.url("price_edit", pk=gold.pk, price=price.pk),
    ]


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.BOOKINGS_ADMIN, 200), (Role.SCHEDULE_MANAGER, 404), (Role.LEADER, 404)],
)
def test_only_who_manages_customers_sees_them(gold: Membership, role: Role, status: int) -> None:
    who = open_dashboard(gold.account, role)

    seen = {address: who.client.get(address).status_code for address in addresses(who, gold)}

    assert set(seen.values()) == {status}, seen


def test_what_is_another_studios_cannot_be_reached_through_ones_own(gold: Membership) -> None:
    other = open_dashboard(AccountFactory.create())
    price, bought = gold.prices.get(), store_subscription(gold)

    for name in OF_A_MEMBERSHIP:
        assert other.get(name, pk=gold.pk).status_code == 404
    for name in ("price_edit", "price_archive", "price_restore"):
        assert other.post(name, pk=gold.pk, price=price.pk).status_code == 404
    for name in (*OF_A_SUBSCRIPTION, "subscription_keep"):
        assert other.post(name, pk=bought.pk).status_code == 404


def test_a_price_is_fetched_through_its_membership(dashboard: Dashboard, gold: Membership) -> None:
    silver = store_membership(gold.account, title="Silver")

    for name in ("price_edit", "price_archive", "price_restore"):
        assert dashboard.post(name, pk=silver.pk, price=gold.prices.get().pk).status_code == 404


@pytest.mark.parametrize("name", ["membership", "subscribers", "subscription"])
def test_a_number_too_large_to_be_an_id_is_not_found(dashboard: Dashboard, name: str) -> None:
    assert dashboard.get(name, pk=10**30).status_code == 404
