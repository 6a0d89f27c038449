"""Merging two customers who are one person, in one transaction: all of it is one customer's, or nothing changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.history.recording import NOTHING, Change, record
from accounts.merging.parts import MERGE, Line, Obstacle, Pair
from accounts.models import Account, Customer, Deed, MergedCustomer

ATTEMPTS: Final = 3


class CustomerGoneError(Exception):
    """One of the two is another customer by now (`customer`), or there is none any more."""

    def __init__(self, customer: Customer | None) -> None:
        super().__init__()
        self.customer = customer


class CannotMergeError(Exception):
    """Something stands in the way, and what to do about it: `obstacles`."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__()
        self.obstacles = obstacles


@dataclass(frozen=True, slots=True)
class Merged:
    """Who the two are now; `is_new`: by this call, and not by one before."""

    customer: Customer
    is_new: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How two would be merged: who stays, why nobody else, what stands in the way, and what becomes of what."""

    pair: Pair
    obstacles: list[Obstacle]
    reasons: list[Obstacle]
    """Why the other one cannot stay; none: that is open to choice."""
    lines: list[Line]


def heir_of(account: Account | int, former: int) -> Customer | None:
    """Who a customer is now who was merged into another (by their old number); None where nobody was."""
    key = account.pk if isinstance(account, Account) else account
    found = MergedCustomer.objects.filter(account=key, former=former).select_related("customer").first()
    return found.customer if found else None


def plan_merge(first: Customer, second: Customer, *, keep: int | None = None, now: datetime) -> Plan:
    """How two customers of an account (each with it) would be merged; `keep` says who is to stay (id), where both can.

    Else the one who logs in stays, or the first of them. It holds nothing, and changes nothing.
    """
    prefers_second = keep == second.pk if keep in {first.pk, second.pk} else bool(second.user_id and not first.user_id)
    pair = Pair(second, first) if prefers_second else Pair(first, second)
    obstacles, others = obstacles_of(pair), obstacles_of(pair.turned())
    if obstacles and all(each.turns for each in obstacles):
        pair, obstacles, others = pair.turned(), others, obstacles
    reasons = [each for each in others if each.turns]
    return Plan(pair, obstacles, reasons, [line for part in MERGE for line in part.lines(pair, now)])


def obstacles_of(pair: Pair) -> list[Obstacle]:
    """What stands in the way of merging two this way round."""
    return [obstacle for part in MERGE for obstacle in part.obstacles(pair)]


def merge_customers(account: Account, *, survivor: int, gone: int, now: datetime) -> Merged:
    """Make two customers (ids) of an account one; done before, it is only found.

    Raises CannotMergeError, CustomerGoneError.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            with transaction.atomic():
                return _merge(account, survivor, gone, now=now)
        except (IntegrityError, OperationalError) as error:
            # Somebody who was booking as one of them was quicker, or waits for what we hold and we for them.
            if attempt == ATTEMPTS or not _is_lost_race(error):
                raise


def _merge(account: Account, survivor: int, gone: int, *, now: datetime) -> Merged:
    found = _find_pair(account, survivor, gone)
    if isinstance(found, Merged):
        return found
    for part in MERGE:
        part.hold(found)
    # As they are once they are held: somebody may have merged one of them, or changed who they are.
    pair = _find_pair(account, survivor, gone)
    if isinstance(pair, Merged):
        return pair
    if obstacles := obstacles_of(pair):
        raise CannotMergeError(obstacles)
    _record(pair)
    for part in MERGE:
        part.move(pair, now)
    # Whatever still names who is gone, the foreign keys refuse it: here, and of others once they commit.
    Customer.objects.filter(account=account, pk=gone)._raw_delete(using=connection.alias)  # noqa: SLF001
    connection.check_constraints()
    return Merged(_reread(account, survivor), is_new=True)


def _find_pair(account: Account, survivor: int, gone: int) -> Pair | Merged:
    """Both as they are now; where they are one already, that one."""
    found = Customer.objects.filter(account=account).in_bulk((survivor, gone))
    for each in found.values():
        each.account = account
    if survivor == gone:
        raise CustomerGoneError(found.get(survivor))
    if survivor in found and gone in found:
        return Pair(found[survivor], found[gone])
    heirs = {key: found.get(key) or heir_of(account, key) for key in (survivor, gone)}
    first, second = heirs[survivor], heirs[gone]
    if first is not None and second is not None and first.pk == second.pk:
        return Merged(_reread(account, first.pk), is_new=False)
    raise CustomerGoneError(heir_of(account, gone) or heir_of(account, survivor))


def _reread(account: Account, pk: int) -> Customer:
    found = Customer.objects.get(account=account, pk=pk)
    found.account = account
    return found


def _record(pair: Pair) -> None:
    """One line on the page of the one who stays; what it says of the other is in what erasing takes out."""
    gone = pair.gone
    known_by = ", ".join(pair.moving_addresses) or NOTHING
    changes = [
        Change(_("Merged customer"), str(gone), NOTHING),
        Change(_("Their email addresses"), known_by, NOTHING),
    ]
    record(
        Deed.CUSTOMERS_MERGED,
        about_customer(pair.survivor),
        account=pair.account,
        also=[about_customer(gone)],
        changes=changes,
    )


def _is_lost_race(error: Exception) -> bool:
    state = str(getattr(error.__cause__, "sqlstate", "") or "")
    return state in {"40P01", "23503", "23505", "23P01"}  # deadlock; foreign key, unique, exclusion
