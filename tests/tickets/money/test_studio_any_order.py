"""Cash taken, given back, corrected and spaces cancelled, in any order: books and ledger add up to the penny."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories.schedule import NOW, EntryFactory, TicketFactory, create_customer_with_login, load_entry
from tickets.booking.book import book_by_studio
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import LedgerLine, MoneyMethod, Seat, StudioPayment
from tickets.money.studio import (
    CorrectedAlreadyError,
    Handed,
    OwedChangedError,
    TooMuchBackError,
    correct_money,
    give_back_money,
    take_money,
)

REFUSED: Final = (CorrectedAlreadyError, OwedChangedError, TooMuchBackError)
AMOUNTS: Final = st.sampled_from([100, 500, 1200, 3000])
METHODS: Final = list(MoneyMethod)


class Door:
    """Three spaces of one customer, 12.00 each, and all that the desk can do with their money."""

    def __init__(self) -> None:
        entry = EntryFactory.create(starts_at=NOW + timedelta(days=3))
        self.account, self.customer = entry.account, create_customer_with_login(entry.account)
        ticket = TicketFactory.create(entry=entry, price=1200, cost="cost")
        wanted = [WantedTicket(ticket=ticket.pk, name=f"Ada {number}") for number in range(3)]
        book_by_studio(load_entry(entry), self.customer, wanted, key=uuid4(), now=NOW)

    def seen(self, number: int) -> dict[int, int]:
        seats = list(Seat.objects.filter(account=self.account).order_by("pk").values_list("pk", "owed"))
        return dict(seats[: number % 3 + 1])

    def handed(self, amount: int, number: int) -> Handed:
        return Handed(amount=amount, method=METHODS[number % len(METHODS)], at=NOW)

    def take(self, amount: int, number: int) -> None:
        handed = self.handed(amount, number)
        take_money(self.account, self.seen(number), handed, by=None, key=uuid4(), now=NOW)

    def give_back(self, amount: int, number: int) -> None:
        handed = self.handed(amount, number)
        give_back_money(self.account, self.seen(number), handed, by=None, key=uuid4(), now=NOW)

    def correct(self, amount: int, number: int) -> None:
        made = list(StudioPayment.objects.filter(account=self.account).order_by("pk"))
        if made:
            handed = self.handed(amount, number) if number % 2 else None
            correct_money(self.account, made[number % len(made)].pk, handed, by=None, key=uuid4(), now=NOW)

    def cancel(self, _amount: int, number: int) -> None:
        cancel_by_studio([list(self.seen(2))[number % 3]], now=NOW)


ACTS: Final[tuple[Callable[[Door, int, int], None], ...]] = (
    Door.take,
    Door.take,
    Door.give_back,
    Door.correct,
    Door.correct,
    Door.cancel,
)


@pytest.mark.django_db
def test_whatever_the_desk_does_everything_adds_up() -> None:
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.generate],
    )
    @given(
        st.lists(
            st.tuples(st.sampled_from(ACTS), st.sampled_from([100, 500, 1200, 3000]), st.integers(0, 99)), max_size=8
        )
    )
    def live(acts: list[tuple[Callable[[Door, int, int], None], int, int]]) -> None:
        door = Door()
        for act, amount, number in acts:
            with suppress(*REFUSED), transaction.atomic():
                act(door, amount, number)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        mine = {"account": door.account}
        taken = StudioPayment.objects.filter(**mine).aggregate(all=Sum("amount", default=0))["all"]
        assert LedgerLine.objects.filter(**mine).aggregate(all=Sum("amount", default=0))["all"] == taken
        assert Seat.objects.filter(**mine).aggregate(all=Sum("collected"))["all"] == taken
        assert [each.kind for each in check_books(account=door.account, now=NOW)] == []

    live()
