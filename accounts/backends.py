"""Who is logged in, and which customers they are, in one statement: every page of theirs asks both."""

import json
from typing import Any, Final

from allauth.account.auth_backends import AuthenticationBackend
from django.db import DEFAULT_DB_ALIAS

from accounts.models import Account, Customer, User

_USER: Final = """
    SELECT "user".*, (
        SELECT jsonb_agg(to_jsonb(customer)) FROM accounts_customer AS customer WHERE customer.user_id = "user".id
    ) AS known_as
    FROM accounts_user AS "user" WHERE "user".id = %s
"""
_READ: Final = ("id", "account_id", "email", "name", "user_id")


class Backend(AuthenticationBackend):
    """Logs in as allauth does; a user comes with the customers that they are linked to."""

    def get_user(self, user_id: Any) -> User | None:  # noqa: ANN401 - the library's signature
        """The user of a session, unless they may not log in any more."""
        user = next(iter(User.objects.raw(_USER, [user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None


def linked_customer(user: User, account: Account) -> Customer | None:
    """The account's customer that a user was linked to when the request began; None does not say that there is none."""
    rows: list[dict[str, Any]] = json.loads(getattr(user, "known_as", None) or "[]")
    for row in rows:
        if row["account_id"] == account.pk:
            customer = Customer.from_db(DEFAULT_DB_ALIAS, _READ, [row[name] for name in _READ])
            customer.account = account
            return customer
    return None
