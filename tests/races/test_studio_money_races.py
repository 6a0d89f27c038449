"""Money at the studio that two take at once, or take while a space is cancelled or moved: once, and for what it is."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.tickets.dashboard.booking import book_seat_manually
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.owed import settle_seats
from tickets.models import MoneyMethod, Seat, StudioPayment, StudioPaymentLine
from tickets.money.studio import (
    CorrectedAlreadyError,
    Handed,
    OwedChangedError,
    correct_money,
    give_back_money,
    take_money,
)
from tickets.money.studio_spread import Owing

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WORKERS = 5


@pytest.fixture
def seat(transactional_db: None) -> Seat:
    """12.00 to pay."""
    account = AccountFactory.create(name="River Studio", slug="river")
    entry = EntryFactory.create(page=SchedulePageFactory.create(account=account, slug="yoga"))
    return book_seat_manually(entry, TicketFactory.create(entry=entry, price=1200, cost="cost"))


def handed() -> Handed:
    return Handed(amount=1200, method=MoneyMethod.CASH, at=timezone.now())


def taker(account: Account, seat: Seat) -> Callable[[int], bool]:
    def take(_number: int) -> bool:
        try:
            take_money(account, {seat.pk: 1200}, handed(), by=None, key=uuid4(), now=timezone.now())
        except OwedChangedError:
            return False
        return True

    return take


def test_without_holding_the_space_both_take_the_same_money(seat: Seat) -> None:
    """The control: who only looks, and then writes, takes it twice."""
    wait = wait_for_everyone(2)

    def take(_number: int) -> None:
        now = timezone.now()
        assert Seat.objects.get(pk=seat.pk).owed == 1200
        wait()
        with transaction.atomic():
            made = StudioPayment.objects.create(
                account_id=seat.account_id,
                customer_id=seat.customer_id,
                uuid=uuid4(),
                amount=1200,
                currency="GBP",
                method="cash",
                taken_at=now,
                created_at=now,
            )
            StudioPaymentLine.objects.create(account_id=seat.account_id, payment=made, seat=seat, amount=1200)

    run_at_once(2, take)

    assert Seat.objects.get(pk=seat.pk).owed == -1200


def test_of_many_who_take_the_same_money_one_does(seat: Seat) -> None:
    done = run_at_once(WORKERS, taker(seat.account, seat))

    seat.refresh_from_db()
    assert (sorted(done), seat.owed, seat.collected) == ([False] * (WORKERS - 1) + [True], 0, 1200)
    assert StudioPayment.objects.count() == 1


def test_the_same_form_at_once_takes_it_once(seat: Seat) -> None:
    key = uuid4()

    def take(_number: int) -> bool:
        now = timezone.now()
        return take_money(seat.account, {seat.pk: 1200}, handed(), by=None, key=key, now=now).is_new

    assert sorted(run_at_once(WORKERS, take)) == [False] * (WORKERS - 1) + [True]


def test_while_it_is_cancelled_it_is_taken_and_theirs_or_not_at_all(seat: Seat) -> None:
    take = taker(seat.account, seat)

    def act(number: int) -> bool:
        if number:
            return take(number)
        cancel_by_studio([seat.pk], now=timezone.now())
        return False

    took = any(run_at_once(2, act))

    seat.refresh_from_db()
    assert (seat.owed, seat.collected) == ((-1200, 1200) if took else (0, 0))


def test_of_many_who_give_back_the_same_part_one_does(seat: Seat) -> None:
    """What is owed is nothing before and after: what was paid there tells them."""
    taker(seat.account, seat)(0)
    part = Handed(amount=500, method=MoneyMethod.CASH, at=timezone.now())

    def give_back(_number: int) -> bool:
        seen = [Owing(seat.pk, 0, 1200)]
        try:
            give_back_money(seat.account, seen, part, by=None, key=uuid4(), now=timezone.now())
        except OwedChangedError:
            return False
        return True

    assert sorted(run_at_once(WORKERS, give_back)) == [False] * (WORKERS - 1) + [True]
    seat.refresh_from_db()
    assert (seat.owed, seat.collected) == (0, 700)


def test_what_is_taken_while_it_is_waived_is_never_lost(seat: Seat) -> None:
    part = Handed(amount=500, method=MoneyMethod.CASH, at=timezone.now())

    def act(number: int) -> bool:
        try:
            if number:
                take_money(seat.account, {seat.pk: 1200}, part, by=None, key=uuid4(), now=timezone.now())
            else:
                settle_seats(seat.booking, seen=1200)
        except OwedChangedError:
            return False
        return True

    done = run_at_once(2, act)

    seat.refresh_from_db()
    assert sorted(done) == [False, True]
    assert (seat.owed, seat.collected) == ((700, 500) if done[1] else (0, 0))


def test_it_is_corrected_once(seat: Seat) -> None:
    taker(seat.account, seat)(0)
    made = StudioPayment.objects.get()

    def undo(_number: int) -> bool:
        try:
            correct_money(seat.account, made.pk, None, by=None, key=uuid4(), now=timezone.now())
        except CorrectedAlreadyError:
            return False
        return True

    assert sorted(run_at_once(WORKERS, undo)) == [False] * (WORKERS - 1) + [True]
    seat.refresh_from_db()
    assert (seat.owed, seat.collected) == (1200, 0)


def test_lines_that_do_not_add_up_are_never_committed(seat: Seat) -> None:
    now = timezone.now()
    with pytest.raises(Exception, match="do not add up"), transaction.atomic():
        StudioPayment.objects.create(
            account_id=seat.account_id,
            customer_id=seat.customer_id,
            uuid=uuid4(),
            amount=1200,
            currency="GBP",
            method="cash",
            taken_at=now,
            created_at=now,
        )
    connection.close()
    assert not StudioPayment.objects.exists()
