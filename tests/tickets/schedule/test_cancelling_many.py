"""An entry that many have booked is over at once; a long job cancels its spaces, each as if it had been at once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter, Operation, OperationState
from offers.models import OfferUse
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import NOW, load_entry
from tests.poison import cure, poison
from tests.worlds.dashboard import open_dashboard
from tests.worlds.members_studio import MembersStudio
from tests.worlds.replacing import carry_all as work_off
from tests.worlds.replacing import go_on
from tests.worlds.till import Till
from tickets.booking.cancel import cancel_by_customer
from tickets.consistency import check_books
from tickets.models import Booking, EntryPlaces, Refund, Seat
from tickets.schedule import cancelling
from tickets.schedule.cancelling import begin_cancelling

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> MembersStudio:
    """Three members with a space each; more than one is many, and they are cancelled one by one."""
    monkeypatch.setattr(cancelling, "MANY", 1)
    monkeypatch.setattr(cancelling, "BATCH", 1)
    studio = MembersStudio(members=3, returns_late_uses=False)
    for number in range(3):
        studio.book(customer=number)
    Letter.objects.all().delete()
    return studio


def begin(studio: MembersStudio) -> Operation:
    operation = begin_cancelling(load_entry(studio.entry), who="", key=uuid4(), now=NOW)
    assert operation
    return operation


def test_nobody_books_it_from_then_on_and_all_spaces_go(studio: MembersStudio) -> None:
    operation = begin(studio)
    studio.add_member()

    assert studio.try_to_book(customer=3) == "cancelled"
    assert (Seat.objects.live().count(), check_books(now=NOW)) == (3, [])

    work_off(operation)
    assert operation.state == OperationState.DONE
    assert (Seat.objects.live().count(), OfferUse.objects.live().count(), EntryPlaces.objects.get().taken) == (0, 0, 0)
    assert list(Letter.objects.values_list("kind", flat=True)) == ["cancelled"] * 3
    assert check_books(now=NOW) == []


def test_a_crash_in_the_middle_goes_on_where_it_was_and_tells_nobody_twice(studio: MembersStudio) -> None:
    operation = begin(studio)
    left = []
    for _ in range(3):
        go_on(operation, seconds=0)
        left.append(Seat.objects.live().count())
        assert check_books(now=NOW) == []
    first = Seat.objects.earliest("pk").pk
    cursor = dict(operation.cursor) | {"after": first - 1}
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.RUNNING, cursor=cursor)

    work_off(operation)

    assert left == [3, 2, 1]
    assert (Letter.objects.count(), Seat.objects.live().count()) == (3, 0)


def test_one_that_cannot_be_cancelled_keeps_no_other_waiting(studio: MembersStudio) -> None:
    operation = begin(studio)
    bad = Seat.objects.order_by("pk")[1]
    poison(bad)

    while go_on(operation) == OperationState.RUNNING or not operation.attempts:
        pass

    assert list(Seat.objects.live()) == [bad]
    cure(bad)
    go_on(operation)
    assert (Seat.objects.live().count(), operation.state) == (0, OperationState.DONE)


def test_a_basket_that_cannot_be_emptied_keeps_no_booking_waiting(till: Till) -> None:
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    till.pay(till.fill(entry, ticket, customer=till.customer_with_login()))
    bad = till.fill(entry, ticket).seats.get()
    operation = begin_cancelling(load_entry(entry), who="", key=uuid4(), now=entry.starts_at - timedelta(hours=1))
    assert operation
    poison(bad)

    assert go_on(operation) == OperationState.QUEUED

    assert list(Seat.objects.live()) == [bad]


def test_who_cancels_meanwhile_has_all_back_also_after_the_cut_off(studio: MembersStudio) -> None:
    begin(studio)
    late = studio.entry.starts_at - timedelta(minutes=1)
    seat = Seat.objects.get(customer=studio.customer)

    cancel_by_customer(seat.booking, [seat.pk], now=late)

    assert OfferUse.objects.get(seat=seat.uuid).ended_at == late


def test_what_was_paid_goes_back_and_baskets_go_first(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "BATCH", 1)
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    till.pay(till.fill(entry, ticket, customer=till.customer_with_login()))
    held = till.fill(entry, ticket)
    operation = begin_cancelling(load_entry(entry), who="", key=uuid4(), now=entry.starts_at - timedelta(hours=1))
    assert operation

    go_on(operation, seconds=0)
    assert Booking.objects.get(pk=held.pk).seats.live().exists() is False
    assert Seat.objects.live().count() == 1
    work_off(operation)

    assert [each.amount for each in Refund.objects.all()] == [1000]
    assert (Seat.objects.live().count(), EntryPlaces.objects.get(entry=entry).taken) == (0, 0)


@pytest.mark.usefixtures("_at_noon")
def test_the_entrys_page_says_how_many_are_left(studio: MembersStudio) -> None:
    dashboard = open_dashboard(studio.account)

    response = dashboard.post("entry_cancel", {}, pk=studio.entry.pk)

    operation = Operation.objects.get()
    assert response["Location"] == dashboard.url("entry", pk=studio.entry.pk)
    page = dashboard.client.get(response["Location"])
    assert shown_messages(page) == ["Entry cancelled. Its spaces are being cancelled, and everyone is emailed."]
    assert "3 spaces are still being cancelled in the background." in page_text(page)
    told = page_text(dashboard.get("operation", pk=operation.pk))
    assert "The entry is already cancelled, so this can’t be stopped." in told
    work_off(operation)
    assert "Everyone booked has been emailed." in page_text(dashboard.get("entry", pk=studio.entry.pk))
    over = dashboard.get("operation", pk=operation.pk)
    assert over.context["place_url"] == dashboard.url("entry", pk=studio.entry.pk)
    assert "Open the entry" in page_text(over)


def test_cancelled_twice_it_is_done_once(studio: MembersStudio) -> None:
    begin(studio)

    assert begin_cancelling(load_entry(studio.entry), who="", key=uuid4(), now=NOW) is None
    assert Operation.objects.count() == 1
