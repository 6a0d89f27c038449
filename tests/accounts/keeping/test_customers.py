"""Customers of whom there was no sign for years are erased, some a night, where an account wants that."""

from datetime import datetime, timedelta
from typing import Final

import pytest
from django.db.models import Q

from accounts.erasing import service
from accounts.erasing.parts import Obstacle
from accounts.keeping import customers, forgetting
from accounts.keeping.seen import years_before
from accounts.models import Account, AuditEntry, Customer, Deed, Erasure, Retention
from bookwhen.jobs.run import Run
from tests.factories.accounts import AccountFactory, CustomerFactory, StaffFactory
from tests.factories.schedule import NOW, GroupFactory, add_member

pytestmark = pytest.mark.django_db

LONG_AGO: Final = NOW.replace(year=2024)
YEARS: Final = 3


def came(account: Account, at: datetime = LONG_AGO, **facts: object) -> Customer:
    made = CustomerFactory.create(account=account, **facts)
    Customer.objects.filter(pk=made.pk).update(created_at=at)
    return made


def erases(account: Account) -> Retention:
    by = StaffFactory.create(account=account).user
    made: Retention = Retention.objects.create(
        account=account, customers_years=YEARS, customers_by=by, due_at=NOW - timedelta(seconds=1)
    )
    return made


def night(number: int = 0) -> Run:
    run = Run("forget", now=NOW + timedelta(days=number))
    forgetting.forget_for_accounts(run)
    return run


def left_of(account: Account) -> list[int]:
    return list(account.customers.known().order_by("pk").values_list("pk", flat=True))


def test_who_has_not_come_for_years_is_erased_and_nobody_else() -> None:
    account, other = AccountFactory.create(), AccountFactory.create()
    gone = came(account)
    stays = [came(account, years_before(NOW, YEARS)), came(account, NOW - timedelta(days=1))]
    theirs = came(other)
    by = erases(account).customers_by

    assert night().done == 1

    assert left_of(account) == [each.pk for each in stays]
    assert left_of(other) == [theirs.pk]
    assert Erasure.objects.get().customer_number == gone.pk
    assert AuditEntry.objects.get(action=Deed.CUSTOMER_ERASED).actor == by


def test_some_are_erased_a_night_from_who_came_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "ERASED", 2)
    account = AccountFactory.create()
    gone = [came(account, LONG_AGO + timedelta(days=day)) for day in (3, 1, 2, 1, 4)]
    erases(account)

    nights = [(night(number).done, len(left_of(account))) for number in range(4)]

    assert nights == [(2, 3), (2, 1), (1, 0), (0, 0)]
    first = Erasure.objects.order_by("pk").values_list("customer_number", flat=True)
    assert list(first) == [gone[number].pk for number in (1, 3, 2, 0, 4)]


def test_the_walk_goes_on_where_it_was_and_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "CHUNK", 2)
    monkeypatch.setattr(customers, "LOOKED_AT", 2)
    account = AccountFactory.create()
    group = GroupFactory.create(account=account)
    members = [add_member(group, came(account)) for _number in range(2)]
    last = came(account)
    erases(account)

    assert (night().done, left_of(account)) == (0, [*(each.customer_id for each in members), last.pk])
    assert (night(1).done, Retention.objects.get().walked_at) == (1, None)
    members[0].standings.update(until=LONG_AGO, since=LONG_AGO)
    assert night(2).done == 1
    assert left_of(account) == [members[1].customer_id]


def test_what_is_in_the_way_leaves_them_and_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    account = AccountFactory.create()
    mother, gone = came(account), came(account)
    came(account, NOW, email="", contact=mother, name="Bea")
    erases(account)
    # A sign of nobody: what is then still in the way is what erasing itself asks.
    monkeypatch.setattr("accounts.keeping.seen.Exists", lambda _rows: Q(pk__in=[]))

    run = night()

    assert (run.done, run.failed) == (1, 0)
    assert mother.pk in left_of(account)
    assert gone.pk not in left_of(account)


def test_one_that_fails_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    account = AccountFactory.create()
    bad, gone = came(account), came(account)
    erases(account)
    real = service.erase_customer

    def erase(customer: Customer, **facts: object) -> Erasure:
        if customer.pk == bad.pk:
            raise ArithmeticError
        return real(customer, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(customers, "erase_customer", erase)

    assert night().failed == 1
    assert left_of(account) == [bad.pk]
    assert Erasure.objects.get().customer_number == gone.pk


def test_who_comes_back_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    account = AccountFactory.create()
    back = came(account)
    group = GroupFactory.create(account=account)
    erases(account)
    real = service.obstacles_to_erasing

    def come_back(customer: Customer, *, now: datetime) -> list[Obstacle]:
        add_member(group, customer)
        return real(customer, now=now)

    monkeypatch.setattr(service, "obstacles_to_erasing", come_back)

    assert night().done == 0
    assert left_of(account) == [back.pk]


def test_off_unless_it_is_chosen() -> None:
    account = AccountFactory.create()
    came(account)
    Retention.objects.create(account=account, due_at=NOW - timedelta(seconds=1))

    assert (night().done, len(left_of(account))) == (0, 1)


def test_years_are_counted_by_the_calendar() -> None:
    assert years_before(NOW.replace(year=2028, month=2, day=29), 3) == NOW.replace(year=2025, month=2, day=28)
    assert years_before(NOW, 5) == NOW.replace(year=2025)
