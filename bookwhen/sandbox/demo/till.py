"""What was paid at the demo's studio: in cash, by card machine or transfer; a mistake put right; and who still owes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.history.acting import acting
from accounts.models import Account, PaysAtStudio, SchedulePage, User
from bookwhen.sandbox.demo.logins import DESK
from bookwhen.sandbox.demo.programme import DROP_IN
from tickets.models import MoneyMethod, Seat
from tickets.money.studio import Handed, correct_money, take_money

SINCE: Final = timedelta(days=80)
EACH: Final = 9
"""Of so many who dropped in one paid at the studio."""
MOST: Final = 60
STILL_OWE: Final = 4
"""How many have not paid yet: those who came last."""
METHODS: Final = (MoneyMethod.CASH, MoneyMethod.CARD_MACHINE, MoneyMethod.CASH, MoneyMethod.TRANSFER)
MISTAKE: Final = 2
"""Which of them was typed in wrongly."""
KEY: Final = 70_000
"""The keys of what is written begin here: always the same."""


def take_at_the_door(account: Account, *, now: datetime) -> None:
    """Let customers pay at the studio, and write down what those who dropped in have paid there, and who still owes."""
    SchedulePage.objects.filter(account=account).update(pays_at_studio=PaysAtStudio.ALSO)
    came = (
        Seat.objects.live()
        .booked()
        .filter(
            account=account,
            ticket__name=DROP_IN.name,
            ticket__price__gt=0,
            payment=None,
            entry__starts_at__range=(now - SINCE, now - timedelta(hours=1)),
        )
    )
    chosen = list(came.select_related("entry", "ticket").order_by("entry__starts_at", "pk")[::EACH])[-MOST:]
    for seat in chosen:
        seat.owed = seat.ticket.price
    Seat.objects.bulk_update(chosen, ["owed"])
    desk = User.objects.get(email=DESK)
    _take(account, desk, chosen[:-STILL_OWE])


def _take(account: Account, desk: User, seats: Sequence[Seat]) -> None:
    """Take what each owes as their class begins; one was typed in wrongly, and put right soon after."""
    for number, seat in enumerate(seats):
        at, method = seat.entry.starts_at - timedelta(minutes=5), METHODS[number % len(METHODS)]
        handed = Handed(amount=seat.owed - (200 if number == MISTAKE else 0), method=method, at=at)
        with acting(desk, at=at):
            made = take_money(account, {seat.pk: seat.owed}, handed, by=desk, key=_key(2 * number), now=at).payment
        if number == MISTAKE:
            later = at + timedelta(minutes=40)
            right = Handed(amount=seat.owed, method=method, at=later, note="Typed in wrongly")
            with acting(desk, at=later):
                correct_money(account, made.pk, right, by=desk, key=_key(2 * number + 1), now=later)


def _key(number: int) -> UUID:
    return UUID(int=KEY + number, version=4)
