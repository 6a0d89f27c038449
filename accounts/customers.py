"""Recognising customers by their email address, linking them to the users who proved it, and what they are called.

A name is *confirmed* if the person or the studio gave it. Anybody may type a name into a booking; that names only a
customer who is new, until the person or the studio says better (docs/design.md, *Accounts and people*).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, Subquery, TextField
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.history.recording import NOTHING, About, Change, record_changes
from accounts.models import Account, Customer, CustomerAddress, Deed, Thing, User
from accounts.names import one_line_name
from bookwhen.db import is_named, violated_constraint
from bookwhen.fastpath.compiled import IsOneOf
from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.fastpath.rows import RowReader

# Who is known already, and needs neither a login nor a name, is only read: nothing is written, and nobody waits.
_RECOGNISE: Final = """
    WITH known AS MATERIALIZED (
        SELECT customer.* FROM accounts_customeraddress AS address
        JOIN accounts_customer AS customer ON customer.id = address.customer_id
        WHERE address.account_id = %(account)s::bigint AND address.email = %(email)s::text
    ), login AS MATERIALIZED (
        SELECT address.user_id FROM account_emailaddress AS address
        JOIN accounts_user AS "user" ON "user".id = address.user_id AND "user".is_active
        WHERE address.email = %(email)s::text AND address.verified AND NOT EXISTS (
            SELECT FROM accounts_customer AS other
            WHERE other.account_id = %(account)s::bigint AND other.user_id = address.user_id
        )
        LIMIT 1
    ), written AS (
        INSERT INTO accounts_customer AS customer (account_id, email, name, name_confirmed, user_id, created_at)
        SELECT %(account)s::bigint, coalesce((SELECT email FROM known), %(email)s::text), %(name)s::text,
            %(confirmed)s::bool OR %(name)s::text = '', (SELECT user_id FROM login), %(now)s::timestamptz
        WHERE NOT EXISTS (
            SELECT FROM known
            WHERE (user_id IS NOT NULL OR NOT EXISTS (SELECT FROM login))
                AND (NOT %(names)s::bool OR (name <> '' AND name_confirmed))
        )
        ON CONFLICT (account_id, email) DO UPDATE SET
            user_id = coalesce(customer.user_id, excluded.user_id),
            name = CASE WHEN %(names)s::bool AND NOT (customer.name <> '' AND customer.name_confirmed)
                THEN excluded.name ELSE customer.name END,
            name_confirmed = customer.name_confirmed OR %(names)s::bool
        RETURNING customer.*
    )
    SELECT to_jsonb(written) FROM written
    UNION ALL SELECT to_jsonb(known) FROM known WHERE NOT EXISTS (SELECT FROM written)
"""
# Nobody has to confirm that there is no name.
_MAKE: Final = """
    INSERT INTO accounts_customer (account_id, email, name, name_confirmed, created_at)
    SELECT %s::bigint, email, name, %s::bool OR name = '', %s::timestamptz
    FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS wanted(email, name, place) ORDER BY place
    ON CONFLICT DO NOTHING
"""
_CUSTOMER: Final = RowReader(Customer)
ADDRESS_ONCE: Final = "customer_address_once"
"""The constraint that no address is two customers' of one account."""


def recognise_customer(account: Account, email: str, name: str, *, confirmed: bool) -> Customer:
    """The account's customer with this folded address, made where unknown: `get_or_create_customers` for one.

    By the same rules, in one statement: it is part of every booking.
    """
    name = one_line_name(name)
    asked: dict[str, Any] = {
        "account": account.pk,
        "email": email,
        "name": name,
        "confirmed": confirmed,
        "names": confirmed and bool(name),
        "now": timezone.now(),
    }
    try:
        # One statement is a transaction of its own; inside another, what it refuses must not end that.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            customer = _CUSTOMER.read(_ask(asked))
    except IntegrityError as error:
        if violated_constraint(error) not in {"customer_user_once", ADDRESS_ONCE}:
            raise
        # At this instant their login was linked to another customer of the account, or the address became somebody's.
        [customer] = get_or_create_customers(account, {email: name}, confirmed=confirmed)
    customer.account = account
    customer.recognised_by = "" if customer.email == email else email
    return customer


def get_or_create_customers(account: Account, names: Mapping[str, str], *, confirmed: bool) -> list[Customer]:
    """The account's customers with these folded addresses, made where unknown, each once.

    By any of their addresses. A `confirmed` name (the studio's, or the proved person's own) also fills an empty name,
    or replaces one that is not confirmed; any other names only who is new. Anyone whose login already proved the
    address is linked to it, silently: the result looks the same, and nothing of the login is told.
    """
    return list({each.pk: each for each in recognise_customers(account, names, confirmed=confirmed).values()}.values())


def recognise_customers(account: Account, names: Mapping[str, str], *, confirmed: bool) -> dict[str, Customer]:
    """The same by the address that was given; two of them may be one customer's."""
    named = {email: one_line_name(name) for email, name in names.items()}
    known = customers_by_address(account, named)
    while missing := [email for email in named if email not in known]:
        _make_customers(account, {email: named[email] for email in missing}, confirmed=confirmed)
        known |= customers_by_address(account, missing)
    known = {email: known[email] for email in named}
    if confirmed:
        _name_unnamed(known, named)
    _link(known.items())
    return known


def customers_by_address(account: Account, emails: Iterable[str]) -> dict[str, Customer]:
    """The account's customers by their folded addresses, of those among these; one customer is one instance."""
    found = CustomerAddress.objects.filter(account=account, email__in=list(emails)).order_by("pk")
    customers = dict[int, Customer]()
    return {
        each.email: customers.setdefault(each.customer_id, each.customer) for each in found.select_related("customer")
    }


def find_customer(account: Account, email: str) -> Customer | None:
    """The account's customer with this folded address, by any of theirs."""
    return Customer.objects.filter(known_by(account, email), account=account).first()


def known_by(account: Account, email: str, prefix: str = "") -> Q:
    """The condition on a customer that a folded address is one of theirs; `prefix` leads there (`customer__`)."""
    # One value, by which an index finds them beside any other condition.
    owner = CustomerAddress.objects.filter(account=account, email=email).values("customer")[:1]
    return Q((f"{prefix}pk", Subquery(owner)))


def _make_customers(account: Account, names: Mapping[str, str], *, confirmed: bool) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_MAKE, [account.pk, confirmed, timezone.now(), list(names), list(names.values())])
    except IntegrityError as error:
        # At this instant one of the addresses became a known customer's: they are looked for again.
        if violated_constraint(error) != ADDRESS_ONCE:
            raise


def _ask(asked: dict[str, Any]) -> dict[str, Any]:
    with prepared_cursor() as cursor:
        cursor.execute(_RECOGNISE, asked)
        [(row,)] = cursor.fetchall()
    found: dict[str, Any] = json.loads(row)
    return found


def link_proved_customers(user: User) -> None:
    """Link a user to every account's customer with an address that this user has proved. Safe to repeat.

    Who proves an address says by it what they are called: their own name takes the place of any that they are newly
    linked to, and of any that nobody confirmed.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    theirs = CustomerAddress.objects.filter(email__in=[email.lower() for email in proved], customer__user__isnull=True)
    linked = _link((each.email, each.customer) for each in theirs.select_related("customer"))
    _give_own_name(user, Q(pk__in=linked) | Q(name_confirmed=False) | Q(name=""))


def rename_person(user: User, name: str) -> None:
    """Call somebody what they say, from now on and in every account that knows them by their login."""
    with transaction.atomic():
        user.name = one_line_name(name)
        user.save(update_fields=["name"])
        _give_own_name(user, Q())


def correct_name(customer: Customer, name: str) -> None:
    """Call a customer what the studio says, in its own account, until the person says otherwise; empty: nothing."""
    before = customer.name
    with transaction.atomic():
        customer.name, customer.name_confirmed = one_line_name(name), True
        customer.save(update_fields=["name", "name_confirmed"])
        changes = [Change(_("Name"), before or NOTHING, customer.name or NOTHING)]
        record_changes(Deed.CUSTOMER_RENAMED, about_customer(customer), changes, account=customer.account_id)


def delete_unused(customer: Customer) -> bool:
    """Delete a customer whom an import made, unless they came here, or something else is about them: whether it did.

    Call it in a transaction that holds the customer.
    """
    if customer.seen_at or customer.other_addresses or is_named(customer, apart_from=[CustomerAddress]):
        return False
    customer.delete()
    return True


def about_customer(customer: Customer) -> About:
    """A customer as the history names them."""
    return About(Thing.CUSTOMER, customer.pk, str(customer))


def _give_own_name(user: User, which: Q) -> None:
    if user.name:
        Customer.objects.filter(which, user=user).update(name=user.name, name_confirmed=True)


def _name_unnamed(known: Mapping[str, Customer], names: Mapping[str, str]) -> None:
    renamed = dict[int, Customer]()
    for email, customer in known.items():
        if names[email] and not (customer.name and customer.name_confirmed):
            customer.name, customer.name_confirmed = names[email], True
            renamed[customer.pk] = customer
    Customer.objects.bulk_update(renamed.values(), ["name", "name_confirmed"], batch_size=500)


def link_by_address(customer: Customer, email: str) -> None:
    """Link a customer to the login that has proved this address of theirs, if there is one; silently."""
    _link([(email, customer)])


def link_logins(customers: Mapping[str, int]) -> None:
    """Link customers (ids) whom no login is linked to, by an address of theirs, to the logins that have proved it."""
    for email, user in _logins_of(customers).items():
        _link_one(customers[email], user)


def _link(known: Iterable[tuple[str, Customer]]) -> list[int]:
    """Link customers, by an address of theirs, to the logins that have proved it: who was linked (ids)."""
    unlinked = [(email, customer) for email, customer in known if customer.user_id is None]
    owners = _logins_of([email for email, _customer in unlinked])
    linked = []
    for email, customer in unlinked:
        if email in owners and customer.user_id is None and _link_one(customer.pk, owners[email]):
            customer.user_id = owners[email]
            linked.append(customer.pk)
    return linked


def _logins_of(emails: Collection[str]) -> dict[str, int]:
    """Which logins (ids) have proved these folded addresses."""
    if not emails:
        return {}
    theirs = EmailAddress.objects.filter(IsOneOf("email", list(emails), of=TextField()), verified=True)
    return dict(theirs.filter(user__is_active=True).values_list("email", "user_id"))


def _link_one(customer: int, user: int) -> bool:
    try:
        with transaction.atomic():
            return Customer.objects.filter(pk=customer, user__isnull=True).update(user_id=user) == 1
    except IntegrityError:
        # This user is linked to another customer of the account already; one of the two addresses stays theirs.
        return False
