"""Money at the studio: what is to collect, taken, given back, corrected, in the cash book; and who may."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, AuditEntry, Deed, Role
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.consistency import check_books
from tickets.dashboard.studio import collecting, reading
from tickets.models import Booking, Entry, LedgerLine, MoneyMethod, Seat, StudioPayment, Ticket


@pytest.fixture
def priced(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost")


@pytest.fixture
def seat(entry: Entry, priced: Ticket) -> Seat:
    """12.00 to pay."""
    return book_seat_manually(entry, priced)


def owed(*seats: Seat) -> list[tuple[int, int]]:
    return [Seat.objects.values_list("owed", "collected").get(pk=seat.pk) for seat in seats]


def rows() -> list[tuple[int, str]]:
    return list(StudioPayment.objects.order_by("pk").values_list("amount", "method"))


def deeds() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def take(dashboard: Dashboard, seat: Seat, **typed: Any) -> Any:
    """Open *Take payment*, and send it as it is, or as typed."""
    page = dashboard.get("customer_take", None, pk=seat.customer_id)
    return dashboard.post("customer_take", form_fields(page) | typed, pk=seat.customer_id)


def test_who_owes_what_is_listed_with_the_classes_and_missed_ones(
    dashboard: Dashboard, entry: Entry, seat: Seat
) -> None:
    page = page_text(dashboard.get("to_collect"))
    assert "Customers owe you £12.00 in all." in page
    assert f"{seat.customer} Vinyasa" in page
    assert "£12.00 Take payment" in page
    cancel_by_studio([seat.pk], now=NOW)
    assert "Nobody owes you anything" in page_text(dashboard.get("to_collect"))
    assert "Nobody has credit" in page_text(dashboard.get("to_collect", {"show": "credit"}))


@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_queries_is_fixed(
    many: int, dashboard: Dashboard, entry: Entry, priced: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(many):
        take(dashboard, book_seat_manually(entry, priced), amount="5")
    for name, count in {"to_collect": 7, "cash_book": 5}.items():
        dashboard.get(name)
        with django_assert_num_queries(count):
            dashboard.get(name)


def test_of_many_spaces_of_one_customer_the_oldest_are_listed_and_all_is_added_up(
    dashboard: Dashboard, entry: Entry, priced: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What walk-ins owe is all one customer’s."""
    for module in (reading, collecting):
        monkeypatch.setattr(module, "MOST", 2)
    seats = [book_seat_manually(entry, priced) for _ in range(3)]
    Seat.objects.update(customer=seats[0].customer)
    Booking.objects.update(customer=seats[0].customer)
    listed = dashboard.get("to_collect")
    assert [(row.owes, len(row.seats)) for row in listed.context["debtors"]] == [(3600, 2)]
    page = page_text(dashboard.get("customer_money", pk=seats[0].customer_id))
    assert ("Owes £36.00" in page, "These are the oldest." in page, page.count("Open booking")) == (True, True, 2)


def test_what_was_paid_is_on_the_booking_and_the_customer_and_found_from_payments(
    dashboard: Dashboard, entry: Entry, priced: Ticket, seat: Seat
) -> None:
    take(dashboard, seat, amount="5")
    take(dashboard, book_seat_manually(entry, priced), amount="7")
    path = dashboard.url("studio_payment", pk=StudioPayment.objects.earliest("pk").pk)
    for name, pk in {"booking": seat.booking_id, "customer": seat.customer_id}.items():
        page = dashboard.get(name, pk=pk)
        assert ("Payments at the studio" in page_text(page), path in page.content.decode()) == (True, True)
        assert [made.amount for made in page.context["by_hand"]] == [500]
    assert "£5.00 at the studio £7.00 to pay" in page_text(dashboard.get("customer", pk=seat.customer_id))
    assert "£5.00 at the studio £7.00 to pay" in page_text(dashboard.get("bookings"))
    assert dashboard.url("cash_book") in dashboard.get("payment_list").content.decode()
    assert dashboard.url("report_ledger") in dashboard.get("payment_list").content.decode()
    assert dashboard.url("payment_list") in dashboard.get("cash_book").content.decode()


def test_one_press_on_the_register_takes_it_and_can_be_undone(dashboard: Dashboard, entry: Entry, seat: Seat) -> None:
    assert "Take £12.00" in page_text(dashboard.get("entry", pk=entry.pk))
    page = dashboard.get("seat_take", pk=seat.pk)
    sent = form_fields(page) | {"method": "card_machine"}
    answer = dashboard.post("seat_take", sent, pk=seat.pk)
    assert answer.url == f"{dashboard.url('entry', pk=entry.pk)}#attendee-{seat.pk}"
    dashboard.post("seat_take", sent, pk=seat.pk)
    assert (owed(seat), rows()) == ([(0, 1200)], [(1200, "card_machine")])
    assert "Take £12.00" not in page_text(dashboard.get("entry", pk=entry.pk))

    made = StudioPayment.objects.get()
    dashboard.post("studio_payment_undo", {"key": str(uuid4())}, pk=made.pk)
    assert (owed(seat), rows()) == ([(1200, 0)], [(1200, "card_machine"), (-1200, "card_machine")])
    assert deeds()[-2:] == [Deed.MONEY_TAKEN, Deed.MONEY_CORRECTED]
    assert list(check_books(now=NOW)) == []


def test_all_is_filled_in_and_the_method_used_last_comes_first(dashboard: Dashboard, entry: Entry, seat: Seat) -> None:
    answer = take(dashboard, seat, method="transfer", note="By bank")
    assert answer.url == dashboard.url("customer_money", pk=seat.customer_id)
    assert (owed(seat), rows()) == ([(0, 1200)], [(1200, "transfer")])
    page = page_text(dashboard.get("customer_money", pk=seat.customer_id))
    assert "Owes nothing" in page
    assert "By bank" in page
    other = book_seat_manually(entry, seat.ticket)
    assert form_fields(dashboard.get("customer_take", None, pk=other.customer_id))["method"] == "transfer"


def test_less_stays_owed_and_more_needs_a_note_and_is_their_credit(dashboard: Dashboard, seat: Seat) -> None:
    take(dashboard, seat, amount="5")
    assert owed(seat) == [(700, 500)]
    refused = take(dashboard, seat, amount="10")
    assert refused.status_code == 422
    assert "That’s £3.00 more than is owed. Say why in a note, or enter £7.00 or less." in page_text(refused)
    assert 'value="10"' in refused.content.decode()
    take(dashboard, seat, amount="10", note="For next time")
    assert owed(seat) == [(-300, 1500)]
    assert "£3.00 credit" in page_text(dashboard.get("to_collect", {"show": "credit"}))


def test_odd_amounts_and_days_are_refused_with_a_way_to_mend_them(dashboard: Dashboard, seat: Seat) -> None:
    tomorrow = (NOW + timedelta(days=1)).date().isoformat()
    for typed, said in (
        ({"day": tomorrow}, "Choose today, or the day in the past when it happened"),
        ({"amount": "0"}, "Amount"),
        ({"amount": "-5"}, "Amount"),
        ({"seats": []}, "For"),
        ({"method": "gold"}, "Choose one from the list"),
    ):
        answer = take(dashboard, seat, **typed)
        assert answer.status_code == 422, typed
        assert said in page_text(answer)
    assert rows() == []


def test_yesterday_s_money_is_in_yesterday_s_cash_book(dashboard: Dashboard, seat: Seat) -> None:
    take(dashboard, seat, day=(NOW - timedelta(days=1)).date().isoformat())
    assert "Nothing taken" in page_text(dashboard.get("cash_book"))
    day = (NOW - timedelta(days=1)).date().isoformat()
    page = page_text(dashboard.get("cash_book", {"since": day, "until": day}))
    assert "Cash £12.00 1 line" in page


def test_the_same_form_twice_takes_it_once(dashboard: Dashboard, seat: Seat) -> None:
    sent = form_fields(dashboard.get("customer_take", None, pk=seat.customer_id))
    for _again in range(2):
        answer = dashboard.post("customer_take", sent, pk=seat.customer_id)
        assert answer.status_code == 302
    assert rows() == [(1200, "cash")]


def test_what_was_taken_meanwhile_is_not_taken_again(dashboard: Dashboard, seat: Seat) -> None:
    form = form_fields(dashboard.get("customer_take", None, pk=seat.customer_id))
    press = form_fields(dashboard.get("seat_take", pk=seat.pk)) | {"method": "cash"}
    take(dashboard, seat, amount="5")
    answer = dashboard.post("customer_take", form, pk=seat.customer_id)
    assert answer.status_code == 422
    assert "What’s owed has changed in the meantime. Nothing has been saved." in page_text(answer)
    answer = dashboard.post("seat_take", press, pk=seat.pk)
    assert "so nothing has been taken" in shown_messages(answer)[-1]
    assert rows() == [(500, "cash")]


def test_money_is_given_back_and_not_owed_again(dashboard: Dashboard, seat: Seat) -> None:
    take(dashboard, seat)
    form = form_fields(dashboard.get("customer_give_back", None, pk=seat.customer_id))
    too_much = dashboard.post("customer_give_back", form | {"amount": "13"}, pk=seat.customer_id)
    assert "Enter £12.00 or less." in page_text(too_much)
    dashboard.post("customer_give_back", form | {"amount": "12"}, pk=seat.customer_id)
    assert (owed(seat), rows()) == ([(0, 0)], [(1200, "cash"), (-1200, "cash")])
    back = StudioPayment.objects.get(amount=-1200)
    dashboard.post("studio_payment_undo", {"key": str(uuid4())}, pk=back.pk)
    assert owed(seat) == [(0, 1200)]
    assert deeds()[-3:] == [Deed.MONEY_TAKEN, Deed.MONEY_GIVEN_BACK, Deed.MONEY_CORRECTED]
    assert list(check_books(now=NOW)) == []


def test_what_was_collected_for_a_cancelled_space_is_their_credit(dashboard: Dashboard, seat: Seat) -> None:
    take(dashboard, seat)
    cancel_by_studio([seat.pk], now=NOW)
    assert owed(seat) == [(-1200, 1200)]
    form = form_fields(dashboard.get("customer_give_back", None, pk=seat.customer_id))
    dashboard.post("customer_give_back", form, pk=seat.customer_id)
    assert owed(seat) == [(0, 0)]


def test_a_mistake_is_corrected_once_and_its_trail_stays(dashboard: Dashboard, seat: Seat) -> None:
    take(dashboard, seat, amount="10", note="In coins")
    wrong = StudioPayment.objects.get()
    form = form_fields(dashboard.get("studio_payment_correct", pk=wrong.pk))
    assert (form["amount"], form["note"]) == ("10.00", "In coins")
    answer = dashboard.post("studio_payment_correct", form | {"amount": "12", "method": "transfer"}, pk=wrong.pk)
    assert answer.status_code == 302
    assert (owed(seat), rows()) == ([(0, 1200)], [(1000, "cash"), (-1000, "cash"), (1200, "transfer")])
    dashboard.post("studio_payment_correct", form | {"amount": "11"}, pk=wrong.pk)
    again = form | {"amount": "11", "key": str(uuid4())}
    assert "corrected already" in shown_messages(dashboard.post("studio_payment_correct", again, pk=wrong.pk))[-1]
    assert len(rows()) == 3
    assert "Corrected" in page_text(dashboard.get("studio_payment", pk=wrong.pk))
    book = page_text(dashboard.get("cash_book"))
    assert "Cash £0.00 2 lines" in book
    assert "Bank transfer £12.00 1 line" in book


def test_the_file_of_the_cash_book_says_the_same(dashboard: Dashboard, seat: Seat) -> None:
    take(dashboard, seat, note="=1+1")
    answer = dashboard.get("cash_book_csv")
    lines = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert lines[0][:5] == ["Date", "Customer", "How", "Amount", "Currency"]
    assert lines[1][2:6] == ["Cash", "12.00", "GBP", "'=1+1"]


def test_waiving_is_told_as_that(dashboard: Dashboard, seat: Seat) -> None:
    dashboard.post("booking_settled", {"seen": "1200"}, pk=seat.booking_id)
    assert (owed(seat), rows(), deeds()[-1]) == ([(0, 0)], [], Deed.OWED_WAIVED)


def test_what_is_owed_for_a_late_cancellation_is_in_every_sum(
    dashboard: Dashboard, entry: Entry, priced: Ticket, seat: Seat
) -> None:
    book_seat_manually(entry, priced, "Bea")
    Account.objects.filter(pk=dashboard.account.pk).update(late_refund_percent=50)
    cancel_by_customer(seat.booking, [seat.pk], now=entry.starts_at - timedelta(minutes=5))

    assert owed(seat) == [(600, 0)]
    assert "Customers owe you £18.00 in all." in page_text(dashboard.get("to_collect"))
    take(dashboard, Seat.objects.get(attendee_name="Bea"), amount="1")
    assert "Still owed £17.00" in page_text(dashboard.get("report_income"))


def test_credit_for_one_space_is_taken_off_what_is_owed_for_another(
    dashboard: Dashboard, entry: Entry, priced: Ticket, seat: Seat
) -> None:
    gone = book_seat_manually(entry, priced, customer=seat.customer)
    take(dashboard, gone, seats=[str(gone.pk)], amount="5")
    cancel_by_studio([gone.pk], now=NOW)

    assert owed(seat, gone) == [(1200, 0), (-500, 500)]
    assert "Customers owe you £7.00 in all." in page_text(dashboard.get("to_collect"))
    form = form_fields(dashboard.get("customer_take", pk=seat.customer_id)) | {"seats": [str(seat.pk), str(gone.pk)]}
    assert form["amount"] == "7.00"
    more = dashboard.post("customer_take", form | {"amount": "12"}, pk=seat.customer_id)
    assert "That’s £5.00 more than is owed." in page_text(more)

    dashboard.post("customer_take", form, pk=seat.customer_id)

    assert (owed(seat, gone), rows()) == ([(0, 1200), (0, 0)], [(500, "cash"), (700, "cash")])
    assert "Owes nothing" in page_text(dashboard.get("customer_money", pk=seat.customer_id))
    dashboard.post("studio_payment_undo", {"key": str(uuid4())}, pk=StudioPayment.objects.latest("pk").pk)
    assert owed(seat, gone) == [(1200, 0), (-500, 500)]
    assert list(check_books(now=NOW)) == []


def test_what_is_owed_for_one_space_is_taken_off_the_credit_for_another(
    dashboard: Dashboard, entry: Entry, priced: Ticket, seat: Seat
) -> None:
    take(dashboard, seat)
    cancel_by_studio([seat.pk], now=NOW)
    other = book_seat_manually(entry, priced, customer=seat.customer)
    take(dashboard, seat, seats=[str(other.pk)], amount="7")

    assert owed(seat, other) == [(-1200, 1200), (500, 700)]
    assert "£7.00 credit" in page_text(dashboard.get("customer_money", pk=seat.customer_id))
    page = dashboard.get("customer_give_back", pk=seat.customer_id)
    assert set(page.context["form"]["seats"].initial) == {str(seat.pk), str(other.pk)}
    assert "£7.00 paid at the studio, £5.00 to pay" in page_text(page)
    form = form_fields(page) | {"seats": [str(seat.pk), str(other.pk)]}
    assert form["amount"] == "7.00"

    dashboard.post("customer_give_back", form, pk=seat.customer_id)

    assert (owed(seat, other), rows()[-1]) == ([(0, 0), (0, 1200)], (-700, "cash"))
    assert list(check_books(now=NOW)) == []


def test_others_see_and_take_nothing(dashboard: Dashboard, entry: Entry, seat: Seat) -> None:
    take(dashboard, seat)
    made = StudioPayment.objects.get()
    leader = open_dashboard(dashboard.account, Role.LEADER)
    strange = open_dashboard(EntryFactory.create().account)
    pages: list[tuple[str, dict[str, Any]]] = [
        ("to_collect", {}),
        ("cash_book", {}),
        ("cash_book_csv", {}),
        ("customer_money", {"pk": seat.customer_id}),
        ("customer_take", {"pk": seat.customer_id}),
        ("customer_give_back", {"pk": seat.customer_id}),
        ("seat_take", {"pk": seat.pk}),
        ("studio_payment", {"pk": made.pk}),
        ("studio_payment_correct", {"pk": made.pk}),
    ]
    for name, where in pages:
        assert leader.get(name, **where).status_code == 404, name
        if where:
            assert strange.get(name, **where).status_code == 404, name
    assert strange.post("studio_payment_undo", {}, pk=made.pk).status_code == 404
    assert "Take £" not in page_text(leader.get("entry", pk=entry.pk))


def test_money_of_spaces_of_another_customer_is_not_taken_with_it(
    dashboard: Dashboard, entry: Entry, seat: Seat
) -> None:
    other = book_seat_manually(entry, seat.ticket)
    Seat.objects.filter(pk=other.pk).update(customer=CustomerFactory.create(account=dashboard.account))
    other.refresh_from_db()
    sent = {"seats": [str(seat.pk), str(other.pk)], "seen": f"{seat.pk}:1200,{other.pk}:1200", "amount": "24"}
    assert take(dashboard, seat, **sent).status_code == 422
    assert rows() == []


def test_the_ledger_is_told(dashboard: Dashboard, seat: Seat) -> None:
    take(dashboard, seat)
    line = LedgerLine.objects.get()
    assert (line.kind, line.method, line.amount, line.customer_id) == (
        "studio_taken",
        MoneyMethod.CASH,
        1200,
        seat.customer_id,
    )
