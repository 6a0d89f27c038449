"""Walk-ins without an address are one customer, and many people: one’s credit never pays what another owes."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Customer
from tests.browsing import form_fields, page_text
from tests.factories.schedule import NOW, TicketFactory
from tests.worlds.dashboard import Dashboard
from tickets.booking.walk_ins import WalkIn, book_walk_in
from tickets.consistency import check_books
from tickets.dashboard.studio.reading import owed_by, to_collect_in_all
from tickets.models import Booking, Entry, Seat, StudioPayment, Ticket
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.usefixtures("_clock")


@pytest.fixture
def priced(entry: Entry) -> Ticket:
    Entry.objects.filter(pk=entry.pk).update(starts_at=NOW, ends_at=NOW.replace(hour=NOW.hour + 1))
    entry.refresh_from_db()
    return TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost")


def came(dashboard: Dashboard, entry: Entry, ticket: Ticket, name: str) -> Seat:
    by = dashboard.account.staff.get().user
    _booked, seat = book_walk_in(entry, WalkIn(name=name, email="", ticket=ticket.pk), by=by, key=uuid4(), now=NOW)
    return seat


@pytest.fixture
def ann(dashboard: Dashboard, entry: Entry, priced: Ticket) -> Seat:
    """Paid £20.00 for £12.00: £8.00 are hers."""
    seat = came(dashboard, entry, priced, "Ann")
    take(dashboard, seat, amount="20", note="No change")
    return seat


@pytest.fixture
def ben(dashboard: Dashboard, entry: Entry, priced: Ticket, ann: Seat) -> Seat:
    """Owes £12.00."""
    return came(dashboard, entry, priced, "Ben")


def take(dashboard: Dashboard, seat: Seat, **typed: Any) -> Any:
    sent = form_fields(dashboard.get("customer_take", {"seat": seat.pk}, pk=seat.customer_id)) | typed
    return dashboard.post("customer_take", sent, pk=seat.customer_id)


def owed(*seats: Seat) -> list[int]:
    return [Seat.objects.values_list("owed", flat=True).get(pk=seat.pk) for seat in seats]


def test_both_what_one_owes_and_what_another_is_owed_is_listed(dashboard: Dashboard, ann: Seat, ben: Seat) -> None:
    assert ann.customer_id == ben.customer_id
    [debt] = dashboard.get("to_collect").context["debtors"]
    [credit] = dashboard.get("to_collect", {"show": "credit"}).context["debtors"]
    assert (debt.owes, [seat.pk for seat in debt.seats]) == (1200, [ben.pk])
    assert (credit.owes, [seat.pk for seat in credit.seats]) == (-800, [ann.pk])
    assert (to_collect_in_all(dashboard.account), owed_by(ben.customer)) == (1200, 1200)
    assert "Owes £12.00" in page_text(dashboard.get("customer", pk=ben.customer_id))
    assert "Customers owe you £12.00 in all." in page_text(dashboard.get("to_collect"))


def test_each_is_paid_for_alone(dashboard: Dashboard, ann: Seat, ben: Seat) -> None:
    lists = dashboard.url("customer_money", pk=ben.customer_id)
    assert dashboard.get("customer_take", pk=ben.customer_id).url == lists
    page = dashboard.client.get(lists)
    assert "nobody’s credit is taken off what someone else owes" in page_text(page)
    assert f"{dashboard.url('customer_take', pk=ben.customer_id)}?seat={ben.pk}" in page.content.decode()
    assert f"{dashboard.url('customer_give_back', pk=ben.customer_id)}?seat={ann.pk}" in page.content.decode()

    fields = form_fields(dashboard.get("customer_take", {"seat": ben.pk}, pk=ben.customer_id))
    assert (fields["amount"], fields["seats"]) == ("12.00", str(ben.pk))
    take(dashboard, ben)
    assert owed(ann, ben) == [-800, 0]
    assert owed_by(ben.customer) == -800

    fields = form_fields(dashboard.get("customer_give_back", {"seat": ann.pk}, pk=ann.customer_id))
    assert fields["amount"] == "8.00"
    dashboard.post("customer_give_back", fields, pk=ann.customer_id)
    assert owed(ann, ben) == [0, 0]
    assert list(check_books(now=NOW)) == []


def test_each_is_named_where_the_studio_itself_would_be(dashboard: Dashboard, ann: Seat, ben: Seat) -> None:
    assert f"{ann.customer} Walk-ins without an address" in page_text(dashboard.get("to_collect"))
    taking = page_text(dashboard.get("customer_take", {"seat": ben.pk}, pk=ben.customer_id))
    assert "Take payment Ben Amount" in taking
    assert "Ann by " in page_text(dashboard.get("customer_money", pk=ann.customer_id))
    assert "Ann Cash No change £20.00" in page_text(dashboard.get("cash_book"))
    assert f"Ann,Cash,20.00,{dashboard.account.currency}" in (
        dashboard.get("cash_book_csv").getvalue().decode().replace('"', "")
    )
    made = StudioPayment.objects.get()
    assert "£20.00 Ann · Cash" in page_text(dashboard.get("studio_payment", pk=made.pk))


@pytest.mark.parametrize("name", ["customer_take", "customer_give_back"])
def test_what_two_pay_for_is_refused(name: str, dashboard: Dashboard, ann: Seat, ben: Seat) -> None:
    sent = {"amount": "4", "method": "cash", "day": str(NOW.date()), "key": str(uuid4())}
    seen = f"{ann.pk}:-800,{ben.pk}:1200"
    answer = dashboard.post(name, sent | {"seats": [ann.pk, ben.pk], "seen": seen}, pk=ann.customer_id)
    assert answer.status_code == 422
    assert "Each walk-in pays separately. Tick the spaces of one person only." in page_text(answer)
    assert owed(ann, ben) == [-800, 1200]


def test_of_several_credits_one_is_ticked(dashboard: Dashboard, entry: Entry, priced: Ticket, ann: Seat) -> None:
    eve = came(dashboard, entry, priced, "Eve")
    take(dashboard, eve, amount="15", note="No change")
    page = dashboard.get("customer_give_back", pk=eve.customer_id)
    fields = form_fields(page)
    assert (fields["amount"], fields["seats"]) == ("3.00", str(eve.pk))


def test_what_a_till_took_meanwhile_lists_nobody_else(dashboard: Dashboard, ann: Seat, ben: Seat) -> None:
    fields = form_fields(dashboard.get("customer_take", {"seat": ben.pk}, pk=ben.customer_id))
    take(dashboard, ben, amount="5")
    answer = dashboard.post("customer_take", fields, pk=ben.customer_id)
    assert "What’s owed has changed in the meantime." in page_text(answer)
    assert list(answer.context["form"].spaces) == [str(ben.pk)]


def test_what_the_studio_itself_booked_is_added_up_as_ever(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ann: Seat, ben: Seat
) -> None:
    """Somebody books under the studio’s own address too: their credit is taken off what they owe, and nobody else’s."""
    cat, dan = came(dashboard, entry, priced, "Cat"), came(dashboard, entry, priced, "Dan")
    Booking.objects.filter(pk__in=[cat.booking_id, dan.booking_id]).update(booker_name="")
    take(dashboard, cat, amount="17", note="No change")
    assert owed(ann, ben, cat, dan) == [-800, 1200, -500, 1200]
    [debt] = dashboard.get("to_collect").context["debtors"]
    [credit] = dashboard.get("to_collect", {"show": "credit"}).context["debtors"]
    assert (debt.owes, credit.owes, to_collect_in_all(dashboard.account)) == (1900, -800, 1900)
    assert [seat.pk for seat in debt.seats] == [ben.pk, cat.pk, dan.pk]
    assert [seat.pk for seat in credit.seats] == [ann.pk]


def test_where_the_class_is_cancelled_credits_are_listed_alone(
    dashboard: Dashboard, entry: Entry, ann: Seat, ben: Seat
) -> None:
    cancel_entry(Entry.objects.get(pk=entry.pk), now=NOW)
    assert owed(ann, ben)[1] == 0
    assert dashboard.get("to_collect").context["debtors"] == []
    assert (
        Customer.objects.get(pk=ann.customer_id)
        == dashboard.get("to_collect", {"show": "credit"}).context["debtors"][0].customer
    )
