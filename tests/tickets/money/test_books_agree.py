"""Whatever a studio does with money, ledger, cash book, receipts, reports and files say the same, to the penny."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.merging.services import merge_customers
from accounts.models import Account
from bookwhen.money import amount_of, step
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.money import PaymentFactory, create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.tickets.booking.moving import move, read_seat
from tests.tickets.money.receipts.moving import numbered, numbering, refund
from tests.worlds.dashboard import open_dashboard
from tickets.booking.book import book_by_studio
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.booking.owed import settle_seats
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.dashboard.studio.reading import debtors, owing_customers, to_collect_in_all
from tickets.models import (
    LedgerLine,
    MoneyMethod,
    Payment,
    Receipt,
    ReceiptLine,
    Refund,
    RefundState,
    Seat,
    StudioPayment,
    VatRate,
)
from tickets.money.receipts.issuing import number_receipts
from tickets.money.receipts.rates import change_rate
from tickets.money.studio import (
    CorrectedAlreadyError,
    Handed,
    OwedChangedError,
    TooMuchBackError,
    correct_money,
    give_back_money,
    take_money,
)
from tickets.money.studio_spread import Owing
from tickets.money.vat import vat_of
from tickets.reporting.income import OF_TICKETS, Income, read_income, read_ticket_income
from tickets.reporting.spans import Month, Span

REFUSED: Final = (CorrectedAlreadyError, OwedChangedError, TooMuchBackError)
METHODS: Final = list(MoneyMethod)
AMOUNTS: Final = (100, 370, 1200, 3000)
WHEN: Final = (timedelta(0), timedelta(days=1), timedelta(days=14, hours=12, minutes=1), timedelta(days=46))
"""How long ago money was taken: in the first minutes of a month in one zone, in the last hours of another in others."""


class Studio:
    """Two customers with spaces at two entries, by tickets of two rates; owed, and paid online."""

    def __init__(self, zone: str, currency: str) -> None:
        self.account: Account = AccountFactory.create(time_zone=zone, currency=currency, late_refund_percent=33)
        numbering(self.account)
        self.reduced = VatRate.objects.create(account=self.account, name="Reduced", basis_points=550)
        pages = [SchedulePageFactory.create(account=self.account, title=title) for title in ("=River", "Hill")]
        self.entries = [
            EntryFactory.create(page=page, title=title, starts_at=NOW + timedelta(days=days), capacity=20)
            for page, title, days in zip(pages, ("Flow", '"Slow"'), (3, 40), strict=True)
        ]
        self.tickets = [
            TicketFactory.create(entry=entry, price=price, cost="cost", vat_rate=rate)
            for entry, price, rate in zip(self.entries, (1200, 1470), (None, self.reduced), strict=True)
        ]
        self.customers = [CustomerFactory.create(account=self.account, name=name) for name in ("Ada", "@Bea")]
        for customer in self.customers:
            for entry, ticket in zip(self.entries, self.tickets, strict=True):
                wanted = [WantedTicket(ticket=ticket.pk, name=f"{customer.name} {number}") for number in range(2)]
                book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=NOW)
        for entry, ticket in zip(self.entries, self.tickets, strict=True):
            self.buy(entry.pk, ticket.price)

    def buy(self, entry: int, price: int) -> None:
        at = self.entries[0] if self.entries[0].pk == entry else self.entries[1]
        ticket = self.tickets[self.entries.index(at)]
        booking = create_paid_booking(load_entry(at), ticket, "Cleo", "Dan", amount=0, customer=self.customers[0])
        paid = {"amount": 2 * price, "currency": self.account.currency, "paid_at": NOW - WHEN[2]}
        payment = PaymentFactory.create(booking=booking, **paid)
        booking.seats.update(price=price, amount=price, payment=payment)

    def seats(self) -> list[Seat]:
        return list(Seat.objects.filter(account=self.account, payment=None).order_by("pk"))

    def some(self, number: int) -> list[Owing]:
        """Spaces of one customer, with what is owed for them."""
        seats = self.seats()
        first = seats[number % len(seats)]
        same = [seat for seat in seats[number % len(seats) :] if seat.customer_id == first.customer_id]
        return [Owing(seat.pk, seat.owed, seat.collected) for seat in same[: number % 3 + 1]]

    def handed(self, amount: int, number: int) -> Handed:
        amount = amount - amount % step(self.account.currency)
        return Handed(amount=amount, method=METHODS[number % 3], at=NOW - WHEN[number % len(WHEN)], note="=1")

    def take(self, amount: int, number: int) -> None:
        seen = {each.seat: each.owed for each in self.some(number)}
        take_money(self.account, seen, self.handed(amount, number), by=None, key=uuid4(), now=NOW)

    def give_back(self, amount: int, number: int) -> None:
        give_back_money(self.account, self.some(number), self.handed(amount, number), by=None, key=uuid4(), now=NOW)

    def correct(self, amount: int, number: int) -> None:
        made = list(StudioPayment.objects.filter(account=self.account).order_by("pk"))
        if made:
            handed = self.handed(amount, number) if number % 2 else None
            correct_money(self.account, made[number % len(made)].pk, handed, by=None, key=uuid4(), now=NOW)

    def cancel(self, amount: int, number: int) -> None:
        seat = read_seat(self.seats()[number % 8].pk)
        if amount % 200:
            cancel_by_customer(seat.booking, [seat.pk], now=seat.entry.starts_at - timedelta(minutes=5))
        else:
            cancel_by_studio([seat.pk], now=NOW)

    def waive(self, _amount: int, number: int) -> None:
        settle_seats(read_seat(self.seats()[number % 8].pk).booking, seen=None)

    def move(self, _amount: int, number: int) -> None:
        seat = read_seat(self.seats()[number % 8].pk)
        if not seat.cancelled_at:
            there = 1 - [each.pk for each in self.entries].index(seat.entry_id)
            move(seat, self.entries[there], self.tickets[there], notes_difference=bool(number % 5))

    def merge(self, _amount: int, _number: int) -> None:
        if len(self.customers) > 1:
            gone = self.customers.pop()
            merge_customers(self.account, survivor=self.customers[0].pk, gone=gone.pk, now=NOW)

    def refund(self, amount: int, number: int) -> None:
        """Some of an online payment, of one of its spaces or of none that is named."""
        payment = Payment.objects.filter(account=self.account).order_by("pk")[number % 2]
        if amount > payment.amount - payment.refunded:
            return
        seat = payment.seats.order_by("pk")[number % 2]
        gone = seat.refunds.aggregate(all=Sum("amount", default=0))["all"]
        refund(payment, amount, {seat: amount} if number % 3 and amount <= seat.amount - gone else None)

    def let_a_refund_fail(self, _amount: int, number: int) -> None:
        made = Refund.objects.filter(account=self.account, state=RefundState.DONE).order_by("pk")
        if made:
            found = made[number % len(made)]
            Payment.objects.filter(pk=found.payment_id).update(refunded=found.payment.refunded - found.amount)
            Refund.objects.filter(pk=found.pk).update(state=RefundState.FAILED)

    def number(self, _amount: int, _number: int) -> None:
        number_receipts(self.account.pk, now=NOW)

    def change_rate(self, amount: int, _number: int) -> None:
        change_rate(self.reduced, "Reduced", amount)


ACTS: Final[tuple[Callable[[Studio, int, int], None], ...]] = (
    Studio.take,
    Studio.take,
    Studio.take,
    Studio.give_back,
    Studio.correct,
    Studio.correct,
    Studio.cancel,
    Studio.waive,
    Studio.move,
    Studio.merge,
    Studio.refund,
    Studio.refund,
    Studio.let_a_refund_fail,
    Studio.number,
    Studio.change_rate,
)


class Books:
    """All that is told of a studio's money, beside the ledger."""

    def __init__(self, account: Account) -> None:
        self.account, self.dashboard = account, open_dashboard(account)
        self.lines = list(LedgerLine.objects.filter(account=account).order_by("pk"))
        first, last = (NOW - timedelta(days=60)).date(), (NOW + timedelta(days=60)).date()
        self.span = Span(Month.of(first).first, Month.of(last).last, account.zone)

    def month(self, at: datetime) -> Month:
        return Month.of(at.astimezone(self.account.zone).date())

    def at_studio(self) -> list[LedgerLine]:
        return [line for line in self.lines if line.studio_payment_id]

    def agree(self) -> None:
        self.cash_book()
        self.income()
        self.receipts()
        self.files()
        self.owed()

    def cash_book(self) -> None:
        days = {"since": str(self.span.first), "until": str(self.span.last)}
        by_method = _sums((str(line.get_method_display()), line.amount) for line in self.at_studio())
        shown = self.dashboard.get("cash_book", days).context["taken"]
        assert {str(each.method.label): each.amount for each in shown} == by_method
        assert self.file("cash_book_csv", "How", **days) == self.amounts(by_method)

    def income(self) -> None:
        months = read_income(self.account, self.span)[self.account.currency]
        told = {each.month: each.income.net for each in months if each.income != Income()}
        assert told == _sums((self.month(line.happened_at), line.amount) for line in self.lines)
        assert sum(each.income.at_studio for each in months) == sum(line.amount for line in self.at_studio())
        tickets = read_ticket_income(self.account, self.span, self.account.currency)
        assert tickets.total == sum(line.amount for line in self.lines if line.kind in OF_TICKETS)
        assert sum(each.amount for each in tickets.entries) == sum(each.amount for each in tickets.pages)
        unnamed = [line for line in self.lines if line.refund_id and not line.refund.seats.exists()]  # type: ignore[union-attr]
        assert tickets.other == sum(line.amount for line in unnamed)

    def receipts(self) -> None:
        issued = list(Receipt.objects.filter(account=self.account).order_by("number").prefetch_related("lines"))
        assert [each.number for each in issued] == list(range(1, len(self.lines) + 1))
        assert sorted((each.line_id, each.total) for each in issued) == [(line.pk, line.amount) for line in self.lines]
        of = dict[tuple[Any, ...], list[ReceiptLine]]()
        for each in issued:
            assert (sum(line.amount for line in each.lines.all()), each.net + (each.vat or 0)) == (each.total,) * 2
            assert sum(line.vat or 0 for line in each.lines.all()) == each.vat
            for line in each.lines.all():
                what = line.seat_id or -(each.payment_id or 0)
                of.setdefault((what, line.vat_name, line.basis_points), []).append(line)
        for (_what, _name, points), lines in of.items():
            assert sum(line.vat or 0 for line in lines) == vat_of(sum(line.amount for line in lines), points)
        days = {"since": str(self.span.first), "until": str(self.span.last)}
        months = self.dashboard.get("vat_summary", days).context["months"]
        by_month = _sums((self.month(line.happened_at), line.amount) for line in self.lines)
        assert {Month.of(each.month): each.all.gross for each in months if each.all.gross} == {
            month: amount for month, amount in by_month.items() if amount
        }
        assert sum(each.all.vat for each in months) == sum(each.vat or 0 for each in issued)

    def files(self) -> None:
        all_of_it = sum(line.amount for line in self.lines)
        whole = self.amounts({"": all_of_it})
        assert self.file("report_ledger_csv") == whole
        assert self.file("receipts_csv", amount="Gross") == whole
        by_month = _sums((str(self.month(line.happened_at)), line.amount) for line in self.lines)
        income = self.file("report_income_csv", "Month", amount="Net")
        assert {month: amount for month, amount in income.items() if amount} == {
            month: amount for month, amount in self.amounts(by_month).items() if amount
        }

    def owed(self) -> None:
        in_all = Seat.objects.filter(account=self.account).aggregate(all=Sum("owed"))["all"]
        listed = [
            each
            for credit in (False, True)
            for each in debtors(self.account, list(owing_customers(self.account, credit=credit)))
        ]
        assert sum(each.owes for each in listed) == in_all
        assert all(each.owes == sum(seat.owed for seat in each.seats) for each in listed)
        assert to_collect_in_all(self.account) == sum(each.owes for each in listed if each.owes > 0)
        collected = Seat.objects.filter(account=self.account).aggregate(all=Sum("collected"))["all"]
        assert collected == sum(line.amount for line in self.at_studio())

    def file(self, name: str, key: str = "", *, amount: str = "Amount", **query: str) -> dict[str, Decimal]:
        """What the rows of a file add up to, by one of its columns."""
        text = self.dashboard.get(name, query).getvalue().decode("utf-8-sig")
        found = dict[str, Decimal]()
        for row in csv.DictReader(io.StringIO(text)):
            of = row[key] if key else ""
            found[of] = found.get(of, Decimal(0)) + Decimal(row[amount])
        return found

    def amounts(self, minor: dict[Any, int]) -> dict[Any, Decimal]:
        return {key: amount_of(amount, self.account.currency) for key, amount in minor.items()}


def _sums(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    found = Counter[Any]()
    for key, amount in pairs:
        found[key] += amount
    return dict(found)


@pytest.mark.django_db
@pytest.mark.usefixtures("_at_noon")
def test_all_that_is_told_of_money_is_one() -> None:
    @settings(
        max_examples=10,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.generate],
    )
    @given(
        st.sampled_from(["Europe/London", "Pacific/Auckland", "America/Los_Angeles"]),
        st.sampled_from(["GBP", "JPY", "KWD"]),
        st.lists(
            st.tuples(st.sampled_from(ACTS), st.sampled_from(AMOUNTS), st.integers(0, 99)), min_size=6, max_size=14
        ),
    )
    def live(zone: str, currency: str, acts: list[tuple[Callable[[Studio, int, int], None], int, int]]) -> None:
        studio = Studio(zone, currency)
        for act, amount, number in acts:
            with suppress(*REFUSED), transaction.atomic():
                act(studio, amount, number)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        numbered(studio.account)
        Books(studio.account).agree()
        assert {each.kind for each in check_books(account=studio.account, now=NOW)} <= {"failed"}

    live()
