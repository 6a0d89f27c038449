"""Somebody who works for a studio, logged in at its dashboard."""

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Account, Role
from tests.browsing import open_browser
from tests.factories.accounts import StaffFactory


@dataclass(frozen=True)
class Dashboard:
    """An account's dashboard in the browser of somebody who works there."""

    account: Account
    client: Client

    def url(self, name: str, **kwargs: object) -> str:
        """The address of one of the account's pages."""
        return reverse(f"dashboard:{name}", kwargs={"account": self.account.slug, **kwargs})

    def get(self, name: str, /, query: dict[str, Any] | None = None, **kwargs: object) -> Any:
        """Open one of the account's pages."""
        return self.client.get(self.url(name, **kwargs), query or {})

    def post(self, name: str, /, data: dict[str, Any] | None = None, **kwargs: object) -> Any:
        """Send a form of one of the account's pages."""
        return self.client.post(self.url(name, **kwargs), data or {})


def open_dashboard(account: Account, role: Role = Role.OWNER) -> Dashboard:
    """Log in somebody new in this role."""
    return Dashboard(account, open_browser(StaffFactory.create(account=account, role=role).user))
