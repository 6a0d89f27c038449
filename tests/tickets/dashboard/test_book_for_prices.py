"""*Book for* says what a member pays before it books, with their discount, and notes just that."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from time_machine import travel

from accounts.models import Account, Customer
from groups.models import Group
from offers.models import Offer, OfferKind, OfferUse, UsagePeriod
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, TicketFactory, add_member
from tests.tickets.dashboard.test_book_for import book, open_form
from tests.worlds.dashboard import Dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.consistency import check_books
from tickets.models import Entry, Seat, Ticket


@pytest.fixture
def priced(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost")


@pytest.fixture
def gold(studio: Account) -> Group:
    return GroupFactory.create(account=studio, name="Gold")


@pytest.fixture
def ada(studio: Account, gold: Group) -> Customer:
    customer = CustomerFactory.create(account=studio, name="Ada", email="ada@example.org")
    add_member(gold, customer)
    return customer


@pytest.fixture
def discount(gold: Group, entry: Entry) -> Offer:
    return OfferFactory.create(group=gold, page=entry.page, kind=OfferKind.DISCOUNT, percent=10, additional_attendees=1)


def owed() -> list[tuple[int, int, int, bool]]:
    seats = Seat.objects.order_by("pk").values_list("owed", "price", "amount", "discount")
    return [(*row[:3], row[3] is not None) for row in seats]


def confirmed(dashboard: Dashboard, entry: Entry, asked: Any, **more: str) -> Any:
    sent = {**form_fields(asked), "seen": asked.context["form"].shown_versions}
    return dashboard.post("entry_book", sent | more, pk=entry.pk)


def test_the_members_price_is_said_and_noted(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    said = page_text(open_form(dashboard, entry, ada))
    answer = book(dashboard, entry, ada, ticket=priced.pk)

    assert "Drop-in · £10.80 (£12.00 less the discount of Gold)" in said
    assert (answer.status_code, shown_messages(answer)) == (302, ["1 space booked · £10.80 to pay"])
    assert owed() == [(1080, 0, 0, True)]
    assert OfferUse.objects.live().get().kind == OfferKind.DISCOUNT
    booking = page_text(dashboard.get("booking", pk=Seat.objects.get().booking_id))
    assert ("£10.80 to pay" in booking, "£0.00" in booking) == (True, False)
    assert check_books(account=entry.account, now=NOW) == []


def test_what_several_people_pay_is_asked_about_first(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    people = "Ada\nBo\nCy"
    asked = book(dashboard, entry, ada, ticket=priced.pk, attendees=people)

    assert (asked.status_code, Seat.objects.count()) == (409, 0)
    assert "£33.60 to pay: £36.00 less the discount of Gold." in page_text(asked)
    assert "Nothing has been booked yet." in page_text(asked)
    answer = confirmed(dashboard, entry, asked, attendees=people)
    assert shown_messages(answer) == ["3 spaces booked · £33.60 to pay"]
    assert owed() == [(1080, 0, 0, True), (1080, 0, 0, True), (1200, 0, 0, False)]
    assert check_books(account=entry.account, now=NOW) == []


def test_without_a_discount_nothing_more_is_asked(dashboard: Dashboard, entry: Entry, priced: Ticket) -> None:
    ben = CustomerFactory.create(account=entry.account, name="Ben")
    assert "Drop-in · £12.00" in page_text(open_form(dashboard, entry, ben))
    assert shown_messages(book(dashboard, entry, ben, attendees="Ben\nBo")) == ["2 spaces booked · £24.00 to pay"]
    assert owed() == [(1200, 0, 0, False)] * 2


def test_free_of_charge_no_discount_is_used(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    answer = book(dashboard, entry, ada, ticket=priced.pk, free_of_charge="on")
    assert shown_messages(answer) == ["1 space booked"]
    assert (owed(), OfferUse.objects.count()) == ([(0, 0, 0, False)], 0)


def test_a_known_address_typed_as_someone_new_has_the_discount_and_reads_it_first(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    form = form_fields(dashboard.get("entry_book", pk=entry.pk))
    asked = dashboard.post("entry_book", {**form, "email": ada.email, "name": "A", "ticket": priced.pk}, pk=entry.pk)
    assert (asked.status_code, Seat.objects.count()) == (409, 0)
    assert "£10.80 to pay: £12.00 less the discount of Gold." in page_text(asked)
    assert shown_messages(confirmed(dashboard, entry, asked)) == ["1 space booked · £10.80 to pay"]


def test_a_discount_that_ended_meanwhile_is_not_taken_for_seen(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    asked = book(dashboard, entry, ada, ticket=priced.pk, attendees="Ada\nBo")
    Offer.objects.update(percent=20)
    again = confirmed(dashboard, entry, asked, attendees="Ada\nBo")
    assert (again.status_code, Seat.objects.count()) == (409, 0)
    assert "£19.20 to pay: £24.00 less the discount of Gold." in page_text(again)


def test_a_limit_of_the_discount_is_counted_and_returned(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    Offer.objects.update(limit=1)
    asked = book(dashboard, entry, ada, ticket=priced.pk, attendees="Ada\nBo")
    assert "£22.80 to pay: £24.00 less the discount of Gold." in page_text(asked)
    confirmed(dashboard, entry, asked, attendees="Ada\nBo")
    assert sorted(owed()) == [(1080, 0, 0, True), (1200, 0, 0, False)]
    assert "Drop-in · £12.00" in page_text(open_form(dashboard, entry, ada))
    cancel_by_studio(list(Seat.objects.values_list("pk", flat=True)), now=NOW)
    assert (UsagePeriod.objects.get().used, check_books(account=entry.account, now=NOW)) == (0, [])


def test_that_no_use_is_charged_is_said_so(dashboard: Dashboard, entry: Entry, gold: Group, ada: Customer) -> None:
    OfferFactory.create(group=gold, page=entry.page, limit=10)
    TicketFactory.create(entry=entry, group=gold, name="Member")
    assert "Untick this to book without charging a use." in page_text(open_form(dashboard, entry, ada))
    answer = book(dashboard, entry, ada, charges="")
    assert (shown_messages(answer), Seat.objects.get().use) == (["1 space booked · no use charged"], None)


def test_a_walk_in_reads_their_price_before_they_are_booked(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    given = {"name": "Ada", "email": "ada@example.org", "ticket": priced.pk, "key": str(uuid4())}
    with travel(NOW + timedelta(days=2), tick=False):
        asked = dashboard.post("walk_in", given, pk=entry.pk)
        assert (asked.status_code, Seat.objects.count()) == (409, 0)
        assert "£10.80 to pay: £12.00 less the discount of Gold. Nothing has been booked yet." in page_text(asked)

        answer = dashboard.post("walk_in", form_fields(asked), pk=entry.pk)

    assert shown_messages(answer) == ["Booked and present"]
    assert owed() == [(1080, 0, 0, True)]


def test_a_walk_in_whose_price_changed_meanwhile_reads_it_again(
    dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    given = {"name": "Ada", "email": "ada@example.org", "ticket": priced.pk, "key": str(uuid4())}
    with travel(NOW + timedelta(days=2), tick=False):
        asked = dashboard.post("walk_in", given, pk=entry.pk)
        Offer.objects.update(percent=50)
        again = dashboard.post("walk_in", form_fields(asked), pk=entry.pk)

    assert "£6.00 to pay: £12.00 less the discount of Gold." in page_text(again)
    assert Seat.objects.count() == 0


@pytest.mark.parametrize("email", ["", "new@example.org", "bo@example.org"])
def test_a_walk_in_without_a_discount_is_booked_at_once(
    email: str, dashboard: Dashboard, entry: Entry, priced: Ticket, ada: Customer, discount: Offer
) -> None:
    CustomerFactory.create(account=entry.account, name="Bo", email="bo@example.org")
    given = {"name": "Bo", "email": email, "ticket": priced.pk, "key": str(uuid4())}
    with travel(NOW + timedelta(days=2), tick=False):
        answer = dashboard.post("walk_in", given, pk=entry.pk)

    assert shown_messages(answer) == ["Booked and present"]
    assert owed() == [(1200, 0, 0, False)]
