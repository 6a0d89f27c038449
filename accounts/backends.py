"""Who is logged in, and which customers they are, in one statement: every page of theirs asks both."""

import json
from typing import Any, Final

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import Account, Customer, User
from bookwhen.fastpath.rows import RowReader

_USER: Final = """
    SELECT "user".*, (
        SELECT jsonb_agg(to_jsonb(customer)) FROM accounts_customer AS customer WHERE customer.user_id = "user".id
    ) AS known_as
    FROM accounts_user AS "user" WHERE "user".id = %s
"""
_CUSTOMER: Final = RowReader(Customer)


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
            customer = _CUSTOMER.read(row)
            customer.account = account
            return customer
    return None
