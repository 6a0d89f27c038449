"""Two colleagues, each with a page of their own open: who comes second is told, and nothing is done twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.money import create_paid_booking
from tests.factories.schedule import NOW, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.consistency import check_books
from tickets.models import Entry, Payment, Refund, Seat, StudioPayment, Ticket

CHANGED = "What’s owed has changed in the meantime."


@pytest.fixture
def seat(entry: Entry) -> Seat:
    """12.00 to pay."""
    return book_seat_manually(entry, TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost"))


def owed(seat: Seat) -> tuple[int, int]:
    return Seat.objects.values_list("owed", "collected").get(pk=seat.pk)


def amounts() -> list[int]:
    return list(StudioPayment.objects.order_by("pk").values_list("amount", flat=True))


def opened(dashboard: Dashboard, name: str, seat: Seat) -> Callable[..., Any]:
    """A page that somebody has open: what sends its form, as it is or as typed."""
    pk = seat.booking_id if name == "booking_settled" else seat.customer_id
    fields = form_fields(dashboard.get(name, None, pk=pk))

    def send(**typed: Any) -> Any:
        return dashboard.post(name, fields | typed, pk=pk)

    return send


def test_the_same_part_is_given_back_once(dashboard: Dashboard, seat: Seat) -> None:
    """What is owed is nothing before and after: that alone would not tell the second."""
    opened(dashboard, "customer_take", seat)()
    first, second = (opened(dashboard, "customer_give_back", seat) for _till in range(2))
    first(amount="5")
    answer = second(amount="5", note="As agreed")
    assert (answer.status_code, amounts()) == (422, [1200, -500])
    assert (CHANGED in page_text(answer), "£7.00 paid at the studio" in page_text(answer)) == (True, True)
    again = form_fields(answer)
    assert (again["amount"], again["note"]) == ("5", "As agreed")
    dashboard.post("customer_give_back", again, pk=seat.customer_id)
    assert (amounts(), owed(seat), list(check_books(now=NOW))) == ([1200, -500, -500], (0, 200), [])


@pytest.mark.parametrize("name", ["customer_take", "customer_give_back"])
def test_where_nothing_is_left_no_form_is_shown(name: str, dashboard: Dashboard, seat: Seat) -> None:
    if name == "customer_give_back":
        opened(dashboard, "customer_take", seat)()
    first, second = (opened(dashboard, name, seat) for _till in range(2))
    first(amount="12")
    before, answer = amounts(), second(amount="12")
    assert (answer["Location"], amounts()) == (dashboard.url("customer_money", pk=seat.customer_id), before)
    assert shown_messages(answer)[-1] == (
        "Someone else dealt with this in the meantime, and nothing is left. Nothing has been saved."
    )


def test_what_was_paid_in_part_is_not_waived_unseen(dashboard: Dashboard, seat: Seat) -> None:
    waive = opened(dashboard, "booking_settled", seat)
    opened(dashboard, "customer_take", seat)(amount="5")
    answer = waive()
    assert "Nothing has been waived. Check it, then choose again." in page_text(answer)
    assert ("Waive £7.00?" in page_text(answer), owed(seat)) == (True, (700, 500))
    dashboard.post("booking_settled", form_fields(answer), pk=seat.booking_id)
    assert owed(seat) == (0, 500)


def test_who_waives_a_debt_takes_no_credit_away(dashboard: Dashboard, seat: Seat) -> None:
    waive = opened(dashboard, "booking_settled", seat)
    opened(dashboard, "customer_take", seat)()
    cancel_by_studio([seat.pk], now=NOW)
    assert "Waive their credit?" in page_text(waive())
    assert owed(seat) == (-1200, 1200)


@pytest.mark.parametrize("seen", ["", "x", "1200.0", "9" * 30, "1300"])
def test_what_nobody_saw_is_not_waived(seen: str, dashboard: Dashboard, seat: Seat) -> None:
    dashboard.post("booking_settled", {"seen": seen}, pk=seat.booking_id)
    assert owed(seat) == (1200, 0)


def test_the_same_part_of_a_payment_is_refunded_once(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    payment = create_paid_booking(entry, ticket, "Ada", "Byron").payments.get()
    first, second = (form_fields(dashboard.get("payment_refund", pk=payment.pk)) for _till in range(2))
    dashboard.post("payment_refund", first | {"amount": "5"}, pk=payment.pk)
    answer = dashboard.post("payment_refund", second | {"amount": "5", "note": "Sorry"}, pk=payment.pk)
    assert (answer.status_code, Refund.objects.count()) == (422, 1)
    assert "What’s left to refund has changed in the meantime: £19.00. Nothing has been refunded just now." in (
        page_text(answer)
    )
    again = form_fields(answer)
    assert (again["amount"], "Sorry</textarea>" in answer.content.decode()) == ("5", True)
    dashboard.post("payment_refund", again, pk=payment.pk)
    assert Payment.objects.get(pk=payment.pk).refunded == 1000


def test_what_was_given_back_of_an_undone_payment_is_undone_too(dashboard: Dashboard, seat: Seat) -> None:
    opened(dashboard, "customer_take", seat)()
    opened(dashboard, "customer_give_back", seat)(amount="7")
    taken, back = StudioPayment.objects.order_by("pk")
    dashboard.post("studio_payment_undo", {"key": str(uuid4())}, pk=taken.pk)
    assert owed(seat) == (1200, -700)
    form = form_fields(dashboard.get("studio_payment_correct", pk=back.pk))
    answer = dashboard.post("studio_payment_correct", form | {"amount": "6"}, pk=back.pk)
    assert "Nothing of this is left to give back. If it never happened, go back and choose “Undo”." in page_text(answer)
    dashboard.post("studio_payment_undo", {"key": str(uuid4())}, pk=back.pk)
    assert (owed(seat), list(check_books(now=NOW))) == ((1200, 0), [])
