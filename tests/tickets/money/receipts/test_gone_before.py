"""Somebody is erased, or becomes one with another, after they paid and before their receipt has its number."""

from datetime import timedelta

import pytest

from accounts.erasing.service import erase_customer
from accounts.models import Customer
from tests.factories.accounts import CustomerFactory
from tests.factories.money import create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.tickets.merging.acts import merge
from tests.tickets.money.receipts.moving import numbered, numbering, refund, take
from tickets.consistency import check_books
from tickets.models import Booking, Entry, Receipt, ReceiptDue, ReceiptKind, Seat, Ticket

pytestmark = pytest.mark.django_db

NAME = "Zebedee Needlethread"
LATER = NOW + timedelta(days=60)
"""When all that they were booked for is over."""


@pytest.fixture
def entry() -> Entry:
    return load_entry(EntryFactory.create(title="Vinyasa", capacity=300))


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in", cost="cost", price=1200)


@pytest.fixture
def booking(entry: Entry, ticket: Ticket) -> Booking:
    """Paid online by somebody who can be erased once it is over; their receipts wait."""
    numbering(entry.account)
    made = create_paid_booking(entry, ticket, NAME, "Guestina", amount=1200)
    Customer.objects.filter(pk=made.customer_id).update(name=NAME, email="needlethread@example.org")
    Booking.objects.filter(pk=made.pk).update(booker_name=NAME, booker_email="needlethread@example.org")
    made.customer.refresh_from_db()
    return made


def wrong() -> list[str]:
    return [each.kind for each in check_books(now=LATER) if each.kind.startswith("receipt")]


def test_who_is_erased_first_has_receipts_without_a_gap_and_without_what_was_erased(booking: Booking) -> None:
    account, payment = booking.account, booking.payments.get()
    seats = list(Seat.objects.filter(booking=booking).order_by("pk"))
    refund(payment, 1200, {seats[0]: 1200})
    take(booking.customer, {seats[1]: 500}, note=f"From {NAME}")
    create_paid_booking(load_entry(seats[0].entry), seats[0].ticket, "Ben", amount=1200)

    erasure = erase_customer(booking.customer, now=LATER)

    assert numbered(account) == [
        (1, ReceiptKind.RECEIPT, 2400, 400),
        (2, ReceiptKind.CREDIT_NOTE, -1200, -200),
        (3, ReceiptKind.RECEIPT, 500, 83),
        (4, ReceiptKind.RECEIPT, 1200, 200),
    ]
    theirs = Receipt.objects.filter(account=account, number__lte=3).order_by("number")
    assert {(each.name, each.customer) for each in theirs} == {("Erased customer", erasure.left)}
    assert {each.reference for each in theirs} == {booking.reference}
    first = theirs[0]
    assert [(line.text, line.vat_name, line.basis_points, line.amount, line.vat) for line in first.lines.all()] == [
        ("Vinyasa, 17 January 2030, 12:00", "Standard", 2000, 1200, 200)
    ] * 2
    printed = " ".join(
        str(value) for each in theirs for row in (each, *each.lines.all()) for value in vars(row).values()
    ).lower()
    assert not [needle for needle in ("needlethread", "zebedee", "guestina") if needle in printed]
    assert (wrong(), ReceiptDue.objects.count()) == ([], 0)


def test_who_is_erased_between_a_receipt_and_its_credit_note_has_a_whole_pair(booking: Booking) -> None:
    account, payment = booking.account, booking.payments.get()
    seat = Seat.objects.filter(booking=booking).order_by("pk")[0]
    numbered(account)
    refund(payment, 1200, {seat: 1200})
    erase_customer(booking.customer, now=LATER)
    numbered(account)
    receipt, note = Receipt.objects.filter(account=account).order_by("number")
    # What was issued stays as the law wants it; what is issued later names nobody.
    assert [(each.number, each.name) for each in (receipt, note)] == [(1, NAME), (2, "Erased customer")]
    assert (note.credits, note.total, note.vat) == (receipt, -1200, -200)
    assert wrong() == []


def test_who_became_one_with_another_first_has_receipts_of_the_one_that_is_left(booking: Booking) -> None:
    account, payment = booking.account, booking.payments.get()
    survivor = CustomerFactory.create(account=account, email="zeb@example.org", name="Zeb")
    seat = Seat.objects.filter(booking=booking).order_by("pk")[0]
    refund(payment, 1200, {seat: 1200})
    merge(survivor, booking.customer)
    assert numbered(account) == [(1, ReceiptKind.RECEIPT, 2400, 400), (2, ReceiptKind.CREDIT_NOTE, -1200, -200)]
    assert {(each.customer, each.name) for each in Receipt.objects.all()} == {(survivor, NAME)}
    assert (wrong(), ReceiptDue.objects.count()) == ([], 0)
