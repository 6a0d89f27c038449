"""Recognising customers by their email address, linking them to the users who proved it, and what they are called.

A name is *confirmed* if the person or the studio gave it. Anybody may type a name into a booking; that names only a
customer who is new, until the person or the studio says better (docs/design.md, *Accounts and people*).
"""

from collections.abc import Iterable, Mapping

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Account, Customer, User
from accounts.names import one_line_name


def get_or_create_customers(account: Account, names: Mapping[str, str], *, confirmed: bool) -> list[Customer]:
    """The account's customers with these folded addresses, made where unknown.

    A `confirmed` name (the studio's, or the proved person's own) also fills an empty name, or replaces one that is not
    confirmed; any other names only who is new. Anyone whose login already proved the address is linked to it, silently:
    the result looks the same, and nothing of the login is told.
    """
    named = {email: one_line_name(name) for email, name in names.items()}
    Customer.objects.bulk_create(
        # Nobody has to confirm that there is no name.
        (
            Customer(account=account, email=email, name=name, name_confirmed=confirmed or not name)
            for email, name in named.items()
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
    customers = list(Customer.objects.filter(account=account, email__in=named.keys()))
    if confirmed:
        _name_unnamed(customers, named)
    _link(customers)
    return customers


def link_proved_customers(user: User) -> None:
    """Link a user to every account's customer with an address that this user has proved. Safe to repeat.

    Who proves an address says by it what they are called: their own name takes the place of any that they are newly
    linked to, and of any that nobody confirmed.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    linked = _link(Customer.objects.filter(email__in=[email.lower() for email in proved], user__isnull=True))
    _give_own_name(user, Q(pk__in=linked) | Q(name_confirmed=False) | Q(name=""))


def rename_person(user: User, name: str) -> None:
    """Call somebody what they say, from now on and in every account that knows them by their login."""
    with transaction.atomic():
        user.name = one_line_name(name)
        user.save(update_fields=["name"])
        _give_own_name(user, Q())


def correct_name(customer: Customer, name: str) -> None:
    """Call a customer what the studio says, in its own account, until the person says otherwise; empty: nothing."""
    customer.name, customer.name_confirmed = one_line_name(name), True
    customer.save(update_fields=["name", "name_confirmed"])


def _give_own_name(user: User, which: Q) -> None:
    if user.name:
        Customer.objects.filter(which, user=user).update(name=user.name, name_confirmed=True)


def _name_unnamed(customers: Iterable[Customer], names: Mapping[str, str]) -> None:
    renamed = [each for each in customers if names[each.email] and not (each.name and each.name_confirmed)]
    for customer in renamed:
        customer.name, customer.name_confirmed = names[customer.email], True
    Customer.objects.bulk_update(renamed, ["name", "name_confirmed"], batch_size=500)


def _link(customers: Iterable[Customer]) -> list[int]:
    """Link customers to the logins that have proved their addresses: who was linked (ids)."""
    unlinked = [customer for customer in customers if customer.user_id is None]
    owners = dict(
        EmailAddress.objects.filter(
            email__in={customer.email for customer in unlinked}, verified=True, user__is_active=True
        ).values_list("email", "user_id")
    )
    linked = []
    for customer in unlinked:
        if customer.email in owners and _link_one(customer, owners[customer.email]):
            customer.user_id = owners[customer.email]
            linked.append(customer.pk)
    return linked


def _link_one(customer: Customer, user: int) -> bool:
    try:
        with transaction.atomic():
            return Customer.objects.filter(pk=customer.pk, user__isnull=True).update(user_id=user) == 1
    except IntegrityError:
        # This user is linked to another customer of the account already; one of the two addresses stays theirs.
        return False
