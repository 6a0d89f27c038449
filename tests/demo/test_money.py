"""The demo’s season in money, to the penny: the ledger is what Stripe charged and what the desk took; VAT adds up."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Sum

from accounts.models import Account
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.world import World
from tests.factories.schedule import NOW
from tickets.consistency import check_books
from tickets.models import LedgerKind, LedgerLine, LedgerMethod, MoneyMethod, Receipt, ReceiptLine, StudioPayment
from tickets.money.receipts.issuing import number_receipts
from tickets.money.till import taken_by_method
from tickets.money.vat import vat_of
from tickets.reporting.income import read_income, read_net, read_ticket_income
from tickets.reporting.spans import Month, Span, month_span

pytestmark = pytest.mark.django_db

ONLINE = LedgerKind.TICKETS_PAID, LedgerKind.MEMBERSHIP_PAID
Sums = Counter[tuple[str, str]]
"""Minor units by month (2029-11) and currency."""


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    found: World = next(iter(sandbox.platform.worlds.values()))
    return found


@pytest.fixture
def season(account: Account) -> Span:
    """All days on which money moved, the first and the last months whole."""
    lines = LedgerLine.objects.filter(account=account).order_by("happened_at")
    first, last = lines[0], lines.latest("happened_at")
    days = [each.happened_at.astimezone(account.zone).date() for each in (first, last)]
    return Span(Month.of(days[0]).first, Month.of(days[1]).last, account.zone)


def month_of(account: Account, at: int | datetime) -> str:
    """The month of an instant on the studio’s clocks; a number is Stripe’s: seconds."""
    when = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return str(Month.of(when.astimezone(account.zone).date()))


def add_up(account: Account, rows: Iterator[tuple[int | datetime, str, int]]) -> Sums:
    """The sums of rows (instant, currency, amount), those of nothing left out."""
    sums: Sums = Counter()
    for at, currency, amount in rows:
        sums[month_of(account, at), currency.upper()] += amount
    return Counter({key: amount for key, amount in sums.items() if amount})


def of_ledger(account: Account, **wanted: Any) -> Sums:
    lines = LedgerLine.objects.filter(account=account, **wanted)
    return add_up(account, lines.values_list("happened_at", "currency", "amount").iterator())


def charged(world: World) -> Iterator[tuple[int, str, int]]:
    for each in world.of("charge", status="succeeded"):
        yield each["created"], each["currency"], each["amount_captured"]


def given_back(world: World) -> Iterator[tuple[int, str, int]]:
    for status in ("pending", "requires_action", "succeeded"):
        for each in world.of("refund", status=status):
            yield each["created"], each["currency"], -each["amount"]


def billed(world: World) -> Iterator[tuple[int, str, int]]:
    for each in world.of("invoice", status="paid"):
        yield each["status_transitions"]["paid_at"], each["currency"], each["amount_paid"]


def taken_by_banks(world: World) -> Iterator[tuple[int, str, int]]:
    for dispute in world.of("dispute"):
        for each in dispute["balance_transactions"]:
            yield each["created"], each["currency"], each["amount"]


def test_the_ledger_is_what_stripe_charged_gave_back_and_lost(account: Account, world: World) -> None:
    ledger = {kind: of_ledger(account, kind=kind) for kind in LedgerKind}
    all_charged = add_up(account, charged(world))

    assert of_ledger(account, kind__in=ONLINE) == all_charged
    assert ledger[LedgerKind.MEMBERSHIP_PAID] == add_up(account, billed(world))
    refunds = ledger[LedgerKind.TICKETS_REFUNDED], ledger[LedgerKind.MEMBERSHIP_REFUNDED]
    assert plus(*refunds) == add_up(account, given_back(world))
    assert ledger[LedgerKind.DISPUTED] == add_up(account, taken_by_banks(world))
    # It is a season: several months, and something of each.
    assert len(all_charged) >= 3
    assert {kind for kind, sums in ledger.items() if not sums} <= {LedgerKind.MEMBERSHIP_REFUNDED}


def test_it_is_what_the_cash_book_says_by_each_way(account: Account, season: Span) -> None:
    for method in MoneyMethod:
        rows = StudioPayment.objects.filter(account=account, method=method)
        written = add_up(account, rows.values_list("taken_at", "currency", "amount").iterator())
        assert written
        assert of_ledger(account, method=method) == written

    for month in season.months:
        days = month_span(month, account.zone)
        book = {each.method: each.amount for each in taken_by_method(account, days.first, days.last)}
        sums = {method: of_ledger(account, method=method)[str(month), account.currency] for method in MoneyMethod}
        assert book == {method: amount for method, amount in sums.items() if amount}


def test_the_income_report_is_the_ledger(account: Account, season: Span, world: World) -> None:
    report = read_income(account, season)

    assert set(report) == {account.currency}
    found = {str(each.month): each.income for each in report[account.currency]}
    for method in LedgerMethod:
        told = of_ledger(account, method=method)
        assert {month: income.by(method) for month, income in found.items() if income.by(method)} == {
            month: amount for (month, _currency), amount in told.items()
        }
    stripes = plus(*(add_up(account, rows) for rows in (charged(world), given_back(world), taken_by_banks(world))))
    cash = add_up(account, StudioPayment.objects.values_list("taken_at", "currency", "amount").iterator())
    assert sum(income.net for income in found.values()) == sum(stripes.values()) + sum(cash.values())
    assert read_net(account, season) == sum(income.net for income in found.values())
    tickets = read_ticket_income(account, season, account.currency)
    assert tickets.total == sum(income.net - income.memberships - income.disputes for income in found.values())


def plus(*many: Mapping[tuple[str, str], int]) -> Sums:
    whole: Sums = Counter()
    for each in many:
        whole.update(each)
    return Counter({key: amount for key, amount in whole.items() if amount})


def test_vat_by_rate_adds_up_line_by_line(account: Account) -> None:
    while number_receipts(account.pk, now=NOW):
        pass
    receipts = list(Receipt.objects.filter(account=account).order_by("number").prefetch_related("lines"))

    first = receipts[0].number
    assert [each.number for each in receipts] == list(range(first, first + len(receipts)))
    of_tickets = LedgerLine.objects.filter(account=account).exclude(kind__in=NOT_RECEIPTED)
    assert {each.line_id for each in receipts} == set(of_tickets.values_list("pk", flat=True))
    assert sum(each.total for each in receipts) == of_tickets.aggregate(all=Sum("amount"))["all"]
    so_far: Counter[tuple[int | None, int | None, str, int | None]] = Counter()
    for receipt in receipts:
        lines = sorted(receipt.lines.all(), key=lambda line: line.position)
        assert receipt.total == sum(line.amount for line in lines)
        assert receipt.vat == sum(line.vat for line in lines if line.vat is not None)
        for line in lines:
            key = line.seat_id, None if line.seat_id else receipt.payment_id, line.vat_name, line.basis_points
            before = so_far[key]
            so_far[key] += line.amount
            assert line.basis_points is not None
            assert line.vat == vat_of(so_far[key], line.basis_points) - vat_of(before, line.basis_points)
    assert_by_rate(account, so_far)
    assert check_books(account=account, now=NOW) == []


NOT_RECEIPTED = LedgerKind.MEMBERSHIP_PAID, LedgerKind.MEMBERSHIP_REFUNDED, LedgerKind.DISPUTED


def assert_by_rate(
    account: Account, charged_in_all: Mapping[tuple[int | None, int | None, str, int | None], int]
) -> None:
    """What a month’s file adds up by rate is the VAT of what was charged in all for each thing."""
    lines = ReceiptLine.objects.filter(account=account).order_by()
    by_rate = {
        (each["vat_name"], each["basis_points"]): (each["amount"], each["vat"])
        for each in lines.values("vat_name", "basis_points").annotate(amount=Sum("amount"), vat=Sum("vat"))
    }
    expected: dict[tuple[str, int | None], tuple[int, int]] = {}
    for (*_thing, name, points), amount in charged_in_all.items():
        gross, vat = expected.get((name, points), (0, 0))
        expected[name, points] = gross + amount, vat + vat_of(amount, points or 0)
    assert by_rate == expected
    assert set(by_rate) == {("Standard", 2000), ("Exempt tuition", 0)}
