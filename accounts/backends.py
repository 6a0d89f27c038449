"""Who is logged in, which customers they are and whom they book for, in one statement: every page of theirs asks."""

import json
from typing import Any, Final

from allauth.account.auth_backends import AuthenticationBackend

from accounts.contacts import in_care_of
from accounts.models import Account, Customer, User
from bookwhen.fastpath.rows import RowReader

MOST: Final = 20
"""For how many others of an account somebody books online: each page of theirs reads them."""
_USER: Final = """
    SELECT "user".*, (
        SELECT jsonb_agg(to_jsonb(customer)) FROM (
            SELECT own.* FROM accounts_customer AS own WHERE own.user_id = "user".id
            UNION ALL
            SELECT other.* FROM accounts_customer AS own CROSS JOIN LATERAL (
                SELECT each.* FROM accounts_customer AS each WHERE each.contact_id = own.id ORDER BY each.id LIMIT %s
            ) AS other
            WHERE own.user_id = "user".id
        ) AS customer
    ) AS known_as
    FROM accounts_user AS "user" WHERE "user".id = %s
"""
_CUSTOMER: Final = RowReader(Customer)


class Backend(AuthenticationBackend):
    """Logs in as allauth does; a user comes with their customers, and those that they book for."""

    def get_user(self, user_id: Any) -> User | None:  # noqa: ANN401 - the library's signature
        """The user of a session, unless they may not log in any more."""
        user = next(iter(User.objects.raw(_USER, [MOST, user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None


def linked_customer(user: User, account: Account) -> Customer | None:
    """The account's customer that a user was linked to when the request began; None does not say that there is none."""
    found = (row for row in _known_as(user) if row["account_id"] == account.pk and row["user_id"] == user.pk)
    return next((_read(row, account) for row in found), None)


def others_of(user: User, customer: Customer) -> list[Customer]:
    """Whom a user books for who is this customer: those whose emails they get, by name, `MOST` at most.

    As it was when the request began; a statement more for who was not linked to the customer then.
    """
    rows = _known_as(user)
    if all(row["id"] != customer.pk for row in rows):
        return list(in_care_of(customer)[:MOST])
    found = [_read(row, customer.account) for row in rows if row["contact_id"] == customer.pk]
    return sorted(found, key=lambda each: (each.name, each.pk))


def names_of_others(user: User) -> dict[int, str]:
    """Whom a user books for, in every account that they have been to: names by customer (id)."""
    rows = _known_as(user)
    own = {row["id"] for row in rows if row["user_id"] == user.pk and row["seen_at"]}
    return {row["id"]: row["name"] for row in rows if row["contact_id"] in own}


def _known_as(user: User) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(getattr(user, "known_as", None) or "[]")
    return found


def _read(row: dict[str, Any], account: Account) -> Customer:
    customer = _CUSTOMER.read(row)
    customer.account = account
    return customer
