"""*Receipts*: the list, one of them, the file for the bookkeeper, and the VAT of each month."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account
from tests.browsing import page_text
from tests.factories.money import create_paid_booking
from tests.factories.schedule import load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.money.receipts.moving import numbered, numbering, refund, take
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, MoneyMethod, Payment, Receipt, ReceiptSettings, Ticket, VatRate


@pytest.fixture
def settings(studio: Account, ticket: Ticket) -> ReceiptSettings:
    del ticket
    return numbering(studio, prefix="R-")


def rows_of(answer: Any) -> list[str]:
    """The rows of a file, without quotes around its cells."""
    return b"".join(answer).decode("utf-8-sig").replace('"', "").splitlines()


def test_before_they_are_numbered_the_page_says_how_to_begin(dashboard: Dashboard) -> None:
    text = page_text(dashboard.get("receipt_list"))

    assert "Receipts aren’t numbered yet" in text
    assert text.endswith("Set up receipts")


def test_with_none_yet_it_says_what_will_be_here(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, settings: ReceiptSettings
) -> None:
    assert "The next payment for tickets" in page_text(dashboard.get("receipt_list"))
    create_paid_booking(load_entry(entry), ticket, "Ada")
    assert "They’ll be here in a minute." in page_text(dashboard.get("receipt_list"))


def test_the_list_and_a_receipt_and_its_credit_note(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket, settings: ReceiptSettings
) -> None:
    booking = create_paid_booking(load_entry(entry), ticket, "Ada")
    refund(booking.payments.get(), 600, {booking.seats.get(): 600})
    numbered(studio)
    name, reference = booking.customer.name, booking.reference

    text = page_text(dashboard.get("receipt_list"))
    assert f"R-1 Tue 15 Jan 2030, 12:00 {name} {reference} Online (Stripe) £2.00 £12.00" in text
    assert f"R-2 Credit note Tue 15 Jan 2030, 12:00 {name} {reference} Online (Stripe) -£1.00 -£6.00" in text

    credit = Receipt.objects.get(number=2)
    text = page_text(dashboard.get("receipt", pk=credit.pk))
    assert "Credit note R-2 For receipt R-1 River Ltd 1 Mill Lane VAT number GB123" in text
    assert f"To {name} Booking reference {reference} Given back 15 January 2030 · Online (Stripe)" in text
    assert "Vinyasa, 17 January 2030, 12:00 Drop-in 20% -£6.00" in text
    assert text.endswith("Without VAT, at 20% -£5.00 VAT 20% (Standard) -£1.00 Total -£6.00")


def test_a_receipt_is_found_by_its_number_and_by_days(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket, settings: ReceiptSettings
) -> None:
    for name in ("Ada", "Ben"):
        create_paid_booking(load_entry(entry), ticket, name)
    numbered(studio)

    def found(**query: str) -> list[int]:
        return [each.number for each in dashboard.get("receipt_list", query).context["receipts"]]

    assert found(number="R-2") == found(number="2") == [2]
    assert found(number="99") == found(number="nonsense") == found(number="9" * 30) == []
    assert found(since="2030-01-15", until="2030-01-15") == [2, 1]
    assert found(since="2030-01-16") == []
    assert found(since="never") == [2, 1]


@pytest.mark.parametrize("prefix", ["2030/", "R30", "A-30-", "ß1 ", "30"])
def test_a_receipt_is_found_by_its_number_whatever_its_prefix(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket, prefix: str
) -> None:
    numbering(studio, prefix=prefix, first=30)
    create_paid_booking(load_entry(entry), ticket, "Ada")
    numbered(studio)

    for typed in (str(Receipt.objects.get()), f"{prefix}30".upper(), "30", " 30 "):
        receipts = dashboard.get("receipt_list", {"number": typed}).context["receipts"]
        assert [each.number for each in receipts] == [30], typed
    assert not dashboard.get("receipt_list", {"number": f"{prefix}31"}).context["receipts"].rows


def test_the_file_has_a_row_for_each_receipt_and_rate(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket, settings: ReceiptSettings
) -> None:
    booking = create_paid_booking(load_entry(entry), ticket, "Ada", "Ben")
    reduced = VatRate.objects.create(account=studio, name="Reduced", basis_points=500)
    second = Ticket.objects.get(pk=ticket.pk)
    second.pk, second.vat_rate = None, reduced
    second.save()
    booking.seats.filter(attendee_name="Ben").update(ticket=second)
    refund(booking.payments.get(), 1200, {booking.seats.get(attendee_name="Ada"): 1200})
    numbered(studio)
    who = f"{booking.customer.name},{booking.reference},Online (Stripe)"

    rows = rows_of(dashboard.get("receipts_csv", {"since": "2030-01-01", "until": "2030-03-31"}))

    assert rows[0] == (
        "Number,Kind,Date (Europe/London),Issued (Europe/London),Customer,Booking,Paid by,Credit note for,VAT,Rate,"
        "Net,VAT amount,Gross,Currency"
    )
    assert rows[1:] == [
        f"R-1,Receipt,2030-01-15 12:00,2030-01-15 12:00,{who},,Standard,20%,10.00,2.00,12.00,GBP",
        f"R-1,Receipt,2030-01-15 12:00,2030-01-15 12:00,{who},,Reduced,5%,11.43,0.57,12.00,GBP",
        f"R-2,Credit note,2030-01-15 12:00,2030-01-15 12:00,{who},R-1,Standard,20%,-10.00,-2.00,-12.00,GBP",
    ]
    assert len(rows_of(dashboard.get("receipts_csv", {"until": "2029-12-31"}))) == 1


def test_the_vat_of_each_month_adds_up_line_by_line(
    dashboard: Dashboard, studio: Account, entry: Entry, ticket: Ticket, settings: ReceiptSettings
) -> None:
    booking = create_paid_booking(load_entry(entry), ticket, "Ada")
    Payment.objects.update(paid_at=datetime(2030, 1, 31, 23, 30, tzinfo=UTC))
    cash = create_paid_booking(load_entry(entry), ticket, "Ben", amount=0)
    take(booking.customer, {cash.seats.get(): 700}, taken_at=datetime(2030, 2, 1, tzinfo=UTC))
    take(
        booking.customer,
        {cash.seats.get(): -100},
        taken_at=datetime(2030, 2, 2, tzinfo=UTC),
        method=MoneyMethod.TRANSFER,
    )
    numbered(studio)

    page = dashboard.get("vat_summary")

    text = page_text(page)
    assert "1 January 2030 – 31 March 2030 In all" in text
    assert "In all VAT by rate Rate Gross Net VAT Standard 20% £18.00 £15.00 £3.00" in text
    assert text.endswith("February 2030 Standard 20% £6.00 £5.00 £1.00 January 2030 Standard 20% £12.00 £10.00 £2.00")
    (total,) = page.context["totals"]
    assert total.all.gross == sum(Receipt.objects.values_list("total", flat=True))
    assert "?since=2030-01-01&amp;until=2030-03-31" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"since": "2030-02-01", "until": "2030-01-01"}, "Choose a day that isn’t before the first one"),
        ({"since": "2020-01-01", "until": "2030-01-01"}, "Choose a later day. We add up three years at most."),
        ({"since": "soon"}, "Enter a date like 2026-12-31 for “From”"),
    ],
)
def test_days_that_cannot_be_are_refused_with_a_sentence(
    query: dict[str, str], error: str, dashboard: Dashboard
) -> None:
    answer = dashboard.get("vat_summary", query)

    assert answer.status_code == 422
    assert error in page_text(answer)


def test_a_period_without_an_end_is_three_years_at_most(dashboard: Dashboard) -> None:
    assert dashboard.get("vat_summary", {"until": "2029-12-31"}).context["period"].months == 36
    names = [name for name, _period, _chosen in dashboard.get("vat_summary").context["periods"]]
    assert names == ["This quarter", "Last quarter", "This year", "Last year"]


def test_a_payment_at_the_studio_and_its_receipt_lead_to_each_other(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, settings: ReceiptSettings, studio: Account
) -> None:
    seat = book_seat_manually(entry, ticket)
    made = take(seat.customer, {seat: 1200})
    numbered(studio)
    receipt = Receipt.objects.get(line__studio_payment=made)
    there = f'href="/dashboard/{studio.slug}/money/taken/{made.pk}/"'
    back = f'href="/dashboard/{studio.slug}/receipts/{receipt.pk}/"'
    assert there in dashboard.get("receipt", pk=receipt.pk).content.decode()
    assert back in dashboard.get("studio_payment", pk=made.pk).content.decode()


def test_receipts_of_others_are_out_of_reach(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, settings: ReceiptSettings, studio: Account
) -> None:
    create_paid_booking(load_entry(entry), ticket, "Ada")
    numbered(studio)
    pk = Receipt.objects.get().pk
    assert dashboard.get("receipt", pk=pk).status_code == 200
    assert dashboard.get("receipt", pk=pk + 1).status_code == 404


def test_pages_take_the_same_statements_for_one_row_and_for_more(
    dashboard: Dashboard,
    entry: Entry,
    ticket: Ticket,
    settings: ReceiptSettings,
    studio: Account,
    django_assert_max_num_queries: Any,
) -> None:
    counts = []
    for people in (1, 3):
        for _person in range(people):
            create_paid_booking(load_entry(entry), ticket, "Ada", "Ben")
        numbered(studio)
        pk = Receipt.objects.earliest("pk").pk
        with django_assert_max_num_queries(30) as seen:
            dashboard.get("receipt_list")
            dashboard.get("vat_summary")
            dashboard.get("receipt", pk=pk)
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]
