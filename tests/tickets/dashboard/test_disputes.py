"""What operators see of disputes: the list, a payment, a booking, a customer, the overview and the CSV file."""

import csv
import io
from datetime import timedelta

import pytest

from tests.browsing import open_browser, page_text, shown_messages
from tests.factories.accounts import AccountFactory
from tests.factories.money import DisputeFactory, RefundFactory, create_paid_booking
from tests.factories.schedule import NOW
from tests.worlds.dashboard import Dashboard
from tickets.models import Booking, Dispute, DisputeState, Entry, Payment, RefundState, Seat, Ticket
from tickets.public.booking.booking_view import booked_entries, cancellation_previews


@pytest.fixture
def booking(entry: Entry, ticket: Ticket) -> Booking:
    """24.00 for two places."""
    return create_paid_booking(entry, ticket, "Ada", "Byron")


def connect(dashboard: Dashboard, booking: Booking) -> None:
    """The account has the Stripe account that the booking was paid over."""
    dashboard.account.connection = booking.payments.get().connection
    dashboard.account.save()


def disputed(booking: Booking, **fields: object) -> Dispute:
    """All of what was paid for a booking, or as the fields say."""
    payment = booking.payments.get()
    made = DisputeFactory.create(payment=payment, **fields)
    Payment.objects.filter(pk=payment.pk).update(withdrawn=made.withdrawn)
    return made


OVER = {"closed_at": NOW}
WON = {"state": DisputeState.WON, "status": "won", "withdrawn": 0, **OVER}
LOST = {"state": DisputeState.LOST, "status": "lost", **OVER}
INQUIRY = {"state": DisputeState.INQUIRY, "status": "warning_needs_response", "withdrawn": 0}


def test_p13_a_lost_dispute_is_counted_in_the_list_and_its_sums(
    dashboard: Dashboard, booking: Booking, entry: Entry, ticket: Ticket
) -> None:
    disputed(booking, **LOST)
    create_paid_booking(entry, ticket, "Grace")
    page = dashboard.get("payment_list")
    text = page_text(page)
    assert "Paid £36.00 Refunded £0.00 Disputed £24.00 taken back by banks Net £12.00 before Stripe’s fees" in text
    assert "Dispute lost" in text
    assert "£24.00 £24.00 disputed" in text
    [only] = dashboard.get("payment_list", {"state": "disputed"}).context["payments"]
    assert only.booking == booking


def test_without_disputes_there_is_no_filter_and_no_way_to_them(dashboard: Dashboard, booking: Booking) -> None:
    page = dashboard.get("payment_list")
    assert "disput" not in page_text(page).lower()


def test_p13_the_file_for_the_bookkeeper_has_what_was_lost(dashboard: Dashboard, booking: Booking) -> None:
    disputed(booking, **LOST)
    response = dashboard.get("payments_csv")
    [head, row] = csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig")))
    told = dict(zip(head, row, strict=True))
    assert [told[each] for each in ("Amount", "Refunded", "Disputed", "Dispute", "Net")] == [
        "24.00",
        "0.00",
        "24.00",
        "Dispute lost",
        "0.00",
    ]


TOLD = {
    "open": """
        disputed this payment with their bank. Stripe has taken £24.00 from your balance. Answer in Stripe by
        22 January 2030, 12:00, or you lose the money. Their spaces stay booked unless you cancel them. Nothing would be
        refunded.""",
    "answered": """
        disputed this payment with their bank. Stripe has taken £24.00 from your balance. The bank is deciding, and
        you’ll hear from us. Their spaces stay booked""",
    "inquiry": """
        is asking about this payment. No money has been taken. Answer in Stripe by 22 January 2030, 12:00, or refund the
        payment. Otherwise it can become a dispute.""",
    "lost": """
        has the money back, and their spaces are still booked. You lost the dispute over £24.00. You can keep the
        spaces, or cancel them. Nothing would be refunded.""",
}


@pytest.mark.parametrize(
    ("fields", "told"),
    [({}, "open"), ({"status": "under_review"}, "answered"), (INQUIRY, "inquiry"), (LOST, "lost")],
)
def test_a_payment_and_its_booking_say_what_it_means_and_what_can_be_done(
    fields: dict[str, object], told: str, dashboard: Dashboard, booking: Booking
) -> None:
    made = disputed(booking, **fields)
    for page in (dashboard.get("payment", pk=made.payment_id), dashboard.get("booking", pk=booking.pk)):
        assert " ".join(TOLD[told].split()) in page_text(page)


def test_a_won_dispute_asks_for_nothing(dashboard: Dashboard, booking: Booking) -> None:
    made = disputed(booking, **WON)
    page = dashboard.get("payment", pk=made.payment_id)
    text = page_text(page)
    assert ("Dispute won" in text, "with their bank" in text, "Refund payment" in text) == (True, False, True)


def test_a_lost_dispute_of_spaces_that_are_cancelled_asks_for_nothing(dashboard: Dashboard, booking: Booking) -> None:
    made = disputed(booking, **LOST)
    Seat.objects.update(cancelled_at=NOW, cancelled_by="studio")
    assert "still booked" not in page_text(dashboard.get("payment", pk=made.payment_id))


def test_spaces_of_a_disputed_payment_are_cancelled_without_a_refund(dashboard: Dashboard, booking: Booking) -> None:
    disputed(booking)
    [first, _second] = booking.seats.order_by("pk")
    page = dashboard.get("booking_cancel", {"seat": str(first.pk)}, pk=booking.pk)
    assert "so what the bank has taken isn’t refunded." in page_text(page)
    assert page.context["form"] is None
    response = dashboard.post("booking_cancel", {"seat": str(first.pk)}, pk=booking.pk)
    assert shown_messages(response) == ["1 space cancelled"]
    assert booking.payments.get().refunds.count() == 0


def test_a_disputed_payment_cannot_be_refunded_and_says_why(dashboard: Dashboard, booking: Booking) -> None:
    made = disputed(booking)
    response = dashboard.get("payment_refund", pk=made.payment_id)
    why = "The customer disputed this payment with their bank, so there’s nothing left to refund."
    assert shown_messages(response) == [why]
    failed = RefundFactory.create(payment=made.payment, state=RefundState.FAILED, trouble="charge_disputed")
    page = page_text(dashboard.get("payment", pk=made.payment_id))
    assert "so Stripe can’t refund it. If you win the dispute, try again." in page
    assert "charge_disputed" not in page
    assert shown_messages(dashboard.post("refund_again", {}, pk=failed.pk))[-1:] == [why]


def test_the_customer_s_page_counts_it_too(dashboard: Dashboard, booking: Booking) -> None:
    disputed(booking)
    assert "£24.00 paid. £24.00 disputed." in page_text(dashboard.get("customer", pk=booking.customer_id))


def test_the_list_of_disputes_says_why_and_what_to_do(dashboard: Dashboard, booking: Booking) -> None:
    connect(dashboard, booking)
    disputed(booking)
    page = dashboard.get("dispute_list")
    assert [row.dispute.payment.booking for row in page.context["rows"]] == [booking]
    text = page_text(page)
    assert "They say they didn’t make this payment" in text
    assert "Answer by 22 Jan 2030, 12:00 Answer in Stripe" in text


def test_before_there_was_a_dispute_the_list_leads_back(dashboard: Dashboard) -> None:
    page = dashboard.get("dispute_list")
    assert "No disputes If a customer disputes a payment" in page_text(page)
    assert dashboard.url("payment_list") in page.content.decode()


def test_another_account_s_disputes_are_not_listed(dashboard: Dashboard, booking: Booking) -> None:
    made = disputed(booking)
    Dispute.objects.filter(pk=made.pk).update(account=AccountFactory.create())
    assert dashboard.get("dispute_list").context["rows"] == []


# The overview


def test_p13_the_overview_says_by_when_to_answer(dashboard: Dashboard, booking: Booking) -> None:
    connect(dashboard, booking)
    disputed(booking)
    text = page_text(dashboard.get("overview"))
    assert "1 payment is disputed. Answer in Stripe by 22 January 2030, 12:00, or you may lose the money." in text


@pytest.mark.parametrize(
    "fields", [WON, LOST, {"status": "under_review"}, {"answer_by": NOW - timedelta(minutes=1)}], ids=str
)
def test_the_overview_tells_of_nothing_that_nobody_can_answer(
    fields: dict[str, object], dashboard: Dashboard, booking: Booking
) -> None:
    connect(dashboard, booking)
    disputed(booking, **fields)
    assert "disputed" not in page_text(dashboard.get("overview"))


# The customer


def test_a_customer_is_told_nothing_and_promised_no_refund(booking: Booking) -> None:
    disputed(booking)
    receipt = open_browser().get(f"/my/bookings/{booking.uuid}/receipt/")
    assert "disput" not in page_text(receipt).lower()
    [preview] = cancellation_previews(
        booked_entries(booking, now=NOW), {seat.pk for seat in booking.seats.all()}, list(booking.payments.all())
    )
    assert [each.money for each in preview.seat_refunds] == [0, 0]
