"""*Payments*: the list with its sums, one payment, and the file for the bookkeeper."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Customer
from tests.browsing import next_page, page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.money import PaymentFactory, RefundFactory, create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Payment, PaymentState, Refund, RefundState, Ticket


def create_payment(entry: Entry, ticket: Ticket, **fields: Any) -> Payment:
    """12.00 paid, or as the fields say."""
    payment = create_paid_booking(entry, ticket, "Ada").payments.get()
    Payment.objects.filter(pk=payment.pk).update(**fields)
    payment.refresh_from_db()
    return payment


def listed(dashboard: Dashboard, **query: str) -> list[Payment]:
    return list(dashboard.get("payment_list", query).context["payments"])


def sums(dashboard: Dashboard, **query: str) -> list[tuple[str, int, int, int]]:
    return [
        (each.currency, each.paid, each.refunded, each.net)
        for each in dashboard.get("payment_list", query).context["sums"]
    ]


def rows(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


# The list


@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_queries_is_fixed(
    many: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(many):
        RefundFactory.create(payment=create_payment(entry, ticket))
    dashboard.get("payment_list")

    with django_assert_num_queries(9):
        assert len(dashboard.get("payment_list").context["payments"]) == many


def test_before_anything_was_paid(dashboard: Dashboard) -> None:
    page = page_text(dashboard.get("payment_list"))
    assert "No payments yet Online payments for tickets appear here" in page
    assert page.count("Download CSV") == 0


def test_payments_newest_first_with_what_they_come_to(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    old = create_payment(entry, ticket, paid_at=NOW - timedelta(days=3), refunded=200)
    new = create_payment(entry, ticket)
    at_checkout = create_payment(
        entry, ticket, state=PaymentState.OPEN, paid_at=None, opened_at=NOW - timedelta(days=1)
    )

    page = page_text(dashboard.get("payment_list"))

    assert listed(dashboard) == [new, at_checkout, old]
    assert sums(dashboard) == [("GBP", 2400, 200, 2200)]
    assert "Paid £24.00 Refunded £2.00 Net £22.00 before Stripe’s fees" in page
    customer = old.booking.customer
    assert (
        f"{customer.name} {customer.email} Sat 12 Jan 2030, 12:00 {old.booking.reference} Partly refunded £12.00 £2.00"
    ) in page


def test_each_currency_has_its_sums(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    create_payment(entry, ticket)
    create_payment(entry, ticket, currency="JPY", amount=900)
    assert sums(dashboard) == [("GBP", 1200, 0, 1200), ("JPY", 900, 0, 900)]
    assert "Paid JP¥900 Refunded JP¥0 Net JP¥900" in page_text(dashboard.get("payment_list"))


def test_the_state_filters(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    plain, back, failed = (
        create_payment(entry, ticket),
        create_payment(entry, ticket, refunded=1200),
        create_payment(entry, ticket),
    )
    RefundFactory.create(payment=failed)
    RefundFactory.create(payment=plain, done_at=NOW)
    at_checkout = create_payment(entry, ticket, state=PaymentState.OPEN, paid_at=None)
    left = create_payment(entry, ticket, state=PaymentState.ABANDONED, paid_at=None)

    assert "All Paid 3 Refunded 1 Refund failed 1 At checkout 1 Not paid 1" in page_text(dashboard.get("payment_list"))
    assert listed(dashboard, state="paid") == [failed, back, plain]
    assert listed(dashboard, state="refunded") == [back]
    assert (listed(dashboard, state="failed"), listed(dashboard, state="open")) == ([failed], [at_checkout])
    assert listed(dashboard, state="left") == [left]
    assert sums(dashboard, state="refunded") == [("GBP", 1200, 1200, 0)]
    assert sums(dashboard, state="open") == []
    Refund.objects.update(state=RefundState.DONE)
    assert page_text(dashboard.get("payment_list")).count("Refund failed") == 0


def test_customers_and_references_are_found(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    payment, other = create_payment(entry, ticket), create_payment(entry, ticket)
    Customer.objects.filter(pk=payment.booking.customer_id).update(name="Zoë")

    assert listed(dashboard, q="zoë") == listed(dashboard, q=payment.booking.reference) == [payment]
    assert listed(dashboard, q=other.booking.customer.email) == [other]
    assert listed(dashboard, q="nobody") == []
    assert "Nothing matches this filter. Clear filter" in page_text(dashboard.get("payment_list", {"q": "nobody"}))
    assert dashboard.get("payment_list", {"q": "a\x00"}).status_code == 200


def test_the_days_are_those_of_the_accounts_zone(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    Account.objects.update(time_zone="Pacific/Auckland")
    late = create_payment(entry, ticket, paid_at=datetime(2030, 1, 12, 10, 59, tzinfo=UTC))  # 23:59 there
    early = create_payment(entry, ticket, paid_at=datetime(2030, 1, 12, 11, 0, tzinfo=UTC))  # midnight there

    assert listed(dashboard, since="2030-01-13") == [early]
    assert listed(dashboard, until="2030-01-12") == [late]
    assert listed(dashboard, since="2030-01-12", until="2030-01-13") == [early, late]
    assert sums(dashboard, since="2030-01-14") == []
    assert listed(dashboard, since="soon") == [early, late]
    assert "Enter a date like 2026-12-31 for “From”" in page_text(dashboard.get("payment_list", {"since": "soon"}))


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("bound", ["since", "until"])
def test_a_day_that_nobody_can_mean_is_asked_for_again(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, bound: str, day: str
) -> None:
    Account.objects.update(time_zone="Pacific/Auckland")
    paid = create_payment(entry, ticket)
    page = dashboard.get("payment_list", {bound: day})
    assert (page.status_code, page.content.decode().count(f'value="{day}"') > 0) == (200, True)
    assert "Enter a date between the years 1900 and 2200" in page_text(page)
    assert listed(dashboard, **{bound: day}) == [paid]
    assert dashboard.get("payments_csv", {bound: day}).status_code == 200


def test_payments_come_in_pages_of_twenty_five(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booking = create_paid_booking(entry, ticket, "Ada")
    PaymentFactory.create_batch(25, booking=booking)
    first = dashboard.get("payment_list", {"state": "paid"})
    assert (len(listed(dashboard)), len(first.context["payments"]), next_page(first)["state"]) == (25, 25, "paid")
    assert len(listed(dashboard, **next_page(first))) == 1


# One payment


@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_queries_of_one_is_fixed(
    many: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    payment = create_paid_booking(entry, ticket, *[f"Ada {number}" for number in range(many)]).payments.get()
    RefundFactory.create_batch(many, payment=payment)
    dashboard.get("payment", pk=payment.pk)

    with django_assert_num_queries(9):
        assert len(dashboard.get("payment", pk=payment.pk).context["seats"]) == many


def test_what_it_paid_for_and_what_went_back(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    payment = create_payment(entry, ticket, refunded=200)
    RefundFactory.create(payment=payment, amount=200, state=RefundState.PENDING, trouble="")

    page = page_text(dashboard.get("payment", pk=payment.pk))

    assert "£12.00 Partly refunded" in page
    assert f"Booking {payment.booking.reference} Paid at Tue 15 Jan 2030, 12:00" in page
    assert "Refunded £2.00 · £10.00 left" in page
    assert f"In Stripe {payment.intent}" in page
    assert "Ada Vinyasa Drop-in Thu 17 Jan 2030, 12:00 £12.00 – £12.00 Booked" in page
    assert "£2.00 Refunded by the studio Tue 15 Jan 2030, 12:00 On its way" in page


@pytest.mark.parametrize(
    ("fields", "refunds"),
    [
        ({}, 1),
        ({"refunded": 1200}, 0),
        ({"state": PaymentState.OPEN, "paid_at": None}, 0),
        ({"state": PaymentState.ABANDONED, "paid_at": None}, 0),
    ],
)
def test_a_refund_is_offered_where_something_is_left(
    fields: dict[str, Any], refunds: int, dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    payment = create_payment(entry, ticket, **fields)
    page = dashboard.get("payment", pk=payment.pk).content.decode()
    assert page.count(dashboard.url("payment_refund", pk=payment.pk)) == refunds


# The file


def test_the_file_for_the_bookkeeper(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    Account.objects.update(time_zone="Pacific/Auckland")
    ada = CustomerFactory.create(account=entry.account, name="=Ada", email="ada@example.org")
    booking = create_paid_booking(entry, ticket, "Ada", "Byron", customer=ada)
    payment = booking.payments.get()
    Payment.objects.update(refunded=500, session="cs_9", intent="pi_9")
    RefundFactory.create(payment=payment, amount=500, state=RefundState.DONE, stripe_id="re_9")
    create_payment(entry, ticket, state=PaymentState.OPEN, paid_at=None)

    response = dashboard.get("payments_csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="payments-river.csv"'
    assert rows(response) == [
        [
            "Date (Pacific/Auckland)",
            "Reference",
            "Customer",
            "Email address",
            "Tickets",
            "Amount",
            "Refunded",
            "Currency",
            "Stripe payment",
            "Stripe checkout",
            "Stripe refunds",
            "Disputed",
            "Dispute",
            "Net",
        ],
        [
            "2030-01-16 01:00",
            booking.reference,
            "'=Ada",
            "ada@example.org",
            "2 x Vinyasa: Drop-in",
            "24.00",
            "5.00",
            "GBP",
            "pi_9",
            "cs_9",
            "re_9",
            "0.00",
            "",
            "19.00",
        ],
    ]


@pytest.mark.parametrize(
    ("currency", "amount", "told"), [("JPY", 1250, "1250"), ("KWD", 12500, "12.500"), ("ISK", 120000, "1200.00")]
)
def test_amounts_are_written_with_the_currencys_decimals(
    currency: str, amount: int, told: str, dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    create_payment(entry, ticket, currency=currency, amount=amount)
    assert [row[5] for row in rows(dashboard.get("payments_csv"))[1:]] == [told]


def test_the_file_has_what_the_filter_asks_for_oldest_first(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    old = create_payment(entry, ticket, paid_at=NOW - timedelta(days=2))
    new, older = create_payment(entry, ticket), create_payment(entry, ticket, paid_at=NOW - timedelta(days=9))
    found = rows(dashboard.get("payments_csv", {"since": "2030-01-10"}))[1:]
    assert [row[1] for row in found] == [old.booking.reference, new.booking.reference]
    assert [row[1] for row in rows(dashboard.get("payments_csv", {"q": older.booking.reference}))[1:]] == [
        older.booking.reference
    ]


def test_anothers_payments_are_not_in_it(dashboard: Dashboard) -> None:
    theirs = EntryFactory.create()
    create_payment(theirs, TicketFactory.create(entry=theirs))
    assert len(rows(dashboard.get("payments_csv"))) == 1
