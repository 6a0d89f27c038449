"""A customer's email addresses: added, removed, and which of them is the main one (docs/decisions/0064).

By each of them the account recognises its customer; emails go to the main one. What the studio adds proves nothing:
only somebody who has proved an address themselves is linked by it, and no login gains an address by it.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.customers import ADDRESS_ONCE, about_customer, find_customer, link_by_address
from accounts.history.recording import NOTHING, Change, record
from accounts.models import Account, Customer, CustomerAddress, Deed
from accounts.signals import address_removed
from bookwhen.db import violated_constraint
from bookwhen.email_address import fold_email


class AddressTakenError(Exception):
    """The address is another customer's of the account: `owner`. Two who are one person are merged, not mixed."""

    def __init__(self, owner: Customer) -> None:
        super().__init__(owner.pk)
        self.owner = owner


class MainAddressError(Exception):
    """The main address cannot be removed: another has to be the main one first."""


def add_address(customer: Customer, email: str, *, now: datetime, proved_at: datetime | None = None) -> CustomerAddress:
    """Let an account recognise a customer by one more address; one that is theirs already is found.

    Raises AddressTakenError.
    """
    email = fold_email(email)
    account = Account(pk=customer.account_id)
    try:
        with transaction.atomic():
            _lock(customer)
            found = CustomerAddress.objects.filter(account=account, email=email).select_related("customer").first()
            if found is None:
                found = CustomerAddress.objects.create(
                    account=account, customer=customer, email=email, created_at=now, proved_at=proved_at
                )
                link_by_address(customer, email)
                _record(Deed.ADDRESS_ADDED, customer, NOTHING, email)
    except IntegrityError as error:
        if violated_constraint(error) != ADDRESS_ONCE or (owner := find_customer(account, email)) is None:
            raise
        raise AddressTakenError(owner) from error
    if found.customer_id != customer.pk:
        raise AddressTakenError(found.customer)
    return found


def choose_main_address(customer: Customer, address: CustomerAddress) -> None:
    """Write to a customer at another of their addresses from now on."""
    with transaction.atomic():
        held = _lock(customer)
        theirs = CustomerAddress.objects.filter(account=held.account_id, customer=held, pk=address.pk).first()
        if theirs is None or theirs.email == held.email:
            return
        Customer.objects.filter(account=held.account_id, pk=held.pk).update(email=theirs.email)
        _record(Deed.ADDRESS_CHOSEN, held, held.email, theirs.email)


def remove_address(customer: Customer, address: CustomerAddress) -> None:
    """Recognise a customer by an address no more; a login that proved none of the others is not theirs any more.

    Raises MainAddressError.
    """
    with transaction.atomic():
        held = _lock(customer)
        theirs = CustomerAddress.objects.filter(account=held.account_id, customer=held)
        gone = theirs.filter(pk=address.pk).first()
        if gone is None:
            return
        if gone.email == held.email:
            raise MainAddressError
        gone.delete()
        left = theirs.values("email")
        if held.user_id and not EmailAddress.objects.filter(user=held.user_id, verified=True, email__in=left).exists():
            Customer.objects.filter(account=held.account_id, pk=held.pk).update(user=None, seen_at=None)
        address_removed.send(Customer, customer=held, email=gone.email)
        _record(Deed.ADDRESS_REMOVED, held, gone.email, NOTHING)


def _lock(customer: Customer) -> Customer:
    found = Customer.objects.filter(account=customer.account_id, pk=customer.pk)
    return found.select_for_update(no_key=True).get()


def _record(deed: Deed, customer: Customer, before: str, after: str) -> None:
    changes = [Change(_("Email address"), before, after)]
    record(deed, about_customer(customer), account=customer.account_id, changes=changes)
