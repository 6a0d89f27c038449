"""Erasing one customer of an account."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from accounts.customers import about_customer
from accounts.erasing.parts import ERASE, Erasing, Known, Obstacle
from accounts.history.recording import record
from accounts.models import Account, Customer, Deed, Erasure
from accounts.models.customers import ERASED_DOMAIN
from bookwhen.queue import enqueue

ATTEMPTS: Final = 3
KEEP: Final = "accounts.tasks.keep_erasures"
Obstacles = Callable[[Customer, datetime], Iterable[Obstacle]]


class InTheWayError(Exception):
    """The customer cannot be erased yet: `obstacles`, at least one."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__("; ".join(each.text for each in obstacles))
        self.obstacles = obstacles


def _nothing_more(_customer: Customer, _now: datetime) -> Iterable[Obstacle]:
    return ()


def obstacles_to_erasing(customer: Customer, *, now: datetime) -> list[Obstacle]:
    """What must be over before a customer (with their account) can be erased; nothing: they can be."""
    return [each for part in ERASE for each in part.obstacles(customer, now)]


def erase_customer(customer: Customer, *, now: datetime, also: Obstacles = _nothing_more) -> Erasure:
    """Erase a customer (with their account): what they were is gone, what the books need stays as nobody's.

    All or nothing; somebody who is erased already is found. What is `also` in the way is asked once all is held.
    Raises InTheWayError.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _erase(customer, also, now=now)
        except OperationalError as error:
            # Somebody wrote about them in another order at this instant.
            if not isinstance(error.__cause__, DeadlockDetected) or attempt == ATTEMPTS:
                raise
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


def erasure_of(account: Account, number: int) -> Erasure | None:
    """The erasure that a customer's number leads to: that of who is gone, or of who has what stays of them."""
    found = Erasure.objects.filter(account=account)
    left = Customer.objects.filter(account=account, pk=number, erased_at__isnull=False).values("pk")[:1]
    return found.filter(left__in=left).first() or found.filter(customer_number=number).order_by("-erased_at").first()


def _erase(customer: Customer, also: Obstacles, *, now: datetime) -> Erasure:
    account = customer.account
    for part in ERASE:
        part.hold(customer, now)
    held = Customer.objects.select_for_update().filter(account=account, pk=customer.pk).first()
    if held is None or held.erased_at:
        found = erasure_of(account, customer.pk)
        if found is None:
            raise Customer.DoesNotExist
        return found
    held.account = account
    # Who was writing about them has ended by now, or will find nobody.
    if obstacles := [*obstacles_to_erasing(held, now=now), *also(held, now)]:
        raise InTheWayError(obstacles)
    erasing = Erasing(account, held, _make_nobody(account, held, now=now), _known(held), now)
    for part in ERASE:
        part.erase(erasing)
    # Where it is repeated after a restore it is known already, and when it was done first.
    erasure, _is_new = Erasure.objects.get_or_create(
        account=account, customer_number=held.pk, customer_made_at=held.created_at, defaults={"erased_at": now}
    )
    erasure.left = erasing.left
    erasure.save(update_fields=["left"])
    held.delete()
    record(Deed.CUSTOMER_ERASED, about_customer(erasing.left), account=account)
    enqueue(KEEP)
    return erasure


def _make_nobody(account: Account, customer: Customer, *, now: datetime) -> Customer:
    with translation.override(account.language):
        name = _("Erased customer")
    nobody = Customer.objects.create(
        account=account, email=f"erased-{uuid4().hex}{ERASED_DOMAIN}", name=name, erased_at=now
    )
    # The books count from when somebody came.
    Customer.objects.filter(account=account, pk=nobody.pk).update(created_at=customer.created_at)
    return nobody


def _known(customer: Customer) -> Known:
    names = {customer.name} | {name for part in ERASE for name in part.names(customer)}
    addresses = {customer.email, *customer.addresses.values_list("email", flat=True)}
    if customer.user:
        names.add(customer.user.name)
        addresses.add(customer.user.email)
    return Known(
        frozenset(each for each in addresses if each), frozenset(name.strip() for name in names if name.strip())
    )
