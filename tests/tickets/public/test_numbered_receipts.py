"""A customer's numbered receipts, on the page of their booking."""

import pytest
from django.test import Client

from tests.browsing import page_text
from tests.factories.money import create_paid_booking
from tests.factories.schedule import EntryFactory, TicketFactory, load_entry
from tests.tickets.money.receipts.moving import numbered, numbering, refund, take
from tickets.models import Booking, Entry, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return load_entry(EntryFactory.create(title="Vinyasa"))


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in", cost="cost", price=1200)


def receipt_page(client: Client, booking: Booking) -> str:
    return page_text(client.get(f"/my/bookings/{booking.uuid}/receipt/"))


def test_at_first_the_receipt_is_on_its_way_and_then_it_is_there(client: Client, entry: Entry, ticket: Ticket) -> None:
    numbering(entry.account, prefix="R-")
    booking = create_paid_booking(entry, ticket, "Ada")

    assert receipt_page(client, booking).endswith("Your receipt will be here in a minute. Reload this page")

    numbered(entry.account)
    text = receipt_page(client, booking)
    assert "Receipt R-1 River Ltd 1 Mill Lane VAT number GB123" in text
    assert "Vinyasa, 17 January 2030, 12:00 Drop-in 20% £12.00" in text
    assert text.endswith("Without VAT, at 20% £10.00 VAT 20% (Standard) £2.00 Total £12.00")
    assert (
        f'href="/my/bookings/{booking.uuid}/receipt/"' in client.get(f"/my/bookings/{booking.uuid}/").content.decode()
    )


def test_credit_notes_stand_beneath_it(client: Client, entry: Entry, ticket: Ticket) -> None:
    numbering(entry.account)
    booking = create_paid_booking(entry, ticket, "Ada")
    refund(booking.payments.get(), 1200)
    numbered(entry.account)

    text = receipt_page(client, booking)

    assert text.index("Receipt 1 ") < text.index("Credit note 2 For receipt 1")
    assert text.endswith("Total -£12.00")


def test_what_was_paid_before_is_told_as_it_was(client: Client, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(entry, ticket, "Ada")
    numbering(entry.account)

    text = receipt_page(client, booking)
    assert "Receipt 1" not in text
    assert "Total paid £12.00" in text

    refund(booking.payments.get(), 500)
    numbered(entry.account)
    text = receipt_page(client, booking)
    assert text.index("Credit note 1 ") < text.index("Total paid £12.00")


def test_money_at_the_studio_has_its_receipt_here_too(client: Client, entry: Entry, ticket: Ticket) -> None:
    numbering(entry.account)
    booking = create_paid_booking(entry, ticket, "Ada", amount=0)
    assert client.get(f"/my/bookings/{booking.uuid}/receipt/").status_code == 404
    take(booking.customer, {booking.seats.get(): 1200})
    assert "in a minute" in receipt_page(client, booking)
    numbered(entry.account)

    assert "Paid 15 January 2030 · Cash" in receipt_page(client, booking)
    page = page_text(client.get(f"/my/bookings/{booking.uuid}/"))
    assert "Paid at the studio £12.00 Receipt" in page


def test_nobody_sees_those_of_another_booking(client: Client, entry: Entry, ticket: Ticket) -> None:
    numbering(entry.account)
    mine, theirs = (create_paid_booking(entry, ticket, name) for name in ("Ada", "Ben"))
    numbered(entry.account)

    assert mine.reference in receipt_page(client, mine)
    assert theirs.reference not in receipt_page(client, mine)
