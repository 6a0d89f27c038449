"""Money at the studio: taken, given back, corrected. Each is a row that stays, and lines that say for which spaces.

The spaces are held while it is written, so that of two who take the same money at once the second is told. What a space
owes moves with its lines, and the ledger is told: PostgreSQL does both.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import Account, User
from bookwhen.queue import enqueue
from tickets.models import MoneyMethod, Seat, StudioPayment, StudioPaymentLine
from tickets.money.studio_recorded import record_corrected, record_given_back, record_taken
from tickets.money.studio_spread import Owing, Share, spread_given_back, spread_taken

CANCELS: Final = "cancels"
"""By it the row that cancels another has a key of its own, from the form's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Money that changed hands at the studio, as somebody says: how much (above 0, minor units), how, when and why."""

    amount: int
    method: MoneyMethod
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A payment at the studio, and whether this call wrote it: the same form sent twice finds the same one."""

    payment: StudioPayment
    is_new: bool


class OwedChangedError(Exception):
    """What is owed is not what somebody saw: it was taken meanwhile, or a space was cancelled or moved."""


class TooMuchBackError(Exception):
    """More than can be given back: `most`, in minor units."""

    def __init__(self, most: int) -> None:
        super().__init__(str(most))
        self.most = most


class CorrectedAlreadyError(Exception):
    """It was corrected before."""


def take_money(
    account: Account, seats: Mapping[int, int], handed: Handed, *, by: User | None, key: UUID, now: datetime
) -> Written:
    """Write down money that was taken for spaces of one customer, each (id) with what was seen to be owed for it.

    What is more than owed is their credit. `key` is the form's. Raises OwedChangedError.
    """
    with transaction.atomic():
        held = _hold(account, seats)
        if found := _written(account, key):
            return found
        if not held or {seat.pk: seat.owed for seat in held} != dict(seats):
            raise OwedChangedError
        made = _write(held, spread_taken(handed.amount, _owing(held)), handed, by=by, key=key, now=now)
        record_taken(made)
    return Written(made, is_new=True)


def give_back_money(
    account: Account, seen: Collection[Owing], handed: Handed, *, by: User | None, key: UUID, now: datetime
) -> Written:
    """Write down money that was given back for spaces of one customer, with what was seen to be noted of each.

    Credits go first; what is given back beside them is not owed again. Raises OwedChangedError, also where somebody
    gave some of it back meanwhile (what is owed may be as before), and TooMuchBackError.
    """
    with transaction.atomic():
        held = _hold(account, [each.seat for each in seen])
        if found := _written(account, key):
            return found
        spaces = _owing(held)
        if not held or set(spaces) != set(seen):
            raise OwedChangedError
        if handed.amount > (most := sum(each.returnable for each in spaces)):
            raise TooMuchBackError(most)
        made = _write(held, spread_given_back(handed.amount, spaces), handed, by=by, key=key, now=now)
        record_given_back(made)
    return Written(made, is_new=True)


def correct_money(
    account: Account, payment: int, handed: Handed | None, *, by: User | None, key: UUID, now: datetime
) -> Written:
    """Cancel a payment at the studio (id) by its opposite, and write down what was `handed` instead; none: nothing was.

    That goes the same way as before, for the same spaces. Raises CorrectedAlreadyError, TooMuchBackError.
    """
    with transaction.atomic():
        lines = list(StudioPaymentLine.objects.filter(account=account, payment=payment).order_by("pk"))
        held = _hold(account, [line.seat_id for line in lines])
        if found := _written(account, key) or _written(account, uuid5(key, CANCELS)):
            return found
        wrong = StudioPayment.objects.select_related("account", "customer").get(account=account, pk=payment)
        if wrong.corrects_id or StudioPayment.objects.filter(account=account, corrects=wrong).exists():
            raise CorrectedAlreadyError
        made = _cancel(held, wrong, lines, by=by, key=uuid5(key, CANCELS), now=now)
        if handed is not None:
            made = _write_instead(held, wrong, handed, by=by, key=key, now=now)
        record_corrected(wrong, made if handed else None)
    return Written(made, is_new=True)


def last_method(account: Account, user: User) -> MoneyMethod:
    """How somebody of the studio took money last; cash where they never did."""
    latest = StudioPayment.objects.filter(taken_by=user, account=account).order_by("-pk")
    found = latest.values_list("method", flat=True).first()
    return MoneyMethod(found) if found else MoneyMethod.CASH


def _hold(account: Account, seats: Collection[int]) -> list[Seat]:
    """Booked spaces (ids) of an account, held, in the order of their classes; none unless they are of one customer."""
    list(
        Seat.objects.filter(account=account, pk__in=seats)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    found = Seat.objects.booked().filter(account=account, pk__in=seats).select_related("entry", "booking", "customer")
    held = sorted(found, key=lambda seat: (seat.entry.starts_at, seat.pk))
    for seat in held:
        seat.account = seat.customer.account = account
    return held if len({seat.customer_id for seat in held}) == 1 else []


def _written(account: Account, key: UUID) -> Written | None:
    found = StudioPayment.objects.select_related("customer").filter(account=account, uuid=key).first()
    return Written(found, is_new=False) if found else None


def _owing(seats: Sequence[Seat]) -> list[Owing]:
    return [Owing(seat.pk, seat.owed, seat.collected) for seat in seats]


def _write(
    seats: Sequence[Seat], shares: Sequence[Share], handed: Handed, *, by: User | None, key: UUID, now: datetime
) -> StudioPayment:
    made = StudioPayment.objects.create(
        account=seats[0].account,
        customer=seats[0].customer,
        uuid=key,
        amount=sum(each.amount for each in shares),
        currency=seats[0].account.currency,
        method=handed.method,
        taken_at=handed.at,
        taken_by=by,
        note=handed.note,
        created_at=now,
    )
    _write_lines(made, shares)
    return made


def _write_lines(made: StudioPayment, shares: Sequence[Share]) -> None:
    enqueue("tickets.tasks.number_receipts_in", made.account_id)
    StudioPaymentLine.objects.bulk_create(
        StudioPaymentLine(
            account_id=made.account_id, payment=made, seat_id=each.seat, amount=each.amount, forgiven=each.forgiven
        )
        for each in sorted(shares, key=lambda share: share.seat)
    )


def _cancel(
    seats: Sequence[Seat],
    wrong: StudioPayment,
    lines: Sequence[StudioPaymentLine],
    *,
    by: User | None,
    key: UUID,
    now: datetime,
) -> StudioPayment:
    made = StudioPayment.objects.create(
        account=wrong.account,
        customer=wrong.customer,
        uuid=key,
        amount=-wrong.amount,
        currency=wrong.currency,
        method=wrong.method,
        # What was told of a day that is over stays told.
        taken_at=now,
        taken_by=by,
        corrects=wrong,
        created_at=now,
    )
    _write_lines(made, [Share(line.seat_id, -line.amount, -line.forgiven) for line in lines])
    for seat in seats:
        seat.refresh_from_db(fields=["owed", "collected"])
    return made


def _write_instead(
    seats: Sequence[Seat],
    wrong: StudioPayment,
    handed: Handed,
    *,
    by: User | None,
    key: UUID,
    now: datetime,
) -> StudioPayment:
    spaces = _owing(seats)
    if wrong.amount > 0:
        return _write(seats, spread_taken(handed.amount, spaces), handed, by=by, key=key, now=now)
    if handed.amount > (most := sum(each.returnable for each in spaces)):
        raise TooMuchBackError(most)
    return _write(seats, spread_given_back(handed.amount, spaces), handed, by=by, key=key, now=now)
