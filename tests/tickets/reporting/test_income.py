"""Income by month, in a small world whose sums are known: it is what the ledger, and the proof of the books, say."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Account
from memberships.models import Invoice, Membership, Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests.factories.accounts import CustomerFactory, SchedulePageFactory
from tests.factories.money import DisputeFactory, PaymentFactory, RefundFactory, create_paid_booking
from tests.factories.schedule import EntryFactory, GroupFactory, TicketFactory
from tests.tickets.checkout.test_edges import buy_with_membership, pay_for_ticket
from tests.tickets.reporting.test_fullness import move
from tests.worlds.bank import Bank
from tests.worlds.till import Till
from tickets.booking.cancel import cancel_seats
from tickets.consistency import check_books
from tickets.models import (
    Booking,
    Channel,
    Dispute,
    Entry,
    LedgerLine,
    Payment,
    Refund,
    RefundedSeat,
    Seat,
    StudioPayment,
    StudioPaymentLine,
    Ticket,
    TicketCost,
)
from tickets.reporting.income import (
    Income,
    NamedAmount,
    methods_used,
    read_income,
    read_net,
    read_ticket_income,
)
from tickets.reporting.spans import Month, Span, month_so_far, month_span

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
SUMMER = Span(date(2030, 6, 1), date(2030, 8, 31), LONDON)
JUNE, JULY, AUGUST = (datetime(2030, month, 10, 12, tzinfo=UTC) for month in (6, 7, 8))


@pytest.fixture
def entry() -> Entry:
    return EntryFactory.create(title="Flow", page=SchedulePageFactory.create(title="River"))


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, cost=TicketCost.COST, price=1200)


@pytest.fixture
def studio(entry: Entry) -> Account:
    return entry.account


def paid(entry: Entry, ticket: Ticket, at: datetime, *names: str, amount: int = 1200) -> Payment:
    """A booking that was paid at an instant: a fixture that the database itself tells its ledger of."""
    booking = create_paid_booking(entry, ticket, *names, amount=0)
    payment = PaymentFactory.create(booking=booking, amount=amount * len(names), paid_at=at)
    booking.seats.update(price=amount, amount=amount, payment=payment)
    return payment


def refunded(payment: Payment, amount: int, at: datetime, *, seat: Seat | None = None) -> Refund:
    refund = RefundFactory.create(payment=payment, amount=amount, state="done", created_at=at, done_at=at)
    Payment.objects.filter(pk=payment.pk).update(refunded=payment.refunded + amount)
    if seat:
        RefundedSeat.objects.create(account=payment.account, refund=refund, seat=seat, amount=amount)
    return refund


def taken(seat: Seat, amount: int, at: datetime, method: str = "cash") -> None:
    common = {"account": seat.account, "amount": amount}
    made = StudioPayment.objects.create(
        **common, customer=seat.customer, uuid=uuid4(), currency="GBP", method=method, taken_at=at, created_at=at
    )
    StudioPaymentLine.objects.create(**common, payment=made, seat=seat)


def billed(account: Account, amount: int, at: datetime) -> Invoice:
    membership = Membership.objects.create(
        account=account, group=GroupFactory.create(account=account), title="Gold", created_at=at
    )
    price = Price.objects.create(
        account=account, membership=membership, title="Monthly", amount=amount, currency="GBP", created_at=at
    )
    subscription = Subscription.objects.create(
        account=account, customer=CustomerFactory.create(account=account), membership=membership, price=price,
        source=SubscriptionSource.CHECKOUT, status=SubscriptionStatus.ACTIVE, stripe_id=f"sub_{uuid4()}",
        started_at=at, created_at=at,
    )  # fmt: skip
    return Invoice.objects.create(
        account=account, subscription=subscription, stripe_id=f"in_{uuid4()}", status="paid", amount_due=amount,
        amount_paid=amount, currency="GBP", created_at=at, paid_at=at,
    )  # fmt: skip


def told(account: Account, span: Span = SUMMER) -> list[tuple[int, int, int, int, int, int]]:
    """Tickets, memberships, at the studio, refunds, disputes and net, month by month."""
    return [
        (each.tickets, each.memberships, each.at_studio, each.refunds, each.disputes, each.net)
        for each in (month.income for month in read_income(account, span)["GBP"])
    ]


def test_a_payment_at_half_past_midnight_is_of_the_new_month(studio: Account, entry: Entry, ticket: Ticket) -> None:
    """On the clocks of London; in UTC it is still June."""
    paid(entry, ticket, datetime(2030, 6, 30, 23, 30, tzinfo=UTC), "Ada")
    paid(entry, ticket, datetime(2030, 6, 30, 22, 59, tzinfo=UTC), "Bea", amount=1000)

    assert [each[0] for each in told(studio)] == [1000, 1200, 0]


def test_in_winter_the_month_begins_as_in_utc(studio: Account, entry: Entry, ticket: Ticket) -> None:
    """The month of the change is as long as its clocks say."""
    paid(entry, ticket, datetime(2030, 3, 31, 22, 59, 59, tzinfo=UTC), "Ada")
    paid(entry, ticket, datetime(2030, 3, 31, 23, tzinfo=UTC), "Bea", amount=1000)

    spring = Span(date(2030, 3, 1), date(2030, 4, 30), LONDON)
    assert [each[0] for each in told(studio, spring)] == [1200, 1000]


def test_a_refund_is_of_its_own_month_and_leaves_the_payments_as_it_was(
    studio: Account, entry: Entry, ticket: Ticket
) -> None:
    refunded(paid(entry, ticket, JUNE, "Ada", "Bea"), 1200, AUGUST)

    assert told(studio) == [(2400, 0, 0, 0, 0, 2400), (0, 0, 0, 0, 0, 0), (0, 0, 0, -1200, 0, -1200)]


def test_everything_that_moves_is_in_its_column_and_the_net_is_all_of_it(
    studio: Account, entry: Entry, ticket: Ticket
) -> None:
    payment = paid(entry, ticket, JUNE, "Ada")
    billed(studio, 4500, JULY)
    taken(payment.seats.get(), 700, JULY)
    taken(payment.seats.get(), -200, AUGUST, "transfer")
    DisputeFactory.create(payment=payment, withdrawn=1200, opened_at=AUGUST)
    Payment.objects.filter(pk=payment.pk).update(withdrawn=1200)

    assert told(studio) == [
        (1200, 0, 0, 0, 0, 1200), (0, 4500, 700, 0, 0, 5200), (0, 0, -200, 0, -1200, -1400),
    ]  # fmt: skip
    months = read_income(studio, SUMMER)["GBP"]
    assert methods_used(months) == ["stripe", "cash", "transfer"]
    total = sum((each.income for each in months), Income())
    assert [total.by(each) for each in ("stripe", "cash", "transfer")] == [4500, 700, -200]
    assert total.net == LedgerLine.objects.filter(account=studio).aggregate(sum=Sum("amount"))["sum"]


def test_another_studio_is_not_counted_and_another_currency_apart(
    studio: Account, entry: Entry, ticket: Ticket
) -> None:
    other = EntryFactory.create()
    paid(other, TicketFactory.create(entry=other), JUNE, "Ada")
    abroad = create_paid_booking(entry, ticket, "Ada", amount=0)
    PaymentFactory.create(booking=abroad, amount=900, currency="EUR", paid_at=JUNE)

    found = read_income(studio, SUMMER)
    assert {currency: [each.income.net for each in months] for currency, months in found.items()} == {
        "GBP": [0, 0, 0],
        "EUR": [900, 0, 0],
    }


def test_tickets_are_told_by_page_and_entry_and_the_rest_is_nobodys(
    studio: Account, entry: Entry, ticket: Ticket
) -> None:
    """Two seats were paid for, one of them refunded; some more went back by the studio’s word alone."""
    second = EntryFactory.create(page=SchedulePageFactory.create(account=studio, title="Hill"), title="Slow")
    dear = TicketFactory.create(entry=second, cost=TicketCost.COST, price=2000)
    payment = paid(entry, ticket, JUNE, "Ada", "Bea")
    refunded(payment, 1200, JULY, seat=payment.seats.first())
    refunded(payment, 100, JULY)
    paid(second, dear, JULY, "Cyd", amount=2000)
    taken(second.seats.get(), 300, AUGUST)
    billed(studio, 4500, JULY)

    found = read_ticket_income(studio, SUMMER, "GBP")

    assert (found.total, found.other) == (2400 - 1200 - 100 + 2000 + 300, -100)
    assert found.pages == [NamedAmount("Hill", 2300), NamedAmount("River", 1200)]
    assert found.entries == [NamedAmount("Slow", 2300), NamedAmount("Flow", 1200)]


def test_a_refund_that_failed_is_taken_back_for_its_entry_too(studio: Account, entry: Entry, ticket: Ticket) -> None:
    payment = paid(entry, ticket, JUNE, "Ada")
    refund = refunded(payment, 1200, JULY, seat=payment.seats.get())
    Refund.objects.filter(pk=refund.pk).update(state="failed", moved_at=AUGUST)

    assert [each[5] for each in told(studio)] == [1200, -1200, 1200]
    assert read_ticket_income(studio, SUMMER, "GBP").entries == [NamedAmount("Flow", 1200)]


def test_what_a_seat_cost_is_of_the_entry_that_it_was_moved_to(studio: Account, entry: Entry, ticket: Ticket) -> None:
    later = EntryFactory.create(page=entry.page, title="Later")
    payment = paid(entry, ticket, JUNE, "Ada")
    move(payment.seats.get(), later)

    assert read_ticket_income(studio, SUMMER, "GBP").entries == [NamedAmount("Later", 1200)]


def test_a_cancelled_seat_that_nobody_refunded_stays_income(studio: Account, entry: Entry, ticket: Ticket) -> None:
    payment = paid(entry, ticket, JUNE, "Ada")
    cancel_seats(seats=[payment.seats.get().pk], by=Channel.CUSTOMER, returning=[entry.pk], now=JULY, tell=False)

    assert [each[5] for each in told(studio)] == [1200, 0, 0]
    assert read_ticket_income(studio, SUMMER, "GBP").entries == [NamedAmount("Flow", 1200)]


def test_the_month_so_far_is_up_to_today(studio: Account, entry: Entry, ticket: Ticket) -> None:
    assert read_net(studio, month_so_far(studio, now=JULY)) is None
    paid(entry, ticket, JULY, "Ada")
    paid(entry, ticket, JUNE, "Bea")

    assert read_net(studio, month_so_far(studio, now=JULY)) == 1200


def test_income_equals_stripes_and_the_books(till: Till, process_stripe_events: Callable[..., None]) -> None:
    """What the stand-in has taken, refunded and withdrawn is what the report tells, and nothing is wrong with it."""
    bank = Bank(till.seller.sandbox)
    first, _second = pay_for_ticket(till), pay_for_ticket(till, 1500)
    buy_with_membership(till)
    bank.refund(first.intent, 400)
    bank.dispute(_second.intent)
    connection = till.account.connection
    process_stripe_events(connection)

    now = timezone.now()
    span = month_span(Month.of(now.astimezone(till.account.zone).date()), till.account.zone)
    (month,) = read_income(till.account, span)["GBP"]
    at_stripe = at_stripe_net(till)
    assert (month.income.net, month.income.refunds, month.income.disputes) == (at_stripe, -400, -1500)
    assert [each.kind for each in check_books(now=now)] == []
    assert Dispute.objects.count() == 1
    assert Booking.objects.filter(account=till.account).exists()


def at_stripe_net(till: Till) -> int:
    """What the studio’s charges come to at the stand-in: less refunds, and what disputes have withdrawn."""
    world = till.seller.sandbox.platform.worlds[till.seller.key]
    charged = sum(each["amount_captured"] - each["amount_refunded"] for each in world.of("charge"))
    taken = sum(moved["amount"] for each in world.of("dispute") for moved in each["balance_transactions"])
    return int(charged + taken)


def test_a_day_is_a_day_of_the_account(studio: Account) -> None:
    assert month_so_far(studio, now=datetime(2030, 6, 30, 23, 30, tzinfo=UTC)).first == date(2030, 7, 1)
    assert timedelta(days=31) == month_span(Month(2030, 7), LONDON).ends - month_span(Month(2030, 7), LONDON).begins
