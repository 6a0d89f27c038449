"""An operator at the dashboard: addresses, and a browser without JavaScript."""

from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from accounts.models import Account, Role, User
from tests.factories.accounts import StaffFactory


@dataclass(frozen=True)
class Desk:
    """A browser in which somebody is logged in who works for an account."""

    account: Account
    client: Client

    def url(self, name: str, **kwargs: object) -> str:
        """The address of one of the account's pages."""
        return reverse(f"dashboard:{name}", kwargs={"account": self.account.slug, **kwargs})


def desk(account: Account, role: Role = Role.OWNER) -> Desk:
    """Somebody in this role, logged in."""
    return Desk(account, browser(StaffFactory.create(account=account, role=role).user))


def browser(user: User | None) -> Client:
    """A browser in which this user is logged in, or nobody."""
    client = Client()
    if user:
        client.force_login(user)
    return client
