"""An operator at the dashboard: addresses, a browser without JavaScript, and what a page says."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.contrib.messages import get_messages
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

    def get(self, name: str, /, query: dict[str, Any] | None = None, **kwargs: object) -> Any:
        """Open one of the account's pages."""
        return self.client.get(self.url(name, **kwargs), query or {})

    def post(self, name: str, /, data: dict[str, Any] | None = None, **kwargs: object) -> Any:
        """Send a form of one of the account's pages."""
        return self.client.post(self.url(name, **kwargs), data or {})


def desk(account: Account, role: Role = Role.OWNER) -> Desk:
    """Somebody in this role, logged in."""
    return Desk(account, browser(StaffFactory.create(account=account, role=role).user))


def browser(user: User | None) -> Client:
    """A browser in which this user is logged in, or nobody."""
    client = Client()
    if user:
        client.force_login(user)
    return client


def words(response: Any) -> str:
    """What a page says in its main part, on one line."""
    main = response.content.decode().partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def told(response: Any) -> list[str]:
    """The messages that the page at the end of a redirect shows."""
    return [str(message) for message in get_messages(response.wsgi_request)]
