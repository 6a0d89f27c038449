"""What is done in many parts, and a customer who acts while a part of it holds its rows: one waits for the other."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from accounts.models import Letter, Operation
from offers import carrying
from offers.eligibility import Reason
from offers.models import Offer, UsagePeriod
from offers.services import OfferTerms
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.races.crowd import meanwhile
from tests.tickets.schedule.test_moving_many import job_of, move
from tests.worlds.full_class import fill_class
from tests.worlds.replacing import ReplacingStudio, carry_all
from tickets.availability.facts import ANONYMOUS
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, MoveNotice
from tickets.schedule import moving
from tickets.schedule.coverage import CoverageChoice, replace_offer

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WEEKLY = OfferTerms(enabled=True, limit=3, period_unit="week")


def filed() -> list[tuple[int, int]]:
    """By which offers uses are counted, and how many."""
    return list(UsagePeriod.objects.order_by("member", "pk").values_list("offer", "used"))


# An offer that is replaced.


def replaced(studio: ReplacingStudio) -> Offer:
    cover = CoverageChoice(pages=frozenset({studio.page.pk}))
    return replace_offer(Offer.objects.get(pk=studio.offer.pk), WEEKLY, cover, now=NOW)


def test_who_begins_to_use_an_offer_while_it_is_replaced_is_carried_over() -> None:
    studio = ReplacingStudio(booked=0)
    studio.book(customer=0)

    waited, successor = meanwhile(lambda: studio.book(customer=1), partial(replaced, studio))

    assert waited
    assert filed() == [(successor.pk, 1), (successor.pk, 1)]


def test_who_books_while_an_offer_is_replaced_is_charged_by_the_new_one() -> None:
    studio = ReplacingStudio()

    waited, told = meanwhile(partial(replaced, studio), partial(studio.try_to_book, entry=2))

    assert (waited, told) == (True, "booked 1")
    assert filed() == [(studio.successor.pk, 3), (studio.successor.pk, 2)]


def carry(studio: ReplacingStudio, customer: int) -> None:
    source = Offer.objects.select_related("account", "group__account").get(pk=studio.offer.pk)
    carrying.carry_some(source, studio.successor, [studio.members[customer].pk], now=NOW)


def test_a_member_books_while_their_uses_are_carried_over() -> None:
    studio = ReplacingStudio()
    operation = studio.begin()

    waited, told = meanwhile(partial(carry, studio, 0), partial(studio.try_to_book, entry=2))

    assert (waited, told) == (True, "booked 1")
    assert studio.try_to_book(entry=3) == Reason.LIMIT_REACHED
    carry_all(operation)
    assert filed() == [(studio.successor.pk, 3), (studio.successor.pk, 2)]


def test_a_members_uses_are_carried_over_while_they_book() -> None:
    studio = ReplacingStudio()
    operation = studio.begin()

    waited, _none = meanwhile(lambda: studio.book(entry=2), partial(carry, studio, 0))

    assert waited
    carry_all(operation)
    assert filed() == [(studio.successor.pk, 3), (studio.successor.pk, 2)]


# An event that moves.


@pytest.fixture
def bookings(monkeypatch: pytest.MonkeyPatch) -> list[Booking]:
    """Two bookings, of which one is many."""
    monkeypatch.setattr(moving, "MANY", 1)
    entry = EntryFactory.create(starts_at=NOW + timedelta(days=2), title="Yoga", location="Hall")
    return fill_class(entry, TicketFactory.create(entry=entry), 2)


@pytest.fixture
def entry(bookings: list[Booking]) -> Entry:
    return bookings[0].seats.get().entry


def tell(operation: Operation) -> None:
    operation.refresh_from_db()
    notices = MoveNotice.objects.filter(operation=operation).values_list("pk", flat=True)
    moving._tell_some(operation, NOW, list(notices))  # noqa: SLF001 - a batch of the job, to be held


def cancel(booking: Booking) -> None:
    found = Booking.objects.for_checkout().get(pk=booking.pk)
    cancel_by_customer(found, [found.seats.get().pk], now=NOW)


def told(booking: Booking) -> list[str]:
    """What a customer was emailed, in order."""
    letters = Letter.objects.filter(recipient=booking.customer.email).order_by("pk")
    return list(letters.values_list("subject", flat=True))


def test_who_cancels_while_they_are_told_of_a_move_is_told_last_that_it_is_cancelled(
    bookings: list[Booking], entry: Entry
) -> None:
    operation = job_of(move(entry, hours=2))

    waited, _none = meanwhile(partial(tell, operation), partial(cancel, bookings[0]))

    assert waited
    assert told(bookings[0]) == ["Changed: Yoga, now 17 January, 14:00", "Cancelled: Yoga, 17 January, 14:00"]
    assert told(bookings[1]) == ["Changed: Yoga, now 17 January, 14:00"]


def test_who_is_just_cancelling_is_not_told_of_a_move(bookings: list[Booking], entry: Entry) -> None:
    operation = job_of(move(entry, hours=2))

    waited, _none = meanwhile(partial(cancel, bookings[0]), partial(tell, operation))

    assert waited
    assert told(bookings[0]) == ["Cancelled: Yoga, 17 January, 14:00"]
    assert told(bookings[1]) == ["Changed: Yoga, now 17 January, 14:00"]


def test_an_event_that_moves_again_while_its_customers_are_told_tells_them_that_too(
    bookings: list[Booking], entry: Entry
) -> None:
    first = job_of(move(entry, hours=2))

    waited, again = meanwhile(partial(tell, first), partial(move, entry, hours=1))

    assert waited
    carry_all(job_of(again))
    assert [told(each) for each in bookings] == [
        ["Changed: Yoga, now 17 January, 14:00", "Changed: Yoga, now 17 January, 15:00"]
    ] * 2


def test_an_event_that_is_just_moving_again_tells_only_where_it_is_then(bookings: list[Booking], entry: Entry) -> None:
    first = job_of(move(entry, hours=2))

    waited, _none = meanwhile(partial(move, entry, hours=1), partial(tell, first))

    assert waited
    for operation in Operation.objects.order_by("pk"):
        carry_all(operation)
    assert [told(each) for each in bookings] == [["Changed: Yoga, now 17 January, 15:00"]] * 2


def test_who_is_just_booking_is_told_of_a_move_too(bookings: list[Booking], entry: Entry) -> None:
    ticket = TicketFactory.create(entry=entry)
    customer = CustomerFactory.create(account=entry.account)
    ask = (load_entry(entry), customer, [WantedTicket(ticket=ticket.pk, name="Zoe")])

    waited, edited = meanwhile(partial(book, *ask, who=ANONYMOUS, key=uuid4(), now=NOW), partial(move, entry, hours=2))

    assert (waited, edited.told.people) == (True, len(bookings) + 1)
    carry_all(job_of(edited))
    letter = Letter.objects.filter(recipient=customer.email).order_by("pk").last()
    assert letter
    assert letter.subject == "Changed: Yoga, now 17 January, 14:00"
