"""Every movement of money for tickets gets its receipt: in order, without gaps, once, and for good."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import Account
from tests.factories.money import create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.tickets.money.receipts.moving import numbered, numbering, refund, take
from tickets.consistency import check_books
from tickets.models import (
    Booking,
    Entry,
    MoneyMethod,
    Receipt,
    ReceiptCounter,
    ReceiptDue,
    ReceiptKind,
    ReceiptLine,
    ReceiptSettings,
    RefundState,
    Seat,
    Ticket,
    VatRate,
)
from tickets.money.receipts.business import turn_off
from tickets.money.receipts.issuing import BATCH, number_receipts, number_receipts_of, words_of
from tickets.tasks import number_receipts_in, sweep_receipts

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return load_entry(EntryFactory.create(title="Vinyasa", capacity=300))


@pytest.fixture
def account(entry: Entry) -> Account:
    return entry.account


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in", cost="cost", price=1200)


def buy(ticket: Ticket, *names: str, amount: int = 1200) -> Booking:
    return create_paid_booking(load_entry(ticket.series.entries.get()), ticket, *(names or ("Ada",)), amount=amount)


def seats_of(booking: Booking) -> list[Seat]:
    return list(booking.seats.order_by("pk"))


def wrong() -> list[str]:
    return [each.kind for each in check_books(now=NOW) if each.kind.startswith("receipt")]


def test_a_payment_gets_a_receipt_with_the_vat_of_each_space(account: Account, ticket: Ticket) -> None:
    numbering(account, first=41, prefix="R-")
    booking = buy(ticket, "Ada", "Ben")

    assert numbered(account) == [(41, ReceiptKind.RECEIPT, 2400, 400)]

    receipt = Receipt.objects.get()
    assert (str(receipt), receipt.name, receipt.reference) == ("R-41", booking.customer.name, booking.reference)
    assert (receipt.business_name, receipt.business_address, receipt.vat_number) == (
        "River Ltd",
        "1 Mill Lane",
        "GB123",
    )
    payment = booking.payments.get()
    assert (receipt.payment, receipt.customer, receipt.paid_at) == (payment, booking.customer, payment.paid_at)
    assert [
        (line.text, line.detail, line.vat_name, line.basis_points, line.amount, line.vat, line.seat)
        for line in receipt.lines.order_by("position")
    ] == [
        ("Vinyasa, 17 January 2030, 12:00", "Drop-in", "Standard", 2000, 1200, 200, seat) for seat in seats_of(booking)
    ]
    assert not ReceiptDue.objects.exists()
    assert wrong() == []


def test_nothing_is_numbered_before_the_studio_says_so_nor_after(account: Account, ticket: Ticket) -> None:
    before = buy(ticket)
    numbering(account)
    buy(ticket)
    turn_off(account)
    buy(ticket)

    assert numbered(account) == [(1, "receipt", 1200, 200)]
    assert Receipt.objects.get().payment != before.payments.get()


def test_a_refund_in_parts_takes_back_exactly_the_vat_that_was_charged(account: Account, ticket: Ticket) -> None:
    numbering(account)
    booking = buy(ticket, amount=1000)
    payment, (seat,) = booking.payments.get(), seats_of(booking)
    for part in (333, 333, 334):
        refund(payment, part, {seat: part})

    rows = numbered(account)

    assert rows == [
        (1, "receipt", 1000, 167),
        (2, "credit_note", -333, -56),
        (3, "credit_note", -333, -55),
        (4, "credit_note", -334, -56),
    ]
    first = Receipt.objects.get(number=1)
    assert set(Receipt.objects.exclude(pk=first.pk).values_list("credits", flat=True)) == {first.pk}
    assert wrong() == []


def test_a_refund_by_the_studios_word_is_spread_over_all_spaces(account: Account, ticket: Ticket) -> None:
    numbering(account)
    booking = buy(ticket, "Ada", "Ben")
    refund(booking.payments.get(), 600)

    assert numbered(account)[1] == (2, "credit_note", -600, -100)
    lines = ReceiptLine.objects.filter(receipt__number=2).order_by("position")
    assert [(line.seat, line.amount, line.vat) for line in lines] == [(seat, -300, -50) for seat in seats_of(booking)]


def test_the_rate_of_a_credit_note_is_that_of_its_receipt(account: Account, ticket: Ticket) -> None:
    settings = numbering(account)
    booking = buy(ticket)
    numbered(account)
    VatRate.objects.filter(account=settings.account).update(basis_points=2100)
    refund(booking.payments.get(), 1200, {seats_of(booking)[0]: 1200})
    buy(ticket)

    assert numbered(account)[1:] == [(2, "credit_note", -1200, -200), (3, "receipt", 1200, 208)]


def test_a_refund_that_failed_after_all_is_a_receipt_again(account: Account, ticket: Ticket) -> None:
    numbering(account)
    booking = buy(ticket)
    made = refund(booking.payments.get(), 1200, {seats_of(booking)[0]: 1200})
    made.state = RefundState.FAILED
    made.save(update_fields=["state"])

    assert numbered(account) == [
        (1, "receipt", 1200, 200),
        (2, "credit_note", -1200, -200),
        (3, "receipt", 1200, 200),
    ]
    assert wrong() == []


def test_what_was_paid_before_there_were_receipts_is_credited_without_one(account: Account, ticket: Ticket) -> None:
    booking = buy(ticket)
    numbering(account)
    refund(booking.payments.get(), 600, {seats_of(booking)[0]: 600})

    assert numbered(account) == [(1, "credit_note", -600, -100)]
    assert Receipt.objects.get().credits is None


def test_cash_is_numbered_in_the_same_series_and_corrected_by_its_opposite(account: Account, ticket: Ticket) -> None:
    numbering(account)
    booking = create_paid_booking(load_entry(ticket.series.entries.get()), ticket, "Ada", "Ben", amount=0)
    ada, ben = seats_of(booking)
    buy(ticket)
    wrong_one = take(booking.customer, {ada: 500, ben: 700})
    take(booking.customer, {ada: -500, ben: -700}, corrects=wrong_one)
    take(booking.customer, {ada: 1200}, method=MoneyMethod.CARD_MACHINE)

    assert numbered(account) == [
        (1, "receipt", 1200, 200),
        (2, "receipt", 1200, 200),
        (3, "credit_note", -1200, -200),
        (4, "receipt", 1200, 200),
    ]
    correction = Receipt.objects.get(number=3)
    assert correction.credits == Receipt.objects.get(number=2)
    assert correction.customer == booking.customer
    assert Receipt.objects.get(number=4).line.method == "card_machine"
    assert wrong() == []


def test_without_a_vat_number_receipts_say_nothing_of_vat(account: Account, ticket: Ticket) -> None:
    numbering(account, vat_number="")
    buy(ticket)

    assert numbered(account) == [(1, "receipt", 1200, None)]
    assert ReceiptLine.objects.get().basis_points is None


def test_a_ticket_of_its_own_rate(account: Account, ticket: Ticket) -> None:
    numbering(account)
    ticket.vat_rate = VatRate.objects.create(account=account, name="Reduced", basis_points=500)
    ticket.save()
    buy(ticket)

    assert numbered(account) == [(1, "receipt", 1200, 57)]


def test_a_discount_is_told(account: Account, ticket: Ticket) -> None:
    booking = create_paid_booking(load_entry(ticket.series.entries.get()), ticket, "Ada", amount=900)
    (seat,) = seats_of(booking)
    seat.price = 1200

    assert words_of(seat, account) == ("Vinyasa, 17 January 2030, 12:00", "Drop-in, £12.00 less £3.00 discount")


def test_what_pays_for_no_seat_gets_its_number_all_the_same(account: Account, ticket: Ticket) -> None:
    numbering(account)
    booking = buy(ticket)
    payment = booking.payments.get()
    Seat.objects.filter(booking=booking).update(payment=None)
    refund(payment, 1200)

    assert numbered(account) == [(1, "receipt", 1200, 200), (2, "credit_note", -1200, -200)]
    assert list(ReceiptLine.objects.order_by("pk").values_list("text", flat=True)) == [
        "Payment for tickets",
        "Refund of a payment",
    ]
    assert not ReceiptLine.objects.exclude(seat=None).exists()
    assert Receipt.objects.filter(reference=booking.reference).count() == 2


def test_money_that_stayed_is_told_though_its_seat_went_elsewhere(account: Account, ticket: Ticket) -> None:
    numbering(account)
    booking = buy(ticket)
    numbered(account)
    other = EntryFactory.create(page=load_entry(ticket.series.entries.get()).page, title="Yin")
    booking.seats.update(entry=other)

    assert ReceiptLine.objects.get().text == "Vinyasa, 17 January 2030, 12:00"


# The numbers


def test_batches_go_on_where_they_were(account: Account, ticket: Ticket) -> None:
    numbering(account)
    for _number in range(BATCH + 3):
        buy(ticket)

    assert number_receipts(account.pk, now=NOW) == BATCH
    assert number_receipts(account.pk, now=NOW) == 3
    assert number_receipts(account.pk, now=NOW) == 0
    numbers = list(Receipt.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == list(range(1, BATCH + 4))
    assert ReceiptCounter.objects.get().last == BATCH + 3
    assert wrong() == []


def test_a_crash_leaves_neither_gap_nor_receipt(account: Account, ticket: Ticket) -> None:
    numbering(account)
    buy(ticket)
    with transaction.atomic():
        number_receipts(account.pk, now=NOW)
        transaction.set_rollback(True)
    buy(ticket)

    assert [row[0] for row in numbered(account)] == [1, 2]


def test_each_account_has_numbers_of_its_own_and_one_run_serves_all(account: Account, ticket: Ticket) -> None:
    other = TicketFactory.create(entry=EntryFactory.create(capacity=9), cost="cost", price=900)
    numbering(account)
    numbering(other.series.account, first=900)
    for each in (ticket, other, ticket):
        buy(each, amount=each.price)

    sweep_receipts()

    rows = Receipt.objects.order_by("account", "number").values_list("account", "number")
    assert list(rows) == [(account.pk, 1), (account.pk, 2), (other.series.account.pk, 900)]
    number_receipts_in(account.pk)
    assert Receipt.objects.count() == 3
    assert number_receipts_of(12345, now=NOW) is False


def test_the_database_takes_no_number_but_the_next(account: Account, ticket: Ticket) -> None:
    numbering(account)
    buy(ticket)
    buy(ticket)
    numbered(account)
    first = Receipt.objects.get(number=1)
    for number in (1, 2, 4):
        first.pk, first.number = None, number
        with pytest.raises(IntegrityError, match="next"), transaction.atomic():
            Receipt.objects.bulk_create([first])


def test_issued_receipts_are_never_changed_nor_deleted(account: Account, ticket: Ticket) -> None:
    numbering(account)
    booking = buy(ticket)
    numbered(account)
    for change in ({"name": "Eve"}, {"number": 7}, {"total": 1}, {"business_name": "Other"}):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            Receipt.objects.update(**change)
    for rows in (Receipt.objects.all(), ReceiptLine.objects.all()):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            rows._raw_delete("default")  # noqa: SLF001 - as nobody else would
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        ReceiptLine.objects.update(vat=1)

    Receipt.objects.update(customer=None)
    assert Receipt.objects.get().name == booking.customer.name


def test_what_receipts_say_of_the_business_stays(account: Account, ticket: Ticket) -> None:
    numbering(account)
    buy(ticket)
    numbered(account)
    ReceiptSettings.objects.update(business_name="New Ltd", vat_number="GB999")
    buy(ticket)
    numbered(account)

    rows = Receipt.objects.order_by("number").values_list("business_name", "vat_number")
    assert list(rows) == [("River Ltd", "GB123"), ("New Ltd", "GB999")]


# The books


def test_the_books_tell_a_gap_and_what_waits(account: Account, ticket: Ticket) -> None:
    numbering(account)
    buy(ticket)
    assert [each.kind for each in check_books(now=NOW + timedelta(days=9000)) if "receipt" in each.kind] == [
        "receipt_due"
    ]
    numbered(account)

    ReceiptCounter.objects.update(last=5)

    (found,) = [each for each in check_books(now=NOW) if each.kind.startswith("receipt")]
    assert (found.kind, found.counted, found.should_be) == ("receipt_gap", "1", "5")


def test_the_books_tell_what_does_not_add_up(account: Account, ticket: Ticket) -> None:
    numbering(account)
    (seat,) = seats_of(buy(ticket))
    numbered(account)
    receipt = Receipt.objects.get()

    ReceiptLine.objects.create(
        account=account,
        receipt=receipt,
        position=9,
        seat=seat,
        text="Mat",
        vat_name="Standard",
        basis_points=2000,
        amount=100,
        vat=50,
    )

    found = [each for each in check_books(now=NOW) if each.kind.startswith("receipt")]
    assert [(each.kind, each.row, each.counted, each.should_be) for each in found] == [
        ("receipt_sum", receipt.pk, "£13.00", "£12.00"),
        ("receipt_vat", seat.pk, "£2.50", "£2.17"),
    ]
