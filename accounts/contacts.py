"""Customers without an address of their own, and who gets their emails (docs/decisions/0072).

Their contact is another customer of the account, who has an address and books for them. The database holds that a
contact has no contact, and that somebody has either a contact or an address (migration accounts 0043).
"""

from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.addresses import AddressTakenError
from accounts.customers import ADDRESS_ONCE, about_customer, find_customer, link_by_address
from accounts.history.recording import NOTHING, Change, record
from accounts.models import Account, Customer, CustomerAddress, Deed
from accounts.names import one_line_name
from accounts.signals import address_removed
from bookwhen.db import violated_constraint
from bookwhen.email_address import fold_email

UNREACHED: Final = frozenset({"customer_contact_reached", "customer_contact_or_address"})
"""The constraints that a contact has an address and no contact, and that nobody has both."""


class NoContactError(Exception):
    """They cannot get anybody's emails: they have no address themselves, or it would be their own."""


class OwnLoginError(Exception):
    """Somebody who logs in gets their emails themselves."""


class NamelessError(Exception):
    """Somebody whom nothing else tells from their contact needs a name."""


class HasContactError(Exception):
    """They are the contact of others, so they keep an address."""


def add_without_address(contact: Customer, name: str, *, phone: str = "") -> Customer:
    """Make a customer of a contact's account whose emails go to that contact; `phone` in E.164.

    Somebody of that name whose emails go there is found instead, so that a form that is sent twice makes one. Raises
    NoContactError.
    """
    name = one_line_name(name)
    try:
        with transaction.atomic():
            # Held, so that of two who add the same person at once the second finds whom the first made.
            held = _lock(contact)[0]
            known = in_care_of(held).filter(name__iexact=name).first()
            if known is not None:
                return known
            made = Customer.objects.create(account_id=held.account_id, contact=held, name=name, phone=phone)
            changes = [Change(_("Name"), NOTHING, name), Change(_("Gets emails through"), NOTHING, str(held))]
            record(Deed.CUSTOMER_ADDED, about_customer(made), account=held.account_id, changes=changes)
    except IntegrityError as error:
        if violated_constraint(error) not in UNREACHED:
            raise
        raise NoContactError from error
    made.refresh_from_db(fields=["contact_email"])
    return made


def give_address(customer: Customer, email: str) -> None:
    """Give somebody an address of their own, to which their emails go from now on. It proves nothing.

    Whose login has proved it is linked to them, silently. Raises AddressTakenError.
    """
    email = fold_email(email)
    try:
        with transaction.atomic():
            held = _lock(customer)[0]
            if held.contact_id is None:
                return
            before = str(held.contact)
            Customer.objects.filter(account=held.account_id, pk=held.pk).update(contact=None, email=email)
            held.refresh_from_db()
            link_by_address(held, email)
            changes = [Change(_("Gets emails through"), before, NOTHING), Change(_("Email address"), NOTHING, email)]
            record(Deed.CONTACT_CHANGED, about_customer(held), account=held.account_id, changes=changes)
    except IntegrityError as error:
        owner = find_customer(Account(pk=customer.account_id), email)
        if violated_constraint(error) not in {ADDRESS_ONCE, "customer_email_once"} or owner is None:
            raise
        raise AddressTakenError(owner) from error


def choose_contact(customer: Customer, contact: Customer) -> None:
    """Have somebody's emails go to another customer of their account from now on; they have no address then.

    Raises NoContactError, NamelessError, OwnLoginError, and HasContactError where they are somebody's contact.
    """
    if customer.pk == contact.pk:
        raise NoContactError
    try:
        with transaction.atomic():
            held, other = _lock(customer, contact)
            if held.contact_id == other.pk:
                return
            _refuse(held)
            before = str(held.contact) if held.contact else NOTHING
            addresses = _drop_addresses(held)
            Customer.objects.filter(account=held.account_id, pk=held.pk).update(contact=other, email="")
            changes = [Change(_("Gets emails through"), before, str(other))]
            changes += [Change(_("Email address"), each, NOTHING) for each in addresses]
            record(Deed.CONTACT_CHANGED, about_customer(held), account=held.account_id, changes=changes)
    except IntegrityError as error:
        if violated_constraint(error) not in UNREACHED:
            raise
        raise NoContactError from error


def in_care_of(contact: Customer) -> QuerySet[Customer]:
    """Those whose emails a customer gets, by name."""
    return Customer.objects.filter(account=contact.account_id, contact=contact).order_by("name", "pk")


def _refuse(held: Customer) -> None:
    if held.user_id is not None:
        raise OwnLoginError
    if in_care_of(held).exists():
        raise HasContactError
    if not held.name:
        raise NamelessError


def _drop_addresses(held: Customer) -> list[str]:
    """Know them by no address any more: which they had."""
    theirs = CustomerAddress.objects.filter(account=held.account_id, customer=held)
    emails = list(theirs.values_list("email", flat=True))
    theirs.delete()
    for email in emails:
        address_removed.send(Customer, customer=held, email=email)
    return emails


def _lock(*customers: Customer) -> list[Customer]:
    """Hold customers, all of the first one's account, in the order of their ids; as they were asked for."""
    found = Customer.objects.filter(account=customers[0].account_id, pk__in=[each.pk for each in customers])
    held = {each.pk: each for each in found.select_for_update(no_key=True).order_by("pk")}
    if len(held) < len(customers):
        raise NoContactError
    return [held[each.pk] for each in customers]
