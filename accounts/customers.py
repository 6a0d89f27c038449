"""Recognising customers by their e-mail address, and linking them to the users who proved it."""

from collections.abc import Iterable, Mapping
from typing import Final

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.models import Account, Customer, User
from bookwhen.text import machine_line

NAME_LENGTH: Final = 200
"""As long as the column."""


def get_or_create_customers(account: Account, names: Mapping[str, str]) -> list[Customer]:
    """The account's customers with these folded addresses, made where unknown; a name fills only an empty one.

    Names are brought onto one line, whether somebody typed, pasted or imported them.

    Anyone whose login already proved the address is linked to it, silently: the result looks the same.
    """
    names = {email: machine_line(name, NAME_LENGTH) for email, name in names.items()}
    Customer.objects.bulk_create(
        (Customer(account=account, email=email, name=name) for email, name in names.items()),
        ignore_conflicts=True,
        batch_size=1000,
    )
    customers = list(Customer.objects.filter(account=account, email__in=names.keys()))
    _name(customers, names)
    _link(customers)
    return customers


def link_proved_customers(user: User) -> None:
    """Link a user to every account's customer with an address that this user has proved. Safe to repeat."""
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    _link(Customer.objects.filter(email__in=[email.lower() for email in proved], user__isnull=True))


def _name(customers: Iterable[Customer], names: Mapping[str, str]) -> None:
    nameless = [customer for customer in customers if not customer.name and names[customer.email]]
    for customer in nameless:
        customer.name = names[customer.email]
    Customer.objects.bulk_update(nameless, ["name"], batch_size=500)


def _link(customers: Iterable[Customer]) -> None:
    unlinked = [customer for customer in customers if customer.user_id is None]
    owners = dict(
        EmailAddress.objects.filter(
            email__in={customer.email for customer in unlinked}, verified=True, user__is_active=True
        ).values_list("email", "user_id")
    )
    for customer in unlinked:
        if customer.email in owners and _link_one(customer, owners[customer.email]):
            customer.user_id = owners[customer.email]


def _link_one(customer: Customer, user: int) -> bool:
    try:
        with transaction.atomic():
            return Customer.objects.filter(pk=customer.pk, user__isnull=True).update(user_id=user) == 1
    except IntegrityError:
        # This user is linked to another customer of the account already; one of the two addresses stays theirs.
        return False
