"""A customer's email addresses: added, removed, and which of them is the main one (docs/decisions/0064).

By each of them the account recognises its customer; emails go to the main one. What the studio adds proves nothing:
only somebody who has proved an address themselves is linked by it, and no login gains an address by it.
"""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.customers import ADDRESS_ONCE, about_customer, find_customer, link_by_address
from accounts.history.recording import NOTHING, Change, record
from accounts.models import Account, Customer, CustomerAddress, Deed, User
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


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """One of a customer's addresses, as the studio is told of it."""

    pk: int
    email: str
    is_main: bool
    is_proved: bool
    """Whether it logs them in: they proved it themselves. Unknown, and so False, until their login was seen here."""


def addresses_known(customer: Customer) -> list[KnownAddress]:
    """All addresses of a customer, the main one first. Two statements at most.

    Of a login that has never come here the account knows nothing, so nothing counts as proved by it.
    """
    rows = list(customer.addresses.order_by("pk"))
    proved = set[str]()
    if customer.user_id is not None and customer.seen_at is not None:
        theirs = EmailAddress.objects.filter(user=customer.user_id, verified=True)
        proved = set(theirs.values_list("email", flat=True))
    found = [KnownAddress(each.pk, each.email, each.email == customer.email, each.email in proved) for each in rows]
    return sorted(found, key=lambda each: not each.is_main)


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
            elif proved_at and found.customer_id == customer.pk and found.proved_at is None:
                found.proved_at = proved_at
                found.save(update_fields=["proved_at"])
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


def own_address(user: User, email: str, *, now: datetime) -> list[Account]:
    """Let every account that knows a user know them by this folded address too, which they have proved.

    Returns the accounts that know it as another customer's: there two are one person, and the studio merges them.
    """
    apart = list[Account]()
    for customer in _customers_of(user):
        try:
            add_address(customer, email, now=now, proved_at=now)
        except AddressTakenError:
            apart.append(customer.account)
    return apart


def prefer_own_address(user: User, email: str) -> None:
    """Have every account that knows a user by this folded address write to it."""
    for customer in _customers_of(user):
        if (address := customer.addresses.filter(email=email).first()) is not None:
            choose_main_address(customer, address)


def forget_own_address(user: User, email: str, *, now: datetime) -> list[Account]:
    """Let no account that knows a user know them by this folded address any more; each writes to their main one.

    Returns the accounts that know the main one as another customer's, and so go on with this one.
    """
    needed = list[Account]()
    for customer in _customers_of(user):
        address = customer.addresses.filter(email=email).first()
        if address is None:
            continue
        try:
            if customer.email == email:
                choose_main_address(customer, add_address(customer, user.email, now=now, proved_at=now))
            remove_address(customer, address)
        except AddressTakenError:
            needed.append(customer.account)
    return needed


def _customers_of(user: User) -> list[Customer]:
    return list(Customer.objects.filter(user=user).select_related("account").order_by("pk"))


def _lock(customer: Customer) -> Customer:
    found = Customer.objects.filter(account=customer.account_id, pk=customer.pk)
    return found.select_for_update(no_key=True).get()


def _record(deed: Deed, customer: Customer, before: str, after: str) -> None:
    changes = [Change(_("Email address"), before, after)]
    record(deed, about_customer(customer), account=customer.account_id, changes=changes)
