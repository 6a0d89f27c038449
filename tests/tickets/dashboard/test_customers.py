"""Who reaches the customers of an account: the fetch is the permission."""

import pytest

from accounts.models import Account, Customer, Role
from tests.browsing import open_browser
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = pytest.mark.django_db

MANAGE_CUSTOMERS = frozenset({Role.OWNER, Role.BOOKINGS_ADMIN})
PAGES = {"customers": 200, "old_groups": 302, "customer": 200, "customer_name": 200}
"""Each page, and how it answers somebody who may see it."""


@pytest.fixture
def ada() -> Customer:
    return CustomerFactory.create(name="Ada")


def address(account: Account, name: str, customer: Customer) -> str:
    kwargs = {"pk": customer.pk} if name.startswith("customer_") or name == "customer" else {}
    return Dashboard(account, open_browser(None)).url(name, **kwargs)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_what_it_is_for(name: str, role: Role, ada: Customer) -> None:
    client = open_dashboard(ada.account, role).client

    answer = client.get(address(ada.account, name, ada)).status_code

    assert answer == (PAGES[name] if role in MANAGE_CUSTOMERS else 404)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_to_a_stranger_there_is_nothing(name: str, method: str, ada: Customer) -> None:
    stranger = open_dashboard(AccountFactory.create()).client

    assert getattr(stranger, method)(address(ada.account, name, ada)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_logged_in_is_asked_to_and_comes_back(name: str, method: str, ada: Customer) -> None:
    path = address(ada.account, name, ada)

    assert getattr(open_browser(None), method)(path)["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_customer_of_another_account_is_not_found_at_ones_own_address(method: str, ada: Customer) -> None:
    other = AccountFactory.create()

    assert getattr(open_dashboard(other).client, method)(address(other, "customer", ada)).status_code == 404


def test_the_old_path_to_groups_leads_there(ada: Customer) -> None:
    at = open_dashboard(ada.account)

    assert at.get("old_groups")["Location"] == at.url("groups")
